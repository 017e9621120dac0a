import MeshModel

/// What a rollback does not do while an earlier step is not done. It goes on past a step that fails, but never
/// onto ground that this step was to lay.
extension Step {
    /// - Clients leave the mesh, exceptions go and modes tighten only once all servers are relaxed.
    /// - A namespace's new plane goes only once its old one is back.
    /// - A rule for a host outside goes only once the host's own entry is gone, and all of them only once the
    ///   namespace's isolation is lifted.
    /// - A scope tightens only once the exceptions to it are back.
    package func rests(on earlier: Step) -> Bool {
        guard earlier.batch < batch, earlier.phase.isOfRollback else { return false }
        if earlier.phase != phase { return true }
        switch phase {
        case .restore: return earlier.change.namespace == change.namespace
        case .retighten: return true
        case .remove:
            return change.isTraffic && earlier.change.isTraffic
                && earlier.change.namespace == change.namespace
        case .relax, .enroll, .permissive, .strict: return false
        }
    }
}

extension Phase {
    var isOfRollback: Bool {
        switch self {
        case .relax, .restore, .remove, .retighten: true
        case .enroll, .permissive, .strict: false
        }
    }
}

extension Change {
    fileprivate var isTraffic: Bool { if case .traffic = self { true } else { false } }
}
