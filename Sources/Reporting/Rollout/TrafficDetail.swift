import JSON
import MeshPlanning

/// What a DestinationRule, ServiceEntry or Sidecar says, in words: `host cart.shop, port 9091 DISABLE`.
enum TrafficDetail {
    /// One thing that an object says.
    struct Field: Hashable {
        var name: String
        var value: String

        var text: String { "\(name) \(value)" }
    }

    static func parts(of change: TrafficChange) -> [String] {
        if let parts = pin(change) { return parts }
        switch (change.before, change.after) {
        case (nil, let after?):
            return fields(of: after.spec, change.kind).map(\.text)
        case (let before?, nil):
            return [
                "was " + fields(of: before.spec, change.kind).map(\.text).joined(separator: ", ")
            ]
        case (let before?, let after?):
            return differences(from: before.spec, to: after.spec, change.kind)
                + ChangeDetail.labelChanges(from: before.labels, to: after.labels)
        case (nil, nil):
            return []
        }
    }

    /// nil where it is no pin that is made or taken away.
    private static func pin(_ change: TrafficChange) -> [String]? {
        let ends = [change.before, change.after].compactMap(\.self)
        guard ends.count == 1, let pin = ends.first, pin.isPin else { return nil }
        let host = pin.spec["host"]?.string ?? ""
        let what =
            change.after == nil
            ? "unpins clients of \(host)"
            : "pins clients of \(host) to plaintext until the server has changed its mode"
        let ports = fields(of: pin.spec, change.kind).dropFirst().map(\.name)
        return [what] + ports
    }

    /// Everything that the spec says of what meshctl writes, in order.
    static func fields(of spec: JSONValue, _ kind: TrafficKind) -> [Field] {
        switch kind {
        case .destinationRule: rule(spec)
        case .serviceEntry: entry(spec)
        case .sidecar: scope(spec)
        }
    }

    /// What it says besides.
    static func rest(of spec: JSONValue, _ kind: TrafficKind) -> [String: JSONValue] {
        var rest = spec
        let told: [String] =
            switch kind {
            case .destinationRule: ["host"]
            case .serviceEntry: ["hosts", "ports", "resolution"]
            case .sidecar: ["egress"]
            }
        for key in told { rest[key] = nil }
        if kind == .destinationRule, var policy = rest["trafficPolicy"] {
            policy["tls"] = nil
            let entries = (policy["portLevelSettings"]?.array ?? []).map { entry in
                var entry = entry
                entry["tls"] = nil
                return entry
            }.filter { ($0.object?.count ?? 0) > 1 }
            policy["portLevelSettings"] = entries.isEmpty ? nil : .array(entries)
            rest["trafficPolicy"] = policy.object?.isEmpty == true ? nil : policy
        }
        return rest.object ?? [:]
    }

    /// The host stands before what changes about it.
    private static func differences(
        from before: JSONValue, to after: JSONValue, _ kind: TrafficKind
    ) -> [String] {
        let (old, new) = (fields(of: before, kind), fields(of: after, kind))
        var parts: [String] = []
        for field in new {
            let previous = old.first { $0.name == field.name }?.value
            if previous == field.value {
                if field.name == "host" { parts.append(field.text) }
            } else if let previous {
                parts.append("\(field.name) \(previous) → \(field.value)")
            } else {
                parts.append("+ \(field.text)")
            }
        }
        for field in old where !new.contains(where: { $0.name == field.name }) {
            parts.append("- \(field.text)")
        }
        if rest(of: before, kind) != rest(of: after, kind) {
            parts.append("other fields of the spec")
        }
        return parts
    }

    private static func rule(_ spec: JSONValue) -> [Field] {
        var fields = [Field(name: "host", value: spec["host"]?.string ?? "")]
        let policy = spec["trafficPolicy"]
        if let tls = policy?["tls"] { fields.append(Field(name: "all ports", value: text(tls))) }
        for entry in policy?["portLevelSettings"]?.array ?? [] {
            let port = entry[path: "port", "number"]?.integer.map(String.init) ?? "(none)"
            fields.append(Field(name: "port \(port)", value: entry["tls"].map(text) ?? "automatic"))
        }
        return fields
    }

    /// `MUTUAL, certificate api-client, sni api.example.com`
    private static func text(_ tls: JSONValue) -> String {
        var words = [tls["mode"]?.string ?? "DISABLE"]
        if let name = tls["credentialName"]?.string { words.append("certificate \(name)") }
        if let sni = tls["sni"]?.string { words.append("sni \(sni)") }
        return words.joined(separator: ", ")
    }

    private static func entry(_ spec: JSONValue) -> [Field] {
        let hosts = spec["hosts"]?.array?.compactMap(\.string) ?? []
        let ports = (spec["ports"]?.array ?? []).map { port in
            let target = port["targetPort"]?.integer.map { " to \($0)" } ?? ""
            return Field(
                name: "port \(port["number"]?.integer.map(String.init) ?? "(none)")",
                value: (port["protocol"]?.string ?? "TCP") + target)
        }
        return [Field(name: "host", value: hosts.joined(separator: ", "))] + ports
            + [Field(name: "resolution", value: spec["resolution"]?.string ?? "NONE")]
    }

    private static func scope(_ spec: JSONValue) -> [Field] {
        (spec["egress"]?.array ?? []).map { listener in
            let port = listener[path: "port", "number"]?.integer.map { " on port \($0)" } ?? ""
            let hosts = listener["hosts"]?.array?.compactMap(\.string) ?? []
            return Field(name: "egress\(port)", value: hosts.joined(separator: " "))
        }
    }
}
