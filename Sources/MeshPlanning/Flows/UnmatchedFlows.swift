import Diagnostics
import MeshModel

/// Says where a person names flows, and there are none so.
enum UnmatchedFlows {
    /// - Parameters:
    ///   - texts: flows as their whole text.
    ///   - option: that gave them, as it is written.
    ///   - orServers: whether the text of a flow's server names it as well.
    static func diagnostics(
        _ texts: [String], of option: String, among flows: [Flow], orServers: Bool = false
    ) -> [Diagnostic] {
        guard !texts.isEmpty else { return [] }
        var known = Set(flows.map(\.text))
        if orServers { known.formUnion(flows.map(\.server.text)) }
        return texts.filter { !known.contains($0) }.map { text in
            Diagnostic(
                .unmatchedFlow, .warning, "\(option) \(text) matches no flow",
                detail: nearest(to: text, among: flows, orServers).map { "Did you mean '\($0)'?" }
                    ?? "It is written as CLIENT->SERVER:PORT, as messages about flows have it"
                    + (orServers ? ", or as SERVER:PORT." : "."))
        }
    }

    /// The nearest server, and the nearest of its clients: each half may hold a slip.
    private static func nearest(
        to text: String, among flows: [Flow], _ orServers: Bool
    ) -> String? {
        let parts = text.split(separator: ">", maxSplits: 1).map(String.init)
        let servers = Dictionary(grouping: flows, by: \.server.text)
        guard let wanted = parts.last,
            let server = Suggestion.nearest(to: wanted, among: servers.keys.sorted())
        else { return nil }
        if parts.count == 1, orServers { return server }
        let clients = Set((servers[server] ?? []).map(\.client.text)).sorted()
        let client =
            parts.count == 1
            ? clients.first
            : Suggestion.nearest(to: String(parts[0].dropLast()), among: clients)
        return client.map { "\($0)->\(server)" }
    }

    /// - Parameter declared: a flow of the same file that the item would match.
    static func diagnostic(
        of item: IgnoredFlow, declaring declared: Flow?, in facts: InferenceFacts
    ) -> Diagnostic {
        let ends = [item.from.map { "from \($0.words)" }, item.to.map { "to \($0.words)" }]
            .compactMap(\.self).joined(separator: " ")
        return Diagnostic(
            .unmatchedFlow, .warning, "`ignoreFlows` \(ends) matches no flow",
            detail: why(item, declared, in: facts), at: item.range)
    }

    private static func why(
        _ item: IgnoredFlow, _ declared: Flow?, in facts: InferenceFacts
    ) -> String {
        if let declared {
            return
                "It would match \(declared.text), which `flows` of the same file declares: what is "
                + "declared stays. Take one of the two out."
        }
        if item.from?.port != nil { return "No client has a port." }
        let ends = [item.from, item.to].compactMap(\.self)
        return ends.lazy.compactMap { absence(in: $0, facts) }.first
            ?? "No such traffic is declared, observed or concluded from the cluster. Take the item "
            + "out if it has gone."
    }

    /// The first name of an end that the cluster does not have; nil where all are there.
    private static func absence(
        in end: IgnoredFlow.Endpoint, _ facts: InferenceFacts
    ) -> String? {
        func isNear(_ meta: ObjectMeta) -> Bool {
            end.namespace.map { $0 == meta.namespace } ?? true
        }
        if let name = end.namespace,
            let text = absence(of: "namespace", name, facts.state.namespaces.map(\.name))
        {
            return text
        }
        if let name = end.service, !facts.state.flows.unreadable.contains("Service"),
            let text = absence(
                of: "Service", name,
                facts.state.flows.services.map(\.meta).filter(isNear).map(\.name))
        {
            return text
        }
        guard let workload = end.workload else { return nil }
        let pods = facts.state.pods.filter { $0.owner == nil }.map(\.meta)
        return absence(
            of: "workload", WorkloadPattern(workload).name,
            (facts.topmost.map(\.meta) + pods).filter(isNear).map(\.name))
    }

    private static func absence(of kind: String, _ name: String, _ known: [String]) -> String? {
        guard !known.contains(name) else { return nil }
        let meant = Suggestion.nearest(to: name, among: Set(known).sorted())
        return "There is no \(kind) \(name)."
            + (meant.map { " Did you mean \($0)?" } ?? " Check its namespace and name.")
    }
}

extension IgnoredFlow.Endpoint {
    /// `namespace shop, service cart, port 80`; `anyone` where nothing is given.
    fileprivate var words: String {
        let parts = [
            namespace.map { "namespace \($0)" }, workload.map { "workload \($0)" },
            service.map { "service \($0)" }, port.map { "port \($0)" },
        ].compactMap(\.self)
        return parts.isEmpty ? "anyone" : parts.joined(separator: ", ")
    }
}
