import JSON
import MeshModel
import MeshPlanning

/// The objects of a run, with the preconditions and the versions of an API server.
struct FakeCluster: Equatable {
    private(set) var objects: [ObjectReference: CurrentObject] = [:]
    /// How often each change took effect.
    private(set) var effects: [Change: Int] = [:]
    private var everThere: Set<ObjectReference> = []
    private var version = 100

    func read(_ reference: ObjectReference) -> CurrentObject { objects[reference] ?? .absent }

    /// Contents without versions: what two clusters are compared by.
    var contents: [ObjectReference: CurrentObject.Content] { objects.mapValues(\.content) }

    mutating func put(_ reference: ObjectReference, _ content: CurrentObject.Content) {
        version += 1
        everThere.insert(reference)
        let uid = objects[reference]?.uid ?? "uid-\(version)"
        objects[reference] = CurrentObject(
            content: content, uid: uid, resourceVersion: "\(version)")
    }

    mutating func remove(_ reference: ObjectReference) { objects[reference] = nil }

    /// Somebody touches the object where the run does not look: only its version moves.
    mutating func touch(_ reference: ObjectReference) {
        guard let object = objects[reference] else { return }
        put(reference, object.content)
    }

    /// A request that arrives late. A creation has no precondition but absence: one that comes after
    /// the object was made and deleted is out of reach of any client.
    mutating func writeLate(_ intent: StepIntent) {
        if intent.uid.isEmpty, everThere.contains(intent.change.object) { return }
        _ = write(intent)
    }

    private mutating func put(_ reference: ObjectReference, _ image: PolicyImage?) {
        if let image { put(reference, .policy(image)) } else { remove(reference) }
    }

    /// The write of an intent; nil is a 409.
    mutating func write(_ intent: StepIntent) -> WriteReceipt? {
        let reference = intent.change.object
        let object = read(reference)
        guard object.uid == intent.uid, object.resourceVersion == intent.resourceVersion else {
            return nil
        }
        effects[intent.change, default: 0] += 1
        switch (intent.change, object.content) {
        case (.labels(let change), .namespace(let labels)):
            put(reference, .namespace(labels: labels.setting(change.after)))
        case (.restart, _):
            put(reference, .workload(restartedAt: intent.restartedAt))
        case (.policy(let change), _): put(reference, change.after)
        case (.traffic(let change), _): put(reference, change.after)
        case (.labels, _):
            return nil
        }
        let after = read(reference)
        return WriteReceipt(uid: after.uid, resourceVersion: after.resourceVersion)
    }
}
