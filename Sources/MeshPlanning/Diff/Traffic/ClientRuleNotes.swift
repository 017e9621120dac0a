import Diagnostics
import MeshModel

/// What makes a client rule do less than it says, or more.
enum ClientRuleNotes {
    static func diagnostics(
        of entry: ClientEntry, service host: ServiceHost, in index: TrafficIndex
    ) -> [Diagnostic] {
        unknownPorts(entry, host, index) + overlaps(entry, host, index)
    }

    private static func unknownPorts(
        _ entry: ClientEntry, _ host: ServiceHost, _ index: TrafficIndex
    ) -> [Diagnostic] {
        guard !index.unreadable.contains("Service") else { return [] }
        guard let service = index.service(host) else {
            return [
                Diagnostic(
                    .inertClientRule, .warning,
                    "there is no Service \(host.namespace)/\(host.name) for the client rule",
                    detail: "The rule is written, and does nothing until the Service is there.",
                    at: entry.range)
            ]
        }
        return entry.ports.keys.sorted().filter { service.port($0) == nil }.map { port in
            let ports = service.ports.map { String($0.number) }.joined(separator: ", ")
            return Diagnostic(
                .inertClientRule, .warning,
                "Service \(service.meta.text) has no port \(port)",
                detail:
                    "Client rules take the Service's own ports, not those of containers. It has "
                    + "\(ports.isEmpty ? "none" : ports).", at: entry.range)
        }
    }

    /// The client's namespace is asked first, then the Service's, then the root namespace; the most
    /// specific host of the first that has one holds, whole.
    private static func overlaps(
        _ entry: ClientEntry, _ host: ServiceHost, _ index: TrafficIndex
    ) -> [Diagnostic] {
        let all =
            index.rules(forHost: entry.host) + index.wildcardRules.filter { $0.covers(entry.host) }
        let nearer = all.filter {
            ![host.namespace, index.rootNamespace].contains($0.meta.namespace)
        }
        let wider = all.filter {
            $0.meta.namespace == host.namespace && $0.host.hasPrefix("*")
                || $0.meta.namespace == index.rootNamespace && $0.meta.namespace != host.namespace
        }
        func names(_ rules: [DestinationRule]) -> String {
            Set(rules.map(\.meta.text)).sorted().joined(separator: ", ")
        }
        var found: [Diagnostic] = []
        if !nearer.isEmpty {
            found.append(
                Diagnostic(
                    .overlappingRules, .warning,
                    "clients beside \(names(nearer)) do not take the rule for \(entry.host)",
                    detail: "A DestinationRule in the client's own namespace wins over the one in "
                        + "the Service's. Say the same there, or delete it.", at: entry.range))
        }
        if !wider.isEmpty, index.rules(forHost: entry.host, in: host.namespace).isEmpty {
            found.append(
                Diagnostic(
                    .overlappingRules, .warning,
                    "the rule for \(entry.host) takes the place of \(names(wider))",
                    detail: "Of the rules that match a host only the most specific holds, and "
                        + "nothing is merged: what the wider one says besides is lost for this "
                        + "host.", at: entry.range))
        }
        return found
    }
}
