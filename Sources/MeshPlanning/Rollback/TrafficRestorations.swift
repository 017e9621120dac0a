import MeshModel

/// The ways back of client rules, external hosts and egress, in batches.
///
/// A rule comes before the entry whose port it leads elsewhere, and goes after it: in between, plaintext
/// would reach a port that wants TLS. Isolation is lifted first and put back last, so that no host is
/// cut off while what declares it is on its way.
struct TrafficRestorations {
    private(set) var batches: [[Change]] = []

    init(_ objects: [RestorableObjects.Traffic]) {
        let changes = objects.compactMap(Self.change)
        func isScope(_ change: TrafficChange) -> Bool { change.kind == .sidecar }
        func isRule(_ change: TrafficChange) -> Bool { change.kind == .destinationRule }
        let groups: [(TrafficChange) -> Bool] = [
            { isScope($0) && $0.before != nil },
            { isRule($0) && $0.after != nil },
            { $0.kind == .serviceEntry },
            { isRule($0) && $0.after == nil },
            { isScope($0) && $0.before == nil },
        ]
        batches = groups.map { group in changes.filter(group).map(Change.traffic) }
            .filter { !$0.isEmpty }
    }

    /// nil when the object is as it was.
    private static func change(_ object: RestorableObjects.Traffic) -> TrafficChange? {
        let (effect, now) = (object.effect, object.now)
        guard now?.image.spec != effect.before?.spec else { return nil }
        return TrafficChange(
            object.kind, namespace: effect.namespace, name: effect.name,
            uid: now?.meta.uid ?? "", before: now?.image,
            after: effect.before.map { PolicyImage(restoring: $0, in: now?.image) },
            isAdopted: effect.isAdopted)
    }
}
