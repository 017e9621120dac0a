import Diagnostics
import MeshModel

/// The flows of the plan file, their ends found in what was read; an end that is not there is an error.
struct DeclaredFlows {
    private(set) var flows: [Flow] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(_ entries: [FlowEntry], in facts: InferenceFacts) {
        guard !entries.isEmpty else { return }
        let workloads = Dictionary(grouping: facts.topmost, by: \.meta.namespace)
        for entry in entries {
            let client = client(entry, workloads)
            let server = server(entry, facts)
            guard let client, let server else { continue }
            flows.append(
                Flow(
                    from: client, to: server, origin: .declared, because: "flows of the plan file",
                    expect: entry.expect))
        }
    }

    private mutating func client(
        _ entry: FlowEntry, _ workloads: [String: [Workload]]
    ) -> Flow.Client? {
        switch entry.from {
        case .external: return .external
        case .apiserver: return .apiServer
        case .node(let name): return .node(name)
        case .cidr(let range): return .cidr(range)
        case .cluster(let name): return .cluster(name)
        case .workload(let namespace, let text):
            let parts = text.split(separator: "/").map(String.init)
            if parts.count == 2, parts[0] == "pod" {
                return .pod(namespace: namespace, name: parts[1])
            }
            let name = parts.last ?? text
            let known = workloads[namespace] ?? []
            let found = known.filter {
                $0.meta.name == name
                    && (parts.count == 1 || $0.kind.rawValue.lowercased() == parts[0])
            }
            if found.count == 1 { return .workload(found[0].id) }
            let kinds = found.map { "\($0.kind.rawValue.lowercased())/\(name)" }.sorted()
            let near = Suggestion.nearest(to: name, among: known.map(\.meta.name))
            refuse(
                found.isEmpty
                    ? "workload \(namespace)/\(text) of `flows` is not in the cluster"
                    : "workload \(namespace)/\(text) of `flows` may be \(kinds.joined(separator: " or "))",
                found.isEmpty ? near.map { "Did you mean \($0)?" } : "Write the kind as well.",
                entry)
            return nil
        }
    }

    private mutating func server(_ entry: FlowEntry, _ facts: InferenceFacts) -> Flow.Server? {
        switch entry.to {
        case .host(let host, let port): return .host(host, port: port)
        case .pod(let namespace, let name, let port):
            return .pod(namespace: namespace, name: name, port: port)
        case .service(let namespace, let name, let port):
            let server = Flow.Server.service(namespace: namespace, name: name, port: port)
            if facts.state.flows.unreadable.contains("Service") { return server }
            guard let service = facts.service(namespace, name) else {
                let known = facts.state.flows.services.filter { $0.meta.namespace == namespace }
                let near = Suggestion.nearest(to: name, among: known.map(\.meta.name))
                refuse(
                    "Service \(namespace)/\(name) of `flows` is not in the cluster",
                    near.map { "Did you mean \($0)?" }, entry)
                return nil
            }
            guard service.port(port) == nil else { return server }
            let ports = service.ports.map { String($0.number) }.joined(separator: ", ")
            refuse(
                "Service \(namespace)/\(name) of `flows` has no port \(port)",
                "It has \(ports.isEmpty ? "none" : ports).", entry)
            return nil
        }
    }

    private mutating func refuse(_ message: String, _ detail: String?, _ entry: FlowEntry) {
        diagnostics.append(
            Diagnostic(
                .unknownFlowEnd, message, detail: detail ?? "Check its namespace and name.",
                at: entry.range))
    }
}
