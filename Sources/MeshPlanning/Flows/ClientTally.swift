import MeshModel

/// Who calls one port of a workload, and how each of them fares.
package struct ClientTally: Sendable, Hashable, Codable {
    /// The container port.
    package var port: Int
    /// Clients that arrive with a mesh identity.
    package var mtls: Int
    /// Clients that arrive in plaintext, or with TLS of their own, and are let in.
    package var plaintext: Int
    package var refused: Int
    package var unknown: Int

    package var clients: Int { mtls + plaintext + refused + unknown }

    package init(port: Int, mtls: Int = 0, plaintext: Int = 0, refused: Int = 0, unknown: Int = 0) {
        self.port = port
        self.mtls = mtls
        self.plaintext = plaintext
        self.refused = refused
        self.unknown = unknown
    }
}

/// How a client fares; what is worse counts where its pods fare differently.
private enum ClientFate: Int, Comparable {
    case mtls, plaintext, unknown, refused

    init(_ verdict: FlowVerdict) {
        switch verdict.outcome {
        case .carried, .bypassed:
            self = verdict.sent == .mtls || verdict.sent == .hbone ? .mtls : .plaintext
        case .refused, .garbled: self = .refused
        case .unknown: self = .unknown
        }
    }

    static func < (a: ClientFate, b: ClientFate) -> Bool { a.rawValue < b.rawValue }
}

extension FlowGuarantee {
    /// The clients of each workload's ports, as the mesh is now: by `shop/Deployment/cart`, by port.
    func tallies() -> [String: [ClientTally]] {
        var fates: [String: [Int: [String: ClientFate]]] = [:]
        for flow in flows {
            for (pair, verdict) in verdicts(of: flow) {
                guard let server = pair.endpoint.pod.map({ world.index.pods[$0] }) else { continue }
                let name = world.index.workloads.text(of: server)
                let fate = ClientFate(verdict)
                let client = flow.flow.client.text
                let known = fates[name]?[pair.endpoint.port]?[client] ?? fate
                fates[name, default: [:]][pair.endpoint.port, default: [:]][client] =
                    max(known, fate)
            }
        }
        return fates.mapValues { ports in
            ports.sorted { $0.key < $1.key }.map { port, clients in
                func count(_ fate: ClientFate) -> Int { clients.values.count { $0 == fate } }
                return ClientTally(
                    port: port, mtls: count(.mtls), plaintext: count(.plaintext),
                    refused: count(.refused), unknown: count(.unknown))
            }
        }
    }

    /// The verdicts between all ends of a flow, as the mesh is now.
    func verdicts(of flow: TrackedFlow) -> [(TrackedFlow.Pair, FlowVerdict)] {
        let judge = FlowJudge(world.index, forced: flow.flow.sends)
        let peers = flow.targets.map { target in target.endpoints.map { world.endpoint($0) } }
        return (flow.pairs + flow.others).compactMap { pair in
            guard let client = world.client(pair.client) else { return nil }
            let endpoint = world.endpoint(pair.endpoint)
            return (
                pair,
                judge.judge(
                    client, to: flow.targets[pair.target].target, at: endpoint, knownAs: endpoint,
                    peers: peers[pair.target])
            )
        }
    }
}
