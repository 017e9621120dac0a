import MeshModel

/// Services of type NodePort and LoadBalancer are there for clients outside the cluster.
enum NodePortRule: FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow] {
        facts.state.flows.services.filter { ["NodePort", "LoadBalancer"].contains($0.type) }
            .flatMap { service in
                let name = "\(service.meta.namespace)/\(service.meta.name)"
                return service.judgedPorts.map { port in
                    let entrance = port.nodePort.map { " \($0)" } ?? ""
                    return Flow(
                        from: .external,
                        to: .service(
                            namespace: service.meta.namespace, name: service.meta.name,
                            port: port.number),
                        origin: .inferred(.nodePort),
                        because: "\(service.type)\(entrance) of Service \(name)")
                }
            }
    }
}
