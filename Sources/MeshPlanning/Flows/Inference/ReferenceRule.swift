import MeshModel

/// Who names a Service in its environment or arguments probably calls it; surely only by its full host
/// name and a port that it has, and not where the pods name their own Service.
enum ReferenceRule: FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow] {
        let controlled = facts.topmost.flatMap { workload in
            workload.template.references.flatMap {
                flows(
                    $0, from: .workload(workload.id), in: workload.meta.namespace,
                    labels: workload.template.labels, facts)
            }
        }
        let bare = facts.state.pods.filter { $0.owner == nil && $0.isLive }.flatMap { pod in
            pod.references.flatMap {
                flows(
                    $0, from: .pod(namespace: pod.meta.namespace, name: pod.meta.name),
                    in: pod.meta.namespace, labels: pod.meta.labels, facts)
            }
        }
        return controlled + bare
    }

    private static func flows(
        _ reference: HostReference, from client: Flow.Client, in namespace: String,
        labels: [String: String], _ facts: InferenceFacts
    ) -> [Flow] {
        guard let service = facts.service(reference.namespace ?? namespace, reference.service)
        else { return [] }
        let namesItself =
            service.meta.namespace == namespace && !service.selector.isEmpty
            && LabelSelector(service.selector).matches(labels)
        let ports = service.judgedPorts.filter {
            reference.port == nil || $0.number == reference.port
        }
        let isSure = reference.form == .full && reference.port != nil && !namesItself
        return ports.map { port in
            Flow(
                from: client,
                to: .service(
                    namespace: service.meta.namespace, name: service.meta.name, port: port.number),
                origin: .inferred(.reference), certainty: isSure ? .sure : .doubtful,
                because: "\(reference.place) of \(client.text) names \(reference.text)")
        }
    }
}
