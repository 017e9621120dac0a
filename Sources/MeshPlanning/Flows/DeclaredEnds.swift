import Diagnostics
import MeshModel

/// Finds the workloads, pods and Services that the flows of a plan file name.
struct DeclaredEnds {
    /// An end that is not there, or may be one of several.
    struct Missing: Error {
        var message: String
        var detail: String?
    }

    private let facts: InferenceFacts
    /// By namespace: those that were read, and those that only their pods name.
    private let workloads: [String: Set<WorkloadID>]
    /// `namespace/name`
    private let pods: Set<String>
    private let podsByNamespace: [String: [String]]

    init(_ entries: [FlowEntry], in facts: InferenceFacts) {
        self.facts = facts
        let namespaces = Set(entries.flatMap(\.namespaces))
        var workloads: [String: Set<WorkloadID>] = [:]
        for workload in facts.topmost where namespaces.contains(workload.meta.namespace) {
            workloads[workload.meta.namespace, default: []].insert(workload.id)
        }
        for namespace in namespaces {
            workloads[namespace, default: []].formUnion(
                facts.workloads.unmanaged(in: namespace).filter(\.isLive)
                    .compactMap(facts.workloads.controller))
        }
        self.workloads = workloads
        let near = facts.state.pods.filter { namespaces.contains($0.meta.namespace) }
        pods = Set(near.map(\.meta.text))
        podsByNamespace = Dictionary(grouping: near, by: \.meta.namespace)
            .mapValues { $0.map(\.meta.name) }
    }

    func client(_ client: FlowEntry.Client) -> Result<Flow.Client, Missing> {
        switch client {
        case .external: return .success(.external)
        case .apiserver: return .success(.apiServer)
        case .node(let name): return .success(.node(name))
        case .cidr(let range): return .success(.cidr(range))
        case .cluster(let name): return .success(.cluster(name))
        case .workload(let namespace, let text):
            let pattern = WorkloadPattern(text)
            if pattern.kind == "pod" {
                return pod(pattern.name, in: namespace).map {
                    .pod(namespace: namespace, name: pattern.name)
                }
            }
            return workload(pattern, text, in: namespace).map { .workload($0) }
        }
    }

    func server(_ server: FlowEntry.Server) -> Result<Flow.Server, Missing> {
        switch server {
        case .host(let host, let port):
            switch facts.state.holder(ofAddress: host) {
            case .pod(let pod):
                return .success(
                    .pod(namespace: pod.meta.namespace, name: pod.meta.name, port: port))
            case .service(let found):
                return service(found.meta.name, in: found.meta.namespace, port: port)
            case nil: break
            }
            // The cluster's own name for a Service.
            guard let named = ServiceHost(host),
                facts.service(named.namespace, named.name) != nil || host.isOfCluster
            else { return .success(.host(host, port: port)) }
            return service(named.name, in: named.namespace, port: port)
        case .pod(let namespace, let name, let port):
            return pod(name, in: namespace).map {
                .pod(namespace: namespace, name: name, port: port)
            }
        case .service(let namespace, let name, let port):
            return service(name, in: namespace, port: port)
        }
    }

    private func workload(
        _ pattern: WorkloadPattern, _ text: String, in namespace: String
    ) -> Result<WorkloadID, Missing> {
        let known = workloads[namespace] ?? []
        let found = known.filter(pattern.matches).sorted()
        if found.count == 1 { return .success(found[0]) }
        guard found.isEmpty else {
            let kinds = found.map { "\($0.kind.rawValue.lowercased())/\($0.name)" }
            return .failure(
                Missing(
                    message: "workload \(namespace)/\(text) of `flows` may be "
                        + kinds.joined(separator: " or "), detail: "Write the kind as well."))
        }
        return .failure(
            Missing(
                message: "workload \(namespace)/\(text) of `flows` is not in the cluster",
                detail: meant(pattern.name, among: known.map(\.name))))
    }

    private func pod(_ name: String, in namespace: String) -> Result<Void, Missing> {
        if pods.contains("\(namespace)/\(name)") { return .success(()) }
        return .failure(
            Missing(
                message: "pod \(namespace)/\(name) of `flows` is not in the cluster",
                detail: meant(name, among: podsByNamespace[namespace] ?? [])))
    }

    private func service(
        _ name: String, in namespace: String, port: Int
    ) -> Result<Flow.Server, Missing> {
        let server = Flow.Server.service(namespace: namespace, name: name, port: port)
        if facts.state.flows.unreadable.contains("Service") { return .success(server) }
        guard let service = facts.service(namespace, name) else {
            let known = facts.state.flows.services.filter { $0.meta.namespace == namespace }
            return .failure(
                Missing(
                    message: "Service \(namespace)/\(name) of `flows` is not in the cluster",
                    detail: meant(name, among: known.map(\.meta.name))))
        }
        guard service.port(port) == nil else { return .success(server) }
        let ports = service.ports.map { String($0.number) }.joined(separator: ", ")
        return .failure(
            Missing(
                message: "Service \(namespace)/\(name) of `flows` has no port \(port)",
                detail: "It has \(ports.isEmpty ? "none" : ports)."))
    }

    private func meant(_ name: String, among known: [String]) -> String? {
        Suggestion.nearest(to: name, among: known.sorted()).map { "Did you mean \($0)?" }
    }
}

extension FlowEntry {
    fileprivate var namespaces: [String] {
        var found: [String] = []
        if case .workload(let namespace, _) = from { found.append(namespace) }
        if case .pod(let namespace, _, _) = to { found.append(namespace) }
        return found
    }
}

extension String {
    /// `NAME.NAMESPACE.svc.cluster.local`: nothing else is called so.
    fileprivate var isOfCluster: Bool {
        let parts = split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 5 && parts.dropFirst(2) == ["svc", "cluster", "local"]
    }
}
