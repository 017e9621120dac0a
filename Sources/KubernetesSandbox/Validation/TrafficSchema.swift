import JSON

/// What the schemas of DestinationRule, ServiceEntry and Sidecar refuse: missing fields, and words that are
/// not of their sets (istio/api `kubernetes/customresourcedefinitions.gen.yaml`).
struct TrafficSchema {
    private var causes: [APIStatus.Cause] = []

    static func causes(_ spec: JSONValue, _ resource: SandboxResource) -> [APIStatus.Cause] {
        var schema = TrafficSchema()
        switch resource.kind {
        case "DestinationRule": schema.check(rule: spec)
        case "ServiceEntry": schema.check(entry: spec)
        default: schema.check(scope: spec)
        }
        return schema.causes
    }

    private static let modes = ["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"]
    private static let resolutions = ["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"]

    private mutating func check(rule spec: JSONValue) {
        require(spec["host"], "spec.host")
        guard let policy = spec["trafficPolicy"] else { return }
        check(policy["tls"]?["mode"], Self.modes, "spec.trafficPolicy.tls.mode")
        for (index, entry) in (policy["portLevelSettings"]?.array ?? []).enumerated() {
            let field = "spec.trafficPolicy.portLevelSettings[\(index)]"
            check(entry["tls"]?["mode"], Self.modes, "\(field).tls.mode")
            checkPort(entry[path: "port", "number"], "\(field).port.number")
        }
    }

    private mutating func check(entry spec: JSONValue) {
        require(spec["hosts"], "spec.hosts")
        check(spec["location"], ["MESH_EXTERNAL", "MESH_INTERNAL"], "spec.location")
        check(spec["resolution"], Self.resolutions, "spec.resolution")
        for (index, port) in (spec["ports"]?.array ?? []).enumerated() {
            let field = "spec.ports[\(index)]"
            require(port["number"], "\(field).number")
            require(port["name"], "\(field).name")
            checkPort(port["number"], "\(field).number")
            checkPort(port["targetPort"], "\(field).targetPort")
        }
    }

    private mutating func check(scope spec: JSONValue) {
        for (index, listener) in (spec["egress"]?.array ?? []).enumerated() {
            require(listener["hosts"], "spec.egress[\(index)].hosts")
        }
        check(
            spec[path: "outboundTrafficPolicy", "mode"], ["REGISTRY_ONLY", "ALLOW_ANY"],
            "spec.outboundTrafficPolicy.mode")
    }

    private mutating func require(_ value: JSONValue?, _ field: String) {
        guard value == nil else { return }
        causes.append(
            APIStatus.Cause(
                reason: "FieldValueRequired", message: "Required value", field: field))
    }

    private mutating func check(_ value: JSONValue?, _ words: [String], _ field: String) {
        guard let value, !words.contains(value.string ?? "") else { return }
        let supported = words.map { "\"\($0)\"" }.joined(separator: ", ")
        causes.append(
            APIStatus.Cause(
                reason: "FieldValueNotSupported",
                message:
                    "Unsupported value: \(value.canonicalText): supported values: \(supported)",
                field: field))
    }

    private mutating func checkPort(_ value: JSONValue?, _ field: String) {
        guard let value, !(value.integer.map { (0...65_535).contains($0) } ?? false) else { return }
        causes.append(
            APIStatus.Cause(
                reason: "FieldValueInvalid",
                message: "Invalid value: \(value.canonicalText): port must be between 1-65535",
                field: field))
    }
}
