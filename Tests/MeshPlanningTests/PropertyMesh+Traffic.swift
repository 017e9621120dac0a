import JSON
import MeshModel
import TestSupport

/// Client rules, external hosts and egress of a random cluster, and what its plan says of them; and whether
/// it enrols by rolling.
extension PropertyMesh {
    static let hosts = ["x.a.svc.cluster.local", "y.b.svc.cluster.local", "z.c.svc.cluster.local"]
    static let externalHosts = ["api.example.com", "*.example.org"]

    /// The objects that are there; the plan's entries are added to the plan.
    mutating func addTraffic(seed: Int) -> [MeshPart] {
        var random = SeededGenerator(seed: seed + 1_000_000)
        var parts: [MeshPart] = []
        for host in Self.hosts {
            let names = host.split(separator: ".").map(String.init)
            if random.oneIn(3) { parts += Self.rule(host, in: names[1], &random) }
            guard random.oneIn(3) else { continue }
            var ports: [Int: ClientTLSMode] = [9091: random.pick([.disable, .simple])]
            if random.oneIn(2) { ports[80] = random.pick([.disable, .istioMutual]) }
            plan.clients.append(client(host, ports, adopt: !random.oneIn(8)))
        }
        for host in Self.externalHosts {
            let space = random.pick(Self.spaces)
            if random.oneIn(3) { parts += Self.entry(host, in: space, &random) }
            if random.oneIn(3) { plan.external += Self.entries(host, in: space, &random) }
        }
        for index in plan.namespaces.indices {
            if plan.namespaces[index].dataplane == .ambient, random.oneIn(2) {
                plan.namespaces[index].enrolment = .rolling
            }
            guard case .name(let name) = plan.namespaces[index].subject else { continue }
            if random.oneIn(4) { parts += Self.scope(in: name, &random) }
            if random.oneIn(4) { plan.namespaces[index].egress = Self.egress(&random) }
        }
        return parts
    }

    private static func owner(_ random: inout SeededGenerator) -> [String: String] {
        random.oneIn(2) ? madeBy(plan: "home") : [:]
    }

    private static func egress(_ random: inout SeededGenerator) -> [String] {
        random.pick([["./*"], ["./*", "istio-system/*"], ["~/*"], ["*/*.example.com", "./*"]])
    }

    private static func rule(
        _ host: String, in namespace: String, _ random: inout SeededGenerator
    ) -> [MeshPart] {
        var settings: [JSONValue] = []
        for port in [80, 9091, 8080] as [Int64] where random.oneIn(2) {
            settings.append(
                [
                    "port": ["number": .integer(port)],
                    "tls": ["mode": .string(random.pick(["DISABLE", "SIMPLE", "ISTIO_MUTUAL"]))],
                ])
        }
        var policy: JSONValue = ["portLevelSettings": .array(settings)]
        if random.oneIn(2) { policy["connectionPool"] = ["tcp": ["maxConnections": 5]] }
        if random.oneIn(3) { policy["tls"] = ["mode": "ISTIO_MUTUAL"] }
        let part = try? destinationRule(
            "\(namespace)/rule", host: host, policy, labels: owner(&random))
        return [part].compactMap(\.self)
    }

    private static func entry(
        _ host: String, in namespace: String, _ random: inout SeededGenerator
    ) -> [MeshPart] {
        let ports = [80, 443, 90].filter { _ in random.oneIn(2) }.map { port -> JSONValue in
            var entry: JSONValue = [
                "number": .integer(Int64(port)), "name": .string("p\(port)"),
                "protocol": .string(random.pick(["HTTP", "TCP", "TLS"])),
            ]
            if random.oneIn(2) { entry["targetPort"] = 8443 }
            return entry
        }
        var spec: JSONValue = ["hosts": [.string(host)], "ports": .array(ports)]
        if random.oneIn(2) { spec["resolution"] = "DNS" }
        let part = try? serviceEntry(
            "\(namespace)/entry-\(host.count)", spec, labels: owner(&random))
        return [part].compactMap(\.self)
    }

    private static func entries(
        _ host: String, in namespace: String, _ random: inout SeededGenerator
    ) -> [ExternalEntry] {
        let adopt = !random.oneIn(8)
        var entries = [external(host, in: namespace, port: 443, "TLS", adopt: adopt)]
        if random.oneIn(2) {
            let tls = ExternalEntry.TLS(mode: .simple)
            entries.append(
                external(host, in: namespace, port: 80, to: 443, tls: tls, adopt: adopt))
        }
        return entries
    }

    private static func scope(
        in namespace: String, _ random: inout SeededGenerator
    ) -> [MeshPart] {
        let hosts = JSONValue.array(egress(&random).map(JSONValue.string))
        let part = try? sidecarScope(
            "\(namespace)/default", ["egress": [["hosts": hosts]]], labels: owner(&random))
        return [part].compactMap(\.self)
    }
}
