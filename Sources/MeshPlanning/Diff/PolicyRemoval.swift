import MeshModel

/// The steps that take a policy, or its mode, away and hand its scope to what it inherits.
struct PolicyRemoval {
    private(set) var needs: [PolicyNeed] = []

    /// - Parameters:
    ///   - last: what is left of the object; nil deletes it.
    ///   - before: what the policy's scope accepts today.
    ///   - after: what it accepts without the policy, at the end.
    ///   - detour: where a PERMISSIVE in between is written, if there has to be one.
    ///   - isEnforced: a data plane obeys the policy today.
    init(
        of track: PolicyTrack, leaving last: PolicyImage? = nil, before: AcceptedTraffic,
        after: AcceptedTraffic, detour: PolicyNeed.Order = .namespaces, stage: Stage,
        order: PolicyNeed.Order, wave: String?, isEnforced: Bool
    ) {
        var track = track
        var current = before
        if before.flips(to: after), let image = track.image {
            let between = before.union(after)
            add(
                track.change(to: between.written(into: image)), .permissive, detour, wave,
                loosens: isEnforced && current.loosens(to: between))
            current = between
        }
        add(
            track.change(to: last), stage, order, wave,
            loosens: isEnforced && current.loosens(to: after))
    }

    private mutating func add(
        _ change: PolicyChange?, _ stage: Stage, _ order: PolicyNeed.Order, _ wave: String?,
        loosens: Bool
    ) {
        guard let change else { return }
        needs.append(
            PolicyNeed(
                stage: stage, order: order, wave: wave, change: change,
                marks: loosens ? [.loosens] : []))
    }
}
