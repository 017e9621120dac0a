import ArgumentParser
import Diagnostics
import MeshModel

/// Who calls whom, as the command line names them, found in a mesh state.
struct FlowQuestion {
    let index: FlowIndex

    /// `external`, `apiserver`, `node/NAME`, `NAMESPACE/KIND/NAME`: the pods of a workload are one client each.
    func clients(_ text: String) throws -> [FlowClient] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch (parts.count, parts[0]) {
        case (1, "external"): return [.external]
        case (1, "apiserver"): return [.apiServer(nodes: apiServerNodes)]
        case (2, "node") where !parts[1].isEmpty: return [.node(parts[1])]
        case (3, _) where !parts.contains(""):
            return try clients(namespace: parts[0], kind: parts[1].lowercased(), name: parts[2])
        default:
            throw CommandFailure(
                .usage,
                "--from: '\(text)' names no client; write NAMESPACE/pod/NAME, "
                    + "NAMESPACE/deployment/NAME, external, apiserver or node/NAME")
        }
    }

    private func clients(
        namespace: String, kind: String, name: String
    ) throws -> [FlowClient] {
        if Self.podKinds.contains(kind) { return [.pod(try pod(namespace, name))] }
        guard let workloadKind = Self.workloadKinds[kind] else {
            let known = Self.podKinds + Self.workloadKinds.keys.sorted()
            let hint = Suggestion.nearest(to: kind, among: known).map { "; did you mean \($0)?" }
            throw CommandFailure(
                .usage, "--from: '\(kind)' is no kind of client\(hint ?? "")")
        }
        let id = WorkloadID(namespace: namespace, kind: workloadKind, name: name)
        // A ReplicaSet's pods count for the Deployment above it, and can be asked by either.
        let pods = index.pods(in: namespace).filter { pod in
            pod.isLive
                && (index.workloads.controller(of: pod) == id
                    || pod.owner == OwnerReference(kind: workloadKind.rawValue, name: name))
        }
        if !pods.isEmpty { return pods.map(FlowClient.pod) }
        guard let workload = index.workloads[id] else {
            let known = index.state.workloads.filter { $0.kind == workloadKind }.map(\.meta)
            throw missing(workloadKind.rawValue, namespace, name, known)
        }
        return [.pod(Pod(templateOf: workload, in: index.state))]
    }

    /// `NAMESPACE/service/NAME:PORT`, by the Service's port, or `NAMESPACE/pod/NAME:PORT`.
    func target(_ text: String) throws -> FlowTarget {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let parts = halves[0].split(separator: "/", omittingEmptySubsequences: false)
            .map(String.init)
        guard halves.count == 2, let port = Int(halves[1]), (1...65535).contains(port),
            parts.count == 3, !parts.contains("")
        else {
            throw CommandFailure(
                .usage,
                "--to: '\(text)' names no server; write NAMESPACE/service/NAME:PORT "
                    + "or NAMESPACE/pod/NAME:PORT")
        }
        switch parts[1].lowercased() {
        case let kind where Self.podKinds.contains(kind):
            return .pod(try pod(parts[0], parts[2]), port: port)
        case "service", "services", "svc":
            return try service(parts[0], parts[2], port: port)
        default:
            throw CommandFailure(
                .usage, "--to: '\(parts[1])' is no kind of server; write service or pod")
        }
    }

    private func service(_ namespace: String, _ name: String, port: Int) throws -> FlowTarget {
        guard let service = index.service(namespace, name) else {
            throw missing("Service", namespace, name, index.state.flows.services.map(\.meta))
        }
        if let found = service.port(port) { return .service(service, found) }
        // A Service that is only a name may list no ports.
        if service.isExternalName { return .service(service, ServicePort(number: port)) }
        let ports = service.ports.map { "\($0.number)" }.joined(separator: ", ")
        throw CommandFailure(
            .failure,
            "Service \(namespace)/\(name) has no port \(port); it has \(ports.isEmpty ? "none" : ports)"
        )
    }

    private func pod(_ namespace: String, _ name: String) throws -> Pod {
        guard let pod = index.pod(namespace, name) else {
            throw missing("Pod", namespace, name, index.state.pods.map(\.meta))
        }
        return pod
    }

    /// - Parameter known: the objects of that kind: one of the same name elsewhere is likelier than a slip.
    private func missing(
        _ kind: String, _ namespace: String, _ name: String, _ known: [ObjectMeta]
    ) -> CommandFailure {
        let wanted = "\(namespace)/\(name)"
        let meant =
            known.filter { $0.name == name }.map(\.text).min()
            ?? Suggestion.nearest(to: wanted, among: known.map(\.text))
        let hint = meant.map { "did you mean \($0)?" } ?? "check its namespace and name"
        return CommandFailure(.failure, "\(kind) \(wanted) is not in what was read; \(hint)")
    }

    /// Where the control plane's static pods show it; hosted control planes show none.
    private var apiServerNodes: Set<String> {
        Set(
            index.pods(in: "kube-system").filter {
                $0.isLive && $0.meta.labels["component"] == "kube-apiserver"
            }.map(\.nodeName))
    }

    private static let podKinds = ["pod", "pods", "po"]

    private static let workloadKinds: [String: WorkloadKind] = [
        "deployment": .deployment, "deployments": .deployment, "deploy": .deployment,
        "statefulset": .statefulSet, "statefulsets": .statefulSet, "sts": .statefulSet,
        "daemonset": .daemonSet, "daemonsets": .daemonSet, "ds": .daemonSet,
        "replicaset": .replicaSet, "replicasets": .replicaSet, "rs": .replicaSet,
        "job": .job, "jobs": .job, "cronjob": .cronJob, "cronjobs": .cronJob, "cj": .cronJob,
    ]
}
