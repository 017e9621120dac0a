import MeshPlanning
import Timing

/// `meshctl state list`: what the runs changed and no rollback undid.
package struct StateListReport: Report {
    package let formatVersion = "1.0"
    package let kind = "StateList"
    package var clusters: [Cluster]

    package struct Cluster: Encodable, Sendable, Hashable {
        package var clusterUID: String
        package var server: String
        package var objects: [Entry]
    }

    package struct Entry: Encodable, Sendable, Hashable {
        /// `PeerAuthentication shop/default`
        package var object: String
        /// `in-doubt`, `written` or `done`: of its latest write.
        package var state: String
        /// The run of its latest write.
        package var run: String
        package var step: String
        /// RFC 3339.
        package var at: String
    }

    package init(_ clusters: [ClusterObjects]) {
        self.clusters = clusters.map { cluster in
            Cluster(
                clusterUID: cluster.clusterUID, server: cluster.server,
                objects: cluster.objects.compactMap { managed in
                    managed.writes.last.map { write in
                        Entry(
                            object: managed.object.text, state: write.state.rawValue,
                            run: write.run.text, step: String(write.step.number),
                            at: write.at.rfc3339)
                    }
                })
        }
    }

    package var document: TextDocument {
        var document = TextDocument()
        let filled = clusters.filter { !$0.objects.isEmpty }
        if filled.isEmpty { document.add("No objects.") }
        for cluster in filled {
            if clusters.count > 1 {
                document.addHeading("\(cluster.server), cluster \(cluster.clusterUID)")
            }
            var table = TextTable(
                header: ["OBJECT", "STATE", "RUN", "STEP", "AT"],
                alignments: [
                    .left, .left, .left, .right,
                ])
            for entry in cluster.objects {
                table.add([
                    TextLine(entry.object),
                    TextLine(entry.state, entry.state == "done" ? .green : .yellow),
                    TextLine(entry.run), TextLine(entry.step), TextLine(Phrases.time(entry.at)),
                ])
            }
            document.add(table)
        }
        return document
    }
}
