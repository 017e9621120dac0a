package import Diagnostics
import MeshModel

/// An exception for a Service's port, where Istio reads container ports: it changes nothing
/// (istio issue 49098). And one that selects no pod at all.
package enum ServicePortExceptions: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        context.namespaces.flatMap { resolved in
            resolved.entry.exceptions.flatMap { exception in
                let servers = context.servers.servers(in: resolved.name).filter { server in
                    server.pods.contains { exception.selector.matches($0.meta.labels) }
                }
                return servers.isEmpty
                    ? [withoutPods(exception, in: resolved)]
                    : exception.ports.keys.sorted().compactMap { port in
                        misplaced(
                            port, of: exception, in: resolved, servers: Array(servers), context)
                    }
            }
        }
    }

    private static func withoutPods(
        _ exception: ExceptionEntry, in resolved: ResolvedNamespace
    ) -> Diagnostic {
        Diagnostic(
            .exceptionWithoutPods, .warning,
            "exception \(exception.name) selects no workload of namespace \(resolved.name)",
            detail:
                "Nothing there has the labels \(exception.selector.text). Its policy is written "
                + "all the same, and holds for pods that come later. Compare the labels of the pods:",
            remedy: "kubectl -n \(resolved.name) get pods --show-labels", at: exception.range)
    }

    /// nil where the port may well be a container's.
    private static func misplaced(
        _ port: Int, of exception: ExceptionEntry, in resolved: ResolvedNamespace,
        servers: [ServerIndex.Server], _ context: HazardContext
    ) -> Diagnostic? {
        let pods = servers.flatMap(\.pods).filter { exception.selector.matches($0.meta.labels) }
        guard !pods.contains(where: { $0.applicationPorts.contains(port) }) else { return nil }
        var meant: [(service: Service, target: Int)] = []
        for service in context.then.services(in: resolved.name) where !service.selector.isEmpty {
            let selector = LabelSelector(service.selector)
            for pod in pods where selector.matches(pod.meta.labels) {
                for entry in service.ports {
                    guard let target = entry.resolved(on: pod) else { continue }
                    if target == port { return nil }
                    if entry.number == port { meant.append((service, target)) }
                }
            }
        }
        guard let first = meant.min(by: { $0.service.meta.name < $1.service.meta.name }) else {
            return nil
        }
        // A template's container ports are not read, so that it may declare the port.
        let isSure = servers.contains { !$0.isTemplate }
        let mode = exception.ports[port]?.rawValue ?? MTLSMode.permissive.rawValue
        return Diagnostic(
            .servicePortException, isSure ? .error : .warning,
            "exception \(exception.name) names port \(port) of Service "
                + "\(resolved.name)/\(first.service.meta.name), not the container's port "
                + "\(first.target)",
            detail:
                "A PeerAuthentication speaks of the ports of pods; one of a Service is silently "
                + "ignored, and port \(first.target) stays as the namespace has it. Write:",
            remedy: "ports: {\(first.target): \(mode)}", at: exception.range)
    }
}
