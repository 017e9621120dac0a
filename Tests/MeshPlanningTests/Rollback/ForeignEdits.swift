import JSON
import MeshModel
import MeshPlanning
import TestSupport

/// What somebody else does to some of the objects of a run, after it and before its rollback.
struct ForeignEdits {
    /// The cluster with the edits.
    private(set) var state: MeshState
    /// The objects that are not as the run left them any more, nor as they were before it.
    private(set) var objects: Set<ObjectReference> = []
    /// The cluster as it was before the run, but for these objects.
    private(set) var expected: MeshState

    init(of run: RandomRun, seed: Int) {
        var random = SeededGenerator(seed: seed &+ 7)
        state = run.model.state
        expected = run.before
        for object in run.model.run.writtenObjects.sorted() where random.oneIn(3) {
            switch object.kind {
            case "PeerAuthentication": editPolicy(object, &random)
            case "Namespace": editLabels(object, of: run.model.run)
            default: break
            }
        }
    }

    /// Another spec; in one case out of three the object goes, or comes back.
    private mutating func editPolicy(
        _ object: ObjectReference, _ random: inout SeededGenerator
    ) {
        let now = state.policy(object)
        if now != nil, random.oneIn(3) {
            // Where it was absent before, that is what the rollback is after itself.
            guard expected.policy(object) != nil else { return }
            write(nil, to: object)
            return
        }
        var spec = now?.spec ?? PolicySpec.make(mode: .strict)
        spec = PolicySpec.setting(mode: random.pick(PropertyMesh.modes), in: spec)
        spec["note"] = "edited by hand"
        write(
            PolicyImage(
                labels: now?.meta.labels ?? [:], annotations: ["by": "somebody"], spec: spec),
            to: object)
    }

    private mutating func write(_ image: PolicyImage?, to object: ObjectReference) {
        objects.insert(object)
        state = state.writing(image, to: object)
        expected = expected.writing(image, to: object)
    }

    /// A key that the run wrote gets a third value. The namespace's pods stay where that leaves them.
    private mutating func editLabels(_ object: ObjectReference, of run: RunState) {
        let keys = run.rollout.steps.compactMap { step -> String? in
            guard case .labels(let labels) = step.change, labels.namespace == object.name,
                run.intent(of: step.id) != nil
            else { return nil }
            return labels.after.keys.min()
        }
        guard let key = keys.first else { return }
        objects.insert(object)
        state = state.applying([
            .labels(
                NamespaceLabelChange(
                    namespace: object.name, uid: "", before: [:], after: [key: "by-hand"]))
        ])
        for (index, namespace) in state.namespaces.enumerated() where namespace.name == object.name
        {
            expected.namespaces[index] = namespace
        }
        for (index, pod) in state.pods.enumerated() where pod.meta.namespace == object.name {
            expected.pods[index] = pod
        }
    }
}

extension MeshState {
    fileprivate func policy(_ object: ObjectReference) -> PeerAuthentication? {
        peerAuthentications.first {
            $0.meta.namespace == object.namespace && $0.meta.name == object.name
        }
    }

    fileprivate func writing(_ image: PolicyImage?, to object: ObjectReference) -> MeshState {
        applying([
            .policy(
                PolicyChange(
                    namespace: object.namespace, name: object.name, uid: "", before: nil,
                    after: image))
        ])
    }

    var specs: [String: JSONValue] { images.mapValues(\.spec) }
}
