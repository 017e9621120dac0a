import JSON

/// What istiod's validating webhook refuses beyond the schemas
/// (istio `pkg/config/validation/validation.go`).
enum IstiodValidation {
    static func check(
        _ object: JSONValue, _ resource: SandboxResource
    ) throws(APIStatus) {
        let spec = object["spec"] ?? [:]
        let mistakes =
            switch resource.qualifiedName {
            case "sidecars.networking.istio.io": scope(spec)
            case "serviceentries.networking.istio.io": entry(spec)
            case "destinationrules.networking.istio.io": rule(spec)
            default: [] as [String]
            }
        guard !mistakes.isEmpty else { return }
        let text =
            mistakes.count == 1
            ? mistakes[0]
            : "\(mistakes.count) errors occurred:\n"
                + mistakes.map { "\t* \($0)\n" }.joined() + "\n"
        throw APIStatus(
            code: 400, reason: "",
            message: "admission webhook \"validation.istio.io\" denied the request: "
                + "configuration is invalid: \(text)")
    }

    private static func scope(_ spec: JSONValue) -> [String] {
        (spec["egress"]?.array ?? []).flatMap { listener -> [String] in
            let hosts = listener["hosts"]?.array?.compactMap(\.string) ?? []
            guard !hosts.isEmpty else {
                return ["sidecar: egress listener must contain at least one host"]
            }
            return hosts.compactMap { host in
                let parts = host.split(separator: "/", omittingEmptySubsequences: false)
                guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                    return "host must be of form namespace/dnsName"
                }
                return parts[0] == "~" && parts[1] != "*"
                    ? "namespace/dnsName with '~' must be of form ~/*" : nil
            }
        }
    }

    private static func entry(_ spec: JSONValue) -> [String] {
        let hosts = spec["hosts"]?.array?.compactMap(\.string) ?? []
        var mistakes: [String] = []
        if hosts.isEmpty { mistakes.append("service entry must have at least one host") }
        mistakes += hosts.filter { $0 == "*" }.map { "invalid host \($0)" }
        let ports = spec["ports"]?.array ?? []
        for (key, what) in [("name", "port name"), ("number", "port")] {
            var seen: Set<JSONValue> = []
            for value in ports.compactMap({ $0[key] }) where !seen.insert(value).inserted {
                mistakes.append("service entry \(what) \(value.canonicalText) already defined")
            }
        }
        let endpoints = spec["endpoints"]?.array ?? []
        switch spec["resolution"]?.string ?? "NONE" {
        case "NONE" where !endpoints.isEmpty:
            mistakes.append("no endpoints should be provided for resolution type none")
        case "DNS", "DNS_ROUND_ROBIN":
            guard endpoints.isEmpty else { break }
            mistakes += hosts.filter { $0.hasPrefix("*") }.map { _ in
                "hosts must be FQDN if no endpoints are provided for resolution mode DNS"
            }
        default: break
        }
        return mistakes
    }

    private static func rule(_ spec: JSONValue) -> [String] {
        (spec[path: "trafficPolicy", "portLevelSettings"]?.array ?? [])
            .filter { $0["port"] == nil }.map { _ in "portLevelSettings must specify a port" }
    }
}
