import MeshModel

/// Which workloads are known to call which ports of which workloads.
struct KnownClients {
    /// By `shop/Deployment/cart`, by container port.
    private var clients: [String: [Int: Set<String>]] = [:]
    /// Those whose calls may be refused, as the plan file or a person decided.
    private var givenUp: [String: Set<String>] = [:]

    /// - Parameters:
    ///   - dismissed: flows of which no account is taken.
    ///   - accepted: texts of flows that may break.
    init(
        _ guarantee: FlowGuarantee, dismissed: [Flow] = [], accepted: Set<String> = [],
        on observed: MeshState
    ) {
        for flow in guarantee.flows {
            let isGivenUp = flow.flow.expect == .refused || accepted.contains(flow.flow.text)
            for (server, port, client) in Self.calls(of: flow, in: guarantee.world.index) {
                clients[server, default: [:]][port, default: []].insert(client)
                if isGivenUp { givenUp[server, default: []].insert(client) }
            }
        }
        guard !dismissed.isEmpty else { return }
        let others = FlowGuarantee(dismissed, on: observed)
        for flow in others.flows {
            for (server, _, client) in Self.calls(of: flow, in: others.world.index) {
                givenUp[server, default: []].insert(client)
            }
        }
    }

    private static func calls(
        of flow: TrackedFlow, in index: FlowIndex
    ) -> [(server: String, port: Int, client: String)] {
        (flow.pairs + flow.others).compactMap { pair in
            guard let server = pair.endpoint.pod.map({ index.pods[$0] }) else { return nil }
            let client: String
            switch pair.client {
            case .fixed: return nil
            case .pod(let number): client = index.workloads.text(of: index.pods[number])
            case .template(let id): client = id.text
            }
            return (index.workloads.text(of: server), pair.endpoint.port, client)
        }
    }

    /// nil where all that the workload's pod serves stays open: nobody's connection changes.
    func target(
        _ workload: String, of pod: Pod, openPorts: [Int] = []
    ) -> NoPlaintext.Target? {
        let ports = clients[workload] ?? [:]
        let own = pod.containers.filter { $0.name != "istio-proxy" }
        let served = Set(own.flatMap(\.ports).map(\.number)).union(ports.keys)
        guard served.isEmpty || !served.isSubset(of: openPorts) else { return nil }
        return NoPlaintext.Target(
            workload: workload, openPorts: openPorts,
            openPortClients: Set(openPorts.flatMap { ports[$0] ?? [] }).sorted(),
            clients: Set(ports.values.joined()).sorted(),
            givenUp: (givenUp[workload] ?? []).sorted())
    }
}
