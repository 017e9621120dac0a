package import JSON
package import MeshPlanning
import YAML

/// `meshctl state show OBJECT`: what it was, what was written, by which runs, and how sure that is.
package struct StateObjectReport: Report {
    package let formatVersion = "1.0"
    package let kind = "StateObject"
    package var clusterUID: String
    package var server: String
    /// `PeerAuthentication shop/default`
    package var object: String
    /// `in-doubt`, `written` or `done`: of the latest write.
    package var state: String
    /// What a rollback of all these writes goes back to: a policy's labels, annotations and spec, a namespace's
    /// labels; null is absence.
    package var before: JSONValue
    /// What the latest write left, or is to leave.
    package var after: JSONValue
    /// Oldest first.
    package var writes: [ObjectWriteEntry]

    package init(_ managed: ManagedObject, in cluster: ClusterObjects) {
        clusterUID = cluster.clusterUID
        server = cluster.server
        object = managed.object.text
        writes = managed.writes.map { ObjectWriteEntry($0) }
        state = writes.last?.state ?? "done"
        (before, after) = managed.images
    }

    package var document: TextDocument {
        var document = TextDocument()
        var header = TextTable()
        func add(_ name: String, _ value: TextLine) { header.add([TextLine(name, .bold), value]) }
        add("Object", TextLine(object))
        add("Cluster", TextLine("\(server), \(clusterUID)"))
        add("State", TextLine(state, state == "done" ? .green : .yellow))
        document.add(header)
        for (name, image) in [("Before", before), ("After", after)] {
            document.addHeading(name)
            if image.isNull {
                document.add(TextLine("absent", .dim), indent: 2)
            } else {
                document.add(block: Self.trimmed(YAMLWriter.text(image)), indent: 2)
            }
        }
        document.addHeading("Writes")
        for write in writes {
            document.add(
                TextLine(
                    "\(Phrases.time(write.at))  \(write.operation) \(write.run), step \(write.step): "
                        + "\(write.action) ")
                    + TextLine(write.state, write.stateStyle), indent: 2)
            for part in write.detail { document.add(TextLine(part), indent: 4) }
            document.add(TextLine(write.versions, .dim), indent: 4)
        }
        return document
    }

    private static func trimmed(_ text: String) -> String {
        text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}

extension ObjectWriteEntry {
    /// `uid u-1, resourceVersion 41 → 43`
    fileprivate var versions: String {
        let uid = writtenUID ?? uid
        let identity = uid.isEmpty ? "no uid" : "uid \(uid)"
        let old = resourceVersion.isEmpty ? "absent" : resourceVersion
        let new = state == "in-doubt" ? "unknown" : writtenResourceVersion ?? "deleted"
        return "\(identity), resourceVersion \(old) → \(new)"
    }
}

extension ManagedObject {
    /// Before all writes and after them; of labels, every key that one of them touched.
    fileprivate var images: (before: JSONValue, after: JSONValue) {
        let all = writes.map(\.intent.change.images)
        guard let first = all.first, let last = all.last else { return (.null, .null) }
        guard object.kind == "Namespace" else { return (first.0, last.1) }
        var (before, after): ([String: JSONValue], [String: JSONValue]) = ([:], [:])
        for (old, new) in all {
            before.merge(old["labels"]?.object ?? [:]) { first, _ in first }
            after.merge(new["labels"]?.object ?? [:]) { _, last in last }
        }
        return (["labels": .object(before)], ["labels": .object(after)])
    }
}
