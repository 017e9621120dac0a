package import MeshModel
package import MeshPlanning
import Timing

/// `meshctl observe`: who talked to whom and how, and what could not be seen.
package struct ObservationReport: Report {
    package struct Unplaced: Encodable, Sendable, Hashable {
        /// `shop/cart`
        package var server: String
        package var security: String
        package var connections: Int
    }

    package let formatVersion = "1.0"
    package let kind = "Observation"
    package var server: String
    /// RFC 3339.
    package var startedAt: String
    /// The last stored sample; null before the first.
    @OrNull package var sampledAt: String?
    package var goalMilliseconds: Int64
    package var coveredMilliseconds: Int64
    package var isComplete: Bool
    /// Proxies that were asked last.
    package var proxies: Int
    /// All that the state file has of the cluster, plaintext first.
    package var flows: [ObservedFlowEntry]
    /// Counted, and left out, since nothing says at which port.
    package var withoutPort: [Unplaced]
    /// What could not be read, and what to grant.
    package var unseen: [String]

    package init(
        server: String, window: ObservationWindow, proxies: Int, flows: [ObservedFlow],
        unplaced: [FlowAccount.Unplaced], unseen: [String]
    ) {
        self.server = server
        startedAt = window.startedAt.rfc3339
        _sampledAt = OrNull(wrappedValue: window.sampledAt?.rfc3339)
        goalMilliseconds = window.goal
        coveredMilliseconds = window.covered
        isComplete = window.isComplete
        self.proxies = proxies
        self.flows = ObservedFlowSet(flows).sorted.map(ObservedFlowEntry.init)
        withoutPort = unplaced.map {
            Unplaced(
                server: $0.server, security: $0.security.rawValue, connections: $0.connections)
        }
        self.unseen = unseen
    }

    package var document: TextDocument {
        var document = TextDocument()
        if flows.isEmpty {
            document.add(TextLine(proxies == 0 ? Self.noProxies : "No flows were seen."))
        } else {
            document.add(ObservedFlowEntry.table(flows))
        }
        document.addList(
            "Counted, and not listed, since nothing says at which port",
            withoutPort.map {
                "\(Phrases.count($0.connections, "connection")) to \($0.server) in \($0.security)"
            })
        document.addList("Not seen", unseen)
        document.addGap()
        document.add(TextLine(summary, .bold))
        return document
    }

    private static let noProxies =
        "No pod has a sidecar and no ztunnel runs: nothing here tells who talks to whom."

    private var summary: String {
        let plain = flows.count { $0.security == ObservedFlow.Security.plaintext.rawValue }
        let covered = Phrases.duration(milliseconds: coveredMilliseconds)
        let goal = Phrases.duration(milliseconds: goalMilliseconds)
        return
            "\(Phrases.count(flows.count, "flow")), \(plain) in plaintext; watched for \(covered) of \(goal) since "
            + "\(Phrases.time(startedAt))."
    }
}
