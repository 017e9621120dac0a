import MeshModel

/// One object on its way through the stages: each change starts where the last one ended.
struct PolicyTrack {
    let namespace: String
    let name: String
    let uid: String
    let isAdopted: Bool
    private(set) var image: PolicyImage?

    init(new name: String, in namespace: String) {
        self.namespace = namespace
        self.name = name
        uid = ""
        isAdopted = false
        image = nil
    }

    init(_ policy: PeerAuthentication, isAdopted: Bool) {
        namespace = policy.meta.namespace
        name = policy.meta.name
        uid = policy.meta.uid
        self.isAdopted = isAdopted
        image = PolicyImage(policy)
    }

    init(_ object: TrafficObject, isAdopted: Bool) {
        namespace = object.meta.namespace
        name = object.meta.name
        uid = object.meta.uid
        self.isAdopted = isAdopted
        image = object.image
    }

    /// nil when the object is so already.
    mutating func change(_ kind: TrafficKind, to next: PolicyImage?) -> TrafficChange? {
        guard next?.spec != image?.spec else { return nil }
        defer { image = next }
        return TrafficChange(
            kind, namespace: namespace, name: name, uid: uid, before: image, after: next,
            isAdopted: isAdopted)
    }

    /// nil when the policy is so already.
    mutating func change(to next: PolicyImage?) -> PolicyChange? {
        guard next?.spec != image?.spec else { return nil }
        defer { image = next }
        return PolicyChange(
            namespace: namespace, name: name, uid: uid, before: image, after: next,
            isAdopted: isAdopted)
    }
}

/// A policy write with its place in the rollout.
struct PolicyNeed {
    var stage: Stage
    /// Where in the stage: a dropped exception after its namespace, namespaces before the mesh, and what
    /// rests on the mesh's own step after it.
    var order: Order = .namespaces
    var wave: String?
    var change: PolicyChange
    var marks: [StepMark] = []

    enum Order { case namespaces, dropped, mesh, afterMesh }
}
