package import JSON

/// `spec` of a DestinationRule as it is written (istio/api `networking/v1/destination_rule.proto`).
private struct DestinationRuleSpec: Decodable {
    struct Selector: Decodable { var matchLabels: JSONMap<String>? }
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

extension DestinationRule {
    /// The rule that a spec means. Throws `DecodingError` where a field has another type than Istio's.
    package init(meta: ObjectMeta, spec: JSONValue) throws {
        let read = try spec.decoded(as: DestinationRuleSpec.self)
        self.init(
            meta: meta, host: read.host ?? "", exportTo: read.exportTo ?? [],
            workloadSelector: read.workloadSelector
                .map { LabelSelector($0.matchLabels?.values ?? [:]) },
            trafficPolicy: read.trafficPolicy.map(TrafficPolicy.init), spec: spec)
    }
}

extension DestinationRule.TrafficPolicy {
    fileprivate init(_ policy: DestinationRuleSpec.Policy) {
        self.init(
            tls: policy.tls?.known,
            isPassthrough: policy.loadBalancer?.simple == "PASSTHROUGH")
        for settings in policy.portLevelSettings ?? [] {
            guard let number = settings.port?.number, ports[number] == nil else { continue }
            ports.updateValue(settings.tls?.known, forKey: number)
        }
    }
}
