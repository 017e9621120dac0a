import JSON

/// The egress part of a `Sidecar`'s spec (istio/api `networking/v1/sidecar.proto`).
///
/// Only the listener without a port is meshctl's: it stands for all ports that have no listener of their
/// own.
enum SidecarSpec {
    /// The spec with these hosts, all else kept.
    static func setting(_ hosts: [String], in spec: JSONValue) -> JSONValue {
        var listeners = spec["egress"]?.array ?? []
        let value = JSONValue.array(hosts.map(JSONValue.string))
        if let index = listeners.firstIndex(where: isForAllPorts) {
            listeners[index]["hosts"] = value
        } else {
            // Istio wants it last.
            listeners.append(["hosts": value])
        }
        var changed = spec
        changed["egress"] = .array(listeners)
        return changed
    }

    /// Whether these are the hosts, in any order.
    static func says(_ hosts: [String], in spec: JSONValue) -> Bool {
        guard let listener = spec["egress"]?.array?.first(where: isForAllPorts) else {
            return false
        }
        return Set(Self.hosts(of: listener)) == Set(hosts)
    }

    static func hosts(of listener: JSONValue) -> [String] {
        listener["hosts"]?.array?.compactMap(\.string) ?? []
    }

    private static func isForAllPorts(_ listener: JSONValue) -> Bool { listener["port"] == nil }
}
