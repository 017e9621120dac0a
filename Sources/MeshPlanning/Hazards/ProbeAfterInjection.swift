package import Diagnostics
import MeshModel

/// Probes that reach the application itself and not the agent that the injector leads them to: under
/// STRICT the sidecar refuses kubelet's plaintext, and the pod fails its probes.
///
/// The injector rewrites the probes of the containers it sees (istio `pkg/kube/inject/app_probe.go`).
/// It does not see containers that a later webhook adds (istio#53786), and leaves probes alone where
/// `sidecar.istio.io/rewriteAppHTTPProbers` says so.
package enum ProbeAfterInjection: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        var probed: [String: (pod: Pod, ports: Set<Int>)] = [:]
        for (old, new) in zip(context.observed.pods, context.reached.pods)
        where old.isLive && new.dataplane == .sidecar {
            let ports = refusedProbes(of: old, willBe: new, in: context)
            guard !ports.isEmpty else { continue }
            let name = context.now.workloads.text(of: old)
            probed[name, default: (old, [])].ports.formUnion(ports)
        }
        return probed.sorted { $0.key < $1.key }.map { name, found in
            let ports = found.ports.sorted()
            let list = ports.map(String.init).joined(separator: ", ")
            return Diagnostic(
                .probeAfterInjection,
                "kubelet's probes of \(name) on port \(list) would be refused under STRICT",
                detail:
                    "They go to the application's port, not to the sidecar's agent: the container was "
                    + "added after injection, or sidecar.istio.io/rewriteAppHTTPProbers is \"false\". The "
                    + "pods would become unready, or be restarted over and over. Let the injector "
                    + "rewrite them, or except the port:",
                remedy: HazardWords.exception(
                    "probes", for: found.pod, ports: ports,
                    reason: "kubelet probes the port without a mesh certificate"))
        }
    }

    /// The probed ports that accept kubelet's plaintext today, and do not in the end.
    private static func refusedProbes(
        of old: Pod, willBe new: Pod, in context: HazardContext
    ) -> [Int] {
        let rewrites = old.meta.annotations["sidecar.istio.io/rewriteAppHTTPProbers"] != "false"
        // What a pod without a sidecar shows is what the injector will see.
        if old.dataplane != .sidecar, rewrites { return [] }
        let containers = old.containers.filter { $0.name != "istio-proxy" }
        guard containers.contains(where: { !$0.probes.isEmpty }) else { return [] }
        let before = EffectiveMode.decide(
            namespace: old.meta.namespace, podLabels: old.meta.labels,
            policies: context.now.policies)
        let after = EffectiveMode.decide(
            namespace: new.meta.namespace, podLabels: new.meta.labels,
            policies: context.then.policies)
        return containers.flatMap { container in
            container.probes.filter { !$0.isRewritten }.compactMap { container.number(of: $0.port) }
        }.filter { port in
            Interception.takesInbound(port: port, of: new) && after.mode(forPort: port) == .strict
                && !(old.dataplane == .sidecar && before.mode(forPort: port) == .strict)
        }
    }
}

extension Container.Probe {
    /// Led to the agent, which asks the application on its behalf.
    fileprivate var isRewritten: Bool { path.hasPrefix("/app-health/") }
}

extension Container {
    fileprivate func number(of target: ServicePort.Target) -> Int? {
        switch target {
        case .number(let number): number
        case .name(let name): ports.first { $0.name == name }?.number
        }
    }
}
