import JSON
import MeshModel

/// The part of a DestinationRule's `spec` that says what clients send to a port
/// (istio/api `networking/v1/destination_rule.proto`, `TrafficPolicy`).
enum ClientTLSSpec {
    /// A rule that says this and nothing else.
    static func make(host: String, _ ports: [Int: ExternalEntry.TLS]) -> JSONValue {
        setting(ports, in: ["host": .string(host)])
    }

    /// The spec with these ports' TLS, all else kept.
    ///
    /// An entry of `portLevelSettings` replaces the rule's own policy on its port, so a new one carries
    /// along what the policy says besides TLS.
    static func setting(_ ports: [Int: ExternalEntry.TLS], in spec: JSONValue) -> JSONValue {
        var policy = spec["trafficPolicy"] ?? [:]
        var entries = policy["portLevelSettings"]?.array ?? []
        for (port, tls) in ports.sorted(by: { $0.key < $1.key }) {
            let index = entries.firstIndex { number(of: $0) == port }
            var entry = index.map { entries[$0] } ?? carriedAlong(policy, to: port)
            entry["tls"] = json(tls, over: index == nil ? nil : entry["tls"])
            if let index { entries[index] = entry } else { entries.append(entry) }
        }
        policy["portLevelSettings"] = .array(entries)
        var changed = spec
        changed["trafficPolicy"] = policy
        return changed
    }

    /// The spec without TLS of its own for any port but these.
    static func keeping(_ ports: Set<Int>, in spec: JSONValue) -> JSONValue {
        guard var policy = spec["trafficPolicy"],
            let entries = policy["portLevelSettings"]?.array
        else { return spec }
        let kept = entries.compactMap { entry -> JSONValue? in
            guard let port = number(of: entry), !ports.contains(port), entry["tls"] != nil else {
                return entry
            }
            var rest = entry
            rest["tls"] = nil
            return rest.object?.count == 1 ? nil : rest
        }
        policy["portLevelSettings"] = .array(kept)
        var changed = spec
        changed["trafficPolicy"] = policy
        return changed
    }

    /// Whether clients send this to the port already.
    ///
    /// - Parameter exactly: also nothing that is not asked for.
    static func says(
        _ tls: ExternalEntry.TLS, onPort port: Int, in spec: JSONValue, exactly: Bool
    ) -> Bool {
        guard let found = settings(ofPort: port, in: spec) else { return false }
        func holds(_ wanted: String?, _ key: String) -> Bool {
            let present = found[key]?.string.flatMap { $0.isEmpty ? nil : $0 }
            return wanted == present || (wanted == nil && !exactly)
        }
        return mode(of: found) == tls.mode.rawValue && holds(tls.credentialName, "credentialName")
            && holds(tls.sni, "sni")
    }

    private static func settings(ofPort port: Int, in spec: JSONValue) -> JSONValue? {
        let policy = spec["trafficPolicy"]
        let entry = policy?["portLevelSettings"]?.array?.first { number(of: $0) == port }
        guard let entry else { return policy?["tls"] }
        return entry["tls"]
    }

    /// DISABLE is what the field holds where it is not written.
    private static func mode(of tls: JSONValue) -> String { tls["mode"]?.string ?? "DISABLE" }

    private static func number(of entry: JSONValue) -> Int? {
        entry[path: "port", "number"]?.integer.map { Int($0) }
    }

    private static func carriedAlong(_ policy: JSONValue, to port: Int) -> JSONValue {
        var entry: JSONValue = ["port": ["number": .integer(Int64(port))]]
        for key in ["loadBalancer", "connectionPool", "outlierDetection"] {
            entry[key] = policy[key]
        }
        return entry
    }

    /// What another mode means to a certificate is not known, so with it the rest goes.
    private static func json(
        _ tls: ExternalEntry.TLS, over present: JSONValue?
    ) -> JSONValue {
        var json: JSONValue = [:]
        if let present, mode(of: present) == tls.mode.rawValue { json = present }
        json["mode"] = .string(tls.mode.rawValue)
        if let name = tls.credentialName { json["credentialName"] = .string(name) }
        if let sni = tls.sni { json["sni"] = .string(sni) }
        return json
    }
}
