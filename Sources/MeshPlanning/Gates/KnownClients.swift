import MeshModel

/// Which workloads are known to call which ports of which workloads.
struct KnownClients {
    /// By `shop/Deployment/cart`, by container port.
    private var clients: [String: [Int: Set<String>]] = [:]

    init(_ guarantee: FlowGuarantee) {
        let index = guarantee.world.index
        for flow in guarantee.flows {
            for pair in flow.pairs + flow.others {
                guard let server = pair.endpoint.pod.map({ index.pods[$0] }) else { continue }
                let client: String
                switch pair.client {
                case .fixed: continue
                case .pod(let number): client = index.workloads.text(of: index.pods[number])
                case .template(let id): client = id.text
                }
                clients[index.workloads.text(of: server), default: [:]][
                    pair.endpoint.port, default: []
                ].insert(client)
            }
        }
    }

    func target(_ workload: String, openPorts: [Int] = []) -> NoPlaintext.Target {
        let ports = clients[workload] ?? [:]
        return NoPlaintext.Target(
            workload: workload, openPorts: openPorts,
            openPortClients: Set(openPorts.flatMap { ports[$0] ?? [] }).sorted(),
            clients: Set(ports.values.joined()).sorted())
    }
}
