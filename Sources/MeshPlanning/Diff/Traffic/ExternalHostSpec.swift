import JSON
import MeshModel

/// The `spec` of the ServiceEntries that meshctl writes (istio/api `networking/v1/service_entry.proto`).
enum ExternalHostSpec {
    /// - Parameter entries: those of one host, at least one; they agree on the resolution.
    static func make(host: String, _ entries: [ExternalEntry]) -> JSONValue {
        setting(entries, in: ["hosts": [.string(host)], "location": external])
    }

    /// The spec with these ports, all else kept.
    static func setting(_ entries: [ExternalEntry], in spec: JSONValue) -> JSONValue {
        var changed = spec
        var ports = spec["ports"]?.array ?? []
        for entry in entries.sorted(by: { $0.port < $1.port }) {
            let index = ports.firstIndex { number(of: $0) == entry.port }
            var port = index.map { ports[$0] } ?? new(entry)
            port["protocol"] = .string(entry.protocol)
            let target = entry.targetPort ?? entry.port
            port["targetPort"] = target == entry.port ? nil : .integer(Int64(target))
            if let index { ports[index] = port } else { ports.append(port) }
            if let name = port["name"]?.string, let endpoints = changed["endpoints"]?.array {
                changed["endpoints"] = .array(
                    endpoints.map { endpoint in
                        guard endpoint[path: "ports", name] != nil else { return endpoint }
                        var ports = endpoint["ports"] ?? [:]
                        ports[name] = .integer(Int64(target))
                        var changed = endpoint
                        changed["ports"] = ports
                        return changed
                    })
            }
        }
        changed["ports"] = .array(ports)
        if let resolution = entries.first?.resolution,
            Self.resolution(of: spec) != resolution.rawValue
        {
            changed["resolution"] = .string(resolution.rawValue)
        }
        if location(of: spec) != external { changed["location"] = external }
        return changed
    }

    /// The spec without any port but these.
    static func keeping(_ ports: Set<Int>, in spec: JSONValue) -> JSONValue {
        var changed = spec
        changed["ports"] = .array(
            (spec["ports"]?.array ?? []).filter { number(of: $0).map(ports.contains) ?? true })
        return changed
    }

    /// Whether the host has this port already, in other words perhaps.
    static func says(_ entry: ExternalEntry, in spec: JSONValue) -> Bool {
        guard let port = spec["ports"]?.array?.first(where: { number(of: $0) == entry.port }) else {
            return false
        }
        return port["protocol"]?.string?.uppercased() == entry.protocol
            && targets(of: port, in: spec).allSatisfy { $0 == entry.targetPort ?? entry.port }
            && resolution(of: spec) == entry.resolution.rawValue && location(of: spec) == external
    }

    /// Where the port leads: an endpoint may have a number of its own for it.
    private static func targets(of port: JSONValue, in spec: JSONValue) -> [Int] {
        let written = port["targetPort"]?.integer.flatMap { $0 == 0 ? nil : Int($0) }
        let usual = written ?? number(of: port) ?? 0
        let name = port["name"]?.string ?? ""
        let endpoints = spec["endpoints"]?.array ?? []
        guard !endpoints.isEmpty else { return [usual] }
        return endpoints.map { $0[path: "ports", name]?.integer.map { Int($0) } ?? usual }
    }

    private static let external: JSONValue = "MESH_EXTERNAL"

    /// MESH_EXTERNAL and NONE are what the fields hold where they are not written.
    private static func location(of spec: JSONValue) -> JSONValue { spec["location"] ?? external }

    private static func resolution(of spec: JSONValue) -> String {
        spec["resolution"]?.string ?? "NONE"
    }

    private static func number(of port: JSONValue) -> Int? {
        port["number"]?.integer.map { Int($0) }
    }

    private static func new(_ entry: ExternalEntry) -> JSONValue {
        [
            "number": .integer(Int64(entry.port)),
            "name": .string("\(entry.protocol.lowercased())-\(entry.port)"),
        ]
    }
}
