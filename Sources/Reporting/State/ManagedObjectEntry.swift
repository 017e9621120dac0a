package import JSON
import MeshModel
package import MeshPlanning
import Timing

/// The objects of one cluster that its runs changed and that are not rolled back.
package struct ClusterObjects: Sendable {
    package var clusterUID: String
    /// As the newest run's kubeconfig named it.
    package var server: String
    package var objects: [ManagedObject]

    package init(clusterUID: String, server: String, objects: [ManagedObject]) {
        self.clusterUID = clusterUID
        self.server = server
        self.objects = objects
    }
}

/// A write that is in place, or may be.
package struct ObjectWriteEntry: Encodable, Sendable, Hashable {
    package var run: String
    /// `apply` or `rollback`.
    package var operation: String
    package var step: String
    /// `label`, `restart`, `create`, `update` or `delete`.
    package var action: String
    /// What was written, one part for each thing that differs.
    package var detail: [String]
    /// `in-doubt`, `written` or `done`.
    package var state: String
    /// RFC 3339.
    package var at: String
    /// As read just before; empty where there was no object.
    package var uid: String
    package var resourceVersion: String
    /// As the server's answer had them; null while in doubt, and the version also of a deleted object.
    @OrNull package var writtenUID: String?
    @OrNull package var writtenResourceVersion: String?
    /// null is absence.
    package var before: JSONValue
    package var after: JSONValue

    init(_ write: ObjectWrite) {
        run = write.run.text
        operation = write.kind.rawValue
        step = String(write.step.number)
        action = write.intent.change.action.rawValue
        detail = ChangeDetail.parts(of: write.intent.change)
        state = write.state.rawValue
        at = write.at.rfc3339
        uid = write.intent.uid
        resourceVersion = write.intent.resourceVersion
        _writtenUID = OrNull(wrappedValue: write.receipt?.uid)
        _writtenResourceVersion = OrNull(
            wrappedValue: write.receipt.flatMap {
                $0.resourceVersion.isEmpty ? nil : $0.resourceVersion
            })
        (before, after) = write.intent.change.images
    }

    var stateStyle: TextStyle { state == "done" ? .green : .yellow }
}
