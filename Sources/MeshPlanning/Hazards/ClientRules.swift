import MeshModel

/// What DestinationRules make sidecars send to the ports of Services, where a rule has a mode of its own.
struct ClientRule {
    var rule: DestinationRule
    var mode: DestinationRule.TLSMode
    var service: Service
    var port: ServicePort
    var endpoints: [FlowIndex.Endpoint]

    /// `shop/cart:80`
    var place: String { "\(service.meta.namespace)/\(service.meta.name):\(port.number)" }

    /// Of each rule that a client takes, what it makes of each TCP port that it covers.
    static func all(
        in context: HazardContext, where wanted: (DestinationRule.TLSMode) -> Bool
    ) -> [[ClientRule]] {
        let rules = context.reached.flows.destinationRules
            .filter { $0.trafficPolicy?.modes.contains(where: wanted) ?? false }
            .sorted { $0.text < $1.text }
        guard !rules.isEmpty else { return [] }
        let takers = RuleTakers(context)
        let services = context.reached.flows.services
            .filter { !$0.isExternalName }.sorted { $0.meta.isBefore($1.meta) }
        let byHost = Dictionary(grouping: services, by: \.host)
        return rules.map { rule in
            let covered =
                rule.host.hasPrefix("*")
                ? services.filter { $0.host.hasSuffix(rule.host.dropFirst()) }
                : byHost[rule.fullHost] ?? []
            return covered.flatMap { service in
                service.ports.filter { $0.transport == "TCP" }.compactMap { port in
                    guard let mode = takers.mode(of: rule, for: service, port), wanted(mode) else {
                        return nil
                    }
                    return ClientRule(
                        rule: rule, mode: mode, service: service, port: port,
                        endpoints: context.then.endpoints(of: service, port: port))
                }
            }
        }
    }
}

/// The pods whose proxies could take a rule.
private struct RuleTakers {
    private let context: HazardContext
    private let byNamespace: [String: [Pod]]
    private let namespaces: [String]

    init(_ context: HazardContext) {
        self.context = context
        let proxies = context.servers.all.flatMap { server in
            server.pods.filter { $0.dataplane == .sidecar || $0.dataplane == .gateway }
        }
        byNamespace = Dictionary(grouping: proxies, by: \.meta.namespace)
        namespaces = byNamespace.keys.sorted()
    }

    /// What the rule makes some client send to the port; nil where another rule is taken by everybody, or
    /// where it says nothing about the port.
    func mode(
        of rule: DestinationRule, for service: Service, _ port: ServicePort
    ) -> DestinationRule.TLSMode? {
        let own = rule.meta.namespace
        let isShared = own == service.meta.namespace || own == context.reached.rootNamespace
        for namespace in isShared ? namespaces : [own] {
            let pods = byNamespace[namespace] ?? []
            let client =
                rule.workloadSelector.map { selector in
                    pods.first { selector.matches($0.meta.labels) }
                } ?? pods.first
            guard let client else { continue }
            let found = context.then.configuration.rules.tls(
                forPort: port.number, ofHost: service.host, in: service.meta.namespace,
                client: .init(namespace: namespace, labels: client.meta.labels))
            if let found, found.decidedBy == rule.text { return found.mode }
        }
        return nil
    }
}

extension DestinationRule {
    /// `shop/cart`
    var text: String { "\(meta.namespace)/\(meta.name)" }

    fileprivate var fullHost: String {
        host.contains(".") ? host : "\(host).\(meta.namespace).svc.cluster.local"
    }
}

extension DestinationRule.TrafficPolicy {
    fileprivate var modes: [DestinationRule.TLSMode] {
        ([tls] + ports.values).compactMap(\.self)
    }
}

extension ObjectMeta {
    fileprivate func isBefore(_ other: ObjectMeta) -> Bool {
        (namespace, name) < (other.namespace, other.name)
    }
}
