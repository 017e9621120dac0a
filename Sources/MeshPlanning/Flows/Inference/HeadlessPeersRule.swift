import MeshModel

/// The pods of a StatefulSet find each other by the headless Service that it names.
enum HeadlessPeersRule: FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow] {
        facts.state.workloads.filter { $0.kind == .statefulSet && $0.replicas > 1 }
            .flatMap { set -> [Flow] in
                guard let service = facts.service(set.meta.namespace, set.serviceName),
                    service.isHeadless
                else { return [] }
                return service.judgedPorts.map { port in
                    Flow(
                        from: .workload(set.id),
                        to: .service(
                            namespace: service.meta.namespace, name: service.meta.name,
                            port: port.number),
                        origin: .inferred(.headlessPeers),
                        because: "serviceName of StatefulSet \(set.meta.namespace)/"
                            + "\(set.meta.name) with \(set.replicas) replicas")
                }
            }
    }
}
