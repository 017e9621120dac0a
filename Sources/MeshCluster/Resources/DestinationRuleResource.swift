import MeshModel

/// A DestinationRule, `networking.istio.io/v1` and its betas.
struct DestinationRuleResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        struct Selector: Decodable { var matchLabels: [String: String]? }
        struct TLS: Decodable {
            var mode: String?

            /// DISABLE is what the field holds where it is not written.
            var known: DestinationRule.TLSMode? {
                mode.map(DestinationRule.TLSMode.init(rawValue:)) ?? .disable
            }
        }
        struct PortNumber: Decodable { var number: Int? }
        struct PortSettings: Decodable {
            var port: PortNumber?
            var tls: TLS?
        }
        struct LoadBalancer: Decodable { var simple: String? }
        struct Policy: Decodable {
            var tls: TLS?
            var loadBalancer: LoadBalancer?
            var portLevelSettings: [PortSettings]?
        }

        var host: String?
        var exportTo: [String]?
        var workloadSelector: Selector?
        var trafficPolicy: Policy?
    }

    let rule: DestinationRule

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        rule = DestinationRule(
            meta: metadata.meta(defaultNamespace: "default"), host: spec?.host ?? "",
            exportTo: spec?.exportTo ?? [],
            workloadSelector: spec?.workloadSelector.map { LabelSelector($0.matchLabels ?? [:]) },
            trafficPolicy: spec?.trafficPolicy.map(Self.policy))
    }

    private static func policy(_ policy: Spec.Policy) -> DestinationRule.TrafficPolicy {
        var ports: [Int: DestinationRule.TLSMode?] = [:]
        for settings in policy.portLevelSettings ?? [] {
            guard let number = settings.port?.number, ports[number] == nil else { continue }
            ports.updateValue(settings.tls?.known, forKey: number)
        }
        return DestinationRule.TrafficPolicy(
            tls: policy.tls?.known, ports: ports,
            isPassthrough: policy.loadBalancer?.simple == "PASSTHROUGH")
    }
}
