package import MeshModel
import Timing

/// A flow as reports show it.
package struct ObservedFlowEntry: Encodable, Sendable, Hashable {
    /// As `explain --from` takes it; an address, or `unknown`, for somebody else.
    package var client: String
    /// As `explain --to` takes it.
    package var server: String
    /// `plaintext`, `mutual-tls`
    package var security: String
    /// RFC 3339.
    package var firstSeen: String
    package var lastSeen: String
    package var connections: Int

    package init(_ flow: ObservedFlow) {
        client = flow.client.text
        server = flow.server.text
        security = flow.security.rawValue
        firstSeen = flow.firstSeen.rfc3339
        lastSeen = flow.lastSeen.rfc3339
        connections = flow.connections
    }

    static func table(_ flows: [ObservedFlowEntry]) -> TextTable {
        var table = TextTable(
            header: ["CLIENT", "SERVER", "SECURITY", "FIRST SEEN", "LAST SEEN", "COUNT"],
            alignments: [.left, .left, .left, .left, .left, .right])
        for flow in flows {
            table.add([
                TextLine(flow.client), TextLine(flow.server),
                TextLine(
                    flow.security,
                    flow.security == ObservedFlow.Security.plaintext.rawValue ? .yellow : .green),
                TextLine(Phrases.time(flow.firstSeen)), TextLine(Phrases.time(flow.lastSeen)),
                TextLine("\(flow.connections)"),
            ])
        }
        return table
    }
}
