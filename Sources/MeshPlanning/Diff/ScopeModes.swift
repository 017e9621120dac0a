import MeshModel

/// The mode of a scope on its way through the stages; never `.unset`.
struct ScopeModes: Equatable {
    var now: MTLSMode
    /// At the end of the stage `enroll`: another one where plaintext had to be kept alive.
    var enrolled: MTLSMode
    /// At the end of the stage `permissive`.
    var permissive: MTLSMode
    var finally: MTLSMode

    init(staying mode: MTLSMode) {
        now = mode
        enrolled = mode
        permissive = mode
        finally = mode
    }

    /// What an explicit mode makes of the inherited ones.
    init(explicit: MTLSMode?, inherited: ScopeModes) {
        self = explicit.map(ScopeModes.init(staying:)) ?? inherited
    }

    /// Whether the scope has this mode all the way.
    func stays(_ mode: MTLSMode) -> Bool { self == ScopeModes(staying: mode) }
}
