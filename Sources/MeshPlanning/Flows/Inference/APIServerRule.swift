import MeshModel

/// The API server calls webhooks and aggregated APIs, without a proxy and in TLS of its own.
enum APIServerRule: FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow] {
        facts.state.flows.apiServerCalls.compactMap { call in
            guard facts.service(call.namespace, call.service)?.port(call.port) != nil else {
                return nil
            }
            let webhook = call.webhook.isEmpty ? "" : "webhook \(call.webhook) of "
            return Flow(
                from: .apiServer,
                to: .service(namespace: call.namespace, name: call.service, port: call.port),
                origin: .inferred(call.purpose == .apiService ? .apiService : .webhook),
                because: "\(webhook)\(call.purpose.rawValue) \(call.object)", sends: .tls)
        }
    }
}
