import MeshModel

/// The flows that telemetry has shown, as far as both ends are still there: what has gone cannot be cut off.
enum ObservedFlows {
    static func flows(_ observed: [ObservedFlow], in facts: InferenceFacts) -> [Flow] {
        if observed.isEmpty { return [] }
        let ends = Ends(facts)
        return observed.compactMap { observed in
            guard let client = ends.client(observed.client),
                let server = ends.server(observed.server)
            else { return nil }
            let count = observed.connections
            return Flow(
                from: client, to: server, origin: .observed,
                because: "\(count) \(count == 1 ? "connection was" : "connections were") seen, in "
                    + observed.security.rawValue)
        }
    }

    private struct Ends {
        private let facts: InferenceFacts
        private let workloads: Set<WorkloadID>
        private let pods: Set<[String]>
        private let nodes: Set<String>

        init(_ facts: InferenceFacts) {
            self.facts = facts
            workloads = Set(facts.state.workloads.map(\.id))
            pods = Set(facts.state.pods.map { [$0.meta.namespace, $0.meta.name] })
            nodes = Set(facts.state.pods.map(\.nodeName))
        }

        func client(_ client: ObservedFlow.Client) -> Flow.Client? {
            switch client {
            case .workload(let id): workloads.contains(id) ? .workload(id) : nil
            case .pod(let namespace, let name):
                pods.contains([namespace, name]) ? .pod(namespace: namespace, name: name) : nil
            case .node(let name): nodes.contains(name) ? .node(name) : nil
            case .address(let text): .cidr(text + (text.contains(":") ? "/128" : "/32"))
            // Whoever it is: the gates find out whether it still calls.
            case .unknown: nil
            }
        }

        func server(_ server: ObservedFlow.Server) -> Flow.Server? {
            switch server {
            case .service(let namespace, let name, let port):
                facts.service(namespace, name)?.port(port) == nil
                    ? nil : .service(namespace: namespace, name: name, port: port)
            case .workload(let id, let port):
                workloads.contains(id) ? .workload(id, port: port) : nil
            case .pod(let namespace, let name, let port):
                pods.contains([namespace, name])
                    ? .pod(namespace: namespace, name: name, port: port) : nil
            }
        }
    }
}
