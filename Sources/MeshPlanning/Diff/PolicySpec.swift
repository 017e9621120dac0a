package import JSON
package import MeshModel

/// The `spec` of the PeerAuthentications that meshctl writes (istio/api `PeerAuthentication`).
package enum PolicySpec {
    package static func make(
        mode: MTLSMode, selector: LabelSelector? = nil, ports: [Int: MTLSMode] = [:]
    ) -> JSONValue {
        var spec: [String: JSONValue] = ["mtls": ["mode": .string(mode.rawValue)]]
        if let selector { spec["selector"] = ["matchLabels": JSONValue(selector.matchLabels)] }
        if !ports.isEmpty {
            spec["portLevelMtls"] = .object(
                Dictionary(
                    uniqueKeysWithValues: ports.map { port, mode in
                        (String(port), ["mode": .string(mode.rawValue)] as JSONValue)
                    }))
        }
        return .object(spec)
    }

    /// `spec` with another top-level mode, all else kept: how a policy of somebody else is changed in place.
    package static func setting(mode: MTLSMode, in spec: JSONValue) -> JSONValue {
        var changed = spec
        var mtls = changed["mtls"] ?? [:]
        mtls["mode"] = .string(mode.rawValue)
        changed["mtls"] = mtls
        return changed
    }

    /// `spec.mtls.mode`, `.unset` where it is absent or unknown.
    package static func mode(of spec: JSONValue) -> MTLSMode {
        spec[path: "mtls", "mode"]?.string.flatMap(MTLSMode.init) ?? .unset
    }

    /// `spec.portLevelMtls`, without entries that are no ports or modes.
    package static func ports(of spec: JSONValue) -> [Int: MTLSMode] {
        var ports: [Int: MTLSMode] = [:]
        for (key, value) in spec["portLevelMtls"]?.object ?? [:] {
            guard let port = Int(key) else { continue }
            ports[port] = value["mode"]?.string.flatMap(MTLSMode.init) ?? .unset
        }
        return ports
    }

    /// `spec.selector`; nil where there is none.
    package static func selector(of spec: JSONValue) -> LabelSelector? {
        spec["selector"]?.object.map { LabelSelector(($0["matchLabels"] ?? [:]).stringMap) }
    }
}
