package import MeshModel
package import Timing

/// Plaintext that `meshctl observe` has stored of a target: to one closed port, from one place.
///
/// It only ever speaks against a target. What it does not show proves nothing.
package struct ObservedPlaintext: Sendable, Hashable {
    /// `batch/deployment/report`, `node/kube-1`, `192.0.2.1`, `unknown`
    package var from: String
    /// The container's.
    package var port: Int
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var connections: Int

    package init(
        from: String, port: Int, firstSeen: Timestamp, lastSeen: Timestamp, connections: Int
    ) {
        self.from = from
        self.port = port
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.connections = connections
    }

    var line: String {
        "meshctl observe: plaintext from \(from) to port \(port), "
            + "\(HazardWords.count(connections, "time")) between \(firstSeen.rfc3339) and \(lastSeen.rfc3339)"
    }
}

extension ObservedPlaintext {
    /// What was observed of a target, sorted. A client that has a data plane by now, or has gone, is left out: it sends
    /// no plaintext any more by what it is.
    package static func all(
        _ flows: [ObservedFlow], to target: NoPlaintext.Target, in state: MeshState
    ) -> [ObservedPlaintext] {
        let plaintext = flows.filter { $0.security == .plaintext }
        if plaintext.isEmpty { return [] }
        let index = WorkloadIndex(state)
        let pods = state.pods.filter { index.text(of: $0) == target.workload }
        let callers = Set(
            state.pods.filter { $0.isLive && $0.dataplane == .none }.map(index.text(of:)))
        var found: [ObservedPlaintext] = []
        for flow in plaintext where counts(flow.client, callers, target.givenUp) {
            for port in ports(of: flow.server, at: pods, target, state)
            where !target.openPorts.contains(port) {
                found.append(
                    ObservedPlaintext(
                        from: flow.client.text, port: port, firstSeen: flow.firstSeen,
                        lastSeen: flow.lastSeen, connections: flow.connections))
            }
        }
        return found.sorted { ($0.from, $0.port) < ($1.from, $1.port) }
    }

    private static func counts(
        _ client: ObservedFlow.Client, _ callers: Set<String>, _ givenUp: [String]
    ) -> Bool {
        switch client {
        case .workload(let id): callers.contains(id.text) && !givenUp.contains(id.text)
        case .pod(let namespace, let name):
            callers.contains("\(namespace)/Pod/\(name)")
                && !givenUp.contains("\(namespace)/Pod/\(name)")
        case .node, .address, .unknown: true
        }
    }

    /// The container ports at which the target's pods are this server.
    private static func ports(
        of server: ObservedFlow.Server, at pods: [Pod], _ target: NoPlaintext.Target,
        _ state: MeshState
    ) -> Set<Int> {
        switch server {
        case .workload(let id, let port): id.text == target.workload ? [port] : []
        case .pod(let namespace, let name, let port):
            "\(namespace)/Pod/\(name)" == target.workload ? [port] : []
        case .service(let namespace, let name, let number):
            Set(
                state.flows.services.filter {
                    $0.meta.namespace == namespace && $0.meta.name == name && !$0.selector.isEmpty
                }.flatMap { service in
                    pods.filter {
                        $0.meta.namespace == namespace
                            && LabelSelector(service.selector).matches($0.meta.labels)
                    }.compactMap { service.port(number)?.resolved(on: $0) }
                })
        }
    }
}
