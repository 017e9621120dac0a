import Diagnostics
import MeshModel
import Reporting

/// The objects that a command line names, in a mesh state. Controllers without pods are there with one pod
/// more, as their templates would make it.
struct FoundObjects {
    let index: FlowIndex

    /// - Parameter names: the objects that will be asked for.
    init(_ state: MeshState, awaiting names: [ObjectName]) {
        let index = FlowIndex(state)
        var missing: Set<WorkloadID> = []
        for name in names {
            if let id = name.workload, Self.pods(of: id, in: index).isEmpty {
                missing.insert(id)
            } else if name.kind == .service,
                let service = index.service(name.namespace, name.name)
            {
                missing.formUnion(index.awaited(behind: service))
            }
        }
        self.index =
            missing.isEmpty ? index : FlowIndex(state.addingPods(ofTemplates: missing))
    }

    /// The pod, or the live pods of a controller.
    func pods(_ name: ObjectName) throws -> [Pod] {
        guard let id = name.workload else { return [try pod(name)] }
        let pods = Self.pods(of: id, in: index)
        guard !pods.isEmpty else {
            let known = index.state.workloads.filter { $0.kind == id.kind }.map(\.meta)
            throw missing(id.kind.rawValue, name, known)
        }
        return pods
    }

    /// A ReplicaSet's pods count for the Deployment above it, and can be asked by either.
    private static func pods(of id: WorkloadID, in index: FlowIndex) -> [Pod] {
        index.pods(in: id.namespace).filter { pod in
            pod.isLive
                && (index.workloads.controller(of: pod) == id
                    || pod.owner == OwnerReference(kind: id.kind.rawValue, name: id.name))
        }
    }

    func service(_ name: ObjectName) throws -> Service {
        guard let service = index.service(name.namespace, name.name) else {
            throw missing("Service", name, index.state.flows.services.map(\.meta))
        }
        return service
    }

    func port(_ number: Int, of service: Service) throws -> ServicePort {
        if let found = service.port(number) { return found }
        // A Service that is only a name may list no ports.
        if service.isExternalName { return ServicePort(number: number) }
        let ports = service.ports.map { "\($0.number)" }.joined(separator: ", ")
        throw CommandFailure(
            .failure,
            "Service \(TerminalText.sanitized(service.meta.text)) has no port \(number); "
                + "it has \(ports.isEmpty ? "none" : ports)")
    }

    private func pod(_ name: ObjectName) throws -> Pod {
        guard let pod = index.pod(name.namespace, name.name) else {
            throw missing("Pod", name, index.state.pods.map(\.meta))
        }
        return pod
    }

    /// - Parameter known: the objects of that kind: one of the same name elsewhere is likelier than a slip.
    private func missing(
        _ kind: String, _ name: ObjectName, _ known: [ObjectMeta]
    ) -> CommandFailure {
        let wanted = "\(name.namespace)/\(name.name)"
        let meant =
            known.filter { $0.name == name.name }.map(\.text).min()
            ?? Suggestion.nearest(to: wanted, among: known.map(\.text))
        let hint = meant.map { "did you mean \($0)?" } ?? "check its namespace and name"
        return CommandFailure(
            .failure,
            TerminalText.sanitized("\(kind) \(wanted) is not in what was read; \(hint)"))
    }
}
