package import Diagnostics
import MeshModel

/// Annotations that keep ports or addresses out of a sidecar, on pods that have none: ztunnel takes all TCP
/// of its pods. A port that was kept out comes under the mode that holds there.
package enum AmbientExclusions: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        context.servers.all.compactMap { server in
            for pod in server.pods where pod.dataplane == .ambient {
                let keys = pod.meta.annotations.keys.filter { $0.hasPrefix(prefix) }.sorted()
                if !keys.isEmpty { return diagnostic(server, pod, keys, context) }
            }
            return nil
        }
    }

    private static let prefix = "traffic.sidecar.istio.io/"

    private static func diagnostic(
        _ server: ServerIndex.Server, _ pod: Pod, _ keys: [String], _ context: HazardContext
    ) -> Diagnostic {
        let denies = ZtunnelPolicies.decide(
            namespace: server.namespace, podLabels: pod.meta.labels,
            policies: context.then.policies)
        var refused = ""
        if case .ports(let ports) = Interception.inboundBypass(of: pod) {
            let strict = ports.filter { denies.refusesPlaintext(onPort: $0) }.sorted()
            if let first = strict.first {
                refused =
                    "Plaintext to port \(strict.map(String.init).joined(separator: ", ")) is refused "
                    + "there; where it is needed, write an exception: `ports: "
                    + "{\(first): PERMISSIVE}`. "
            }
        }
        return Diagnostic(
            .ambientExclusion, .warning,
            "\(server.text) is in ambient, where \(keys.shortList) "
                + "\(keys.count == 1 ? "does" : "do") nothing",
            detail:
                "ztunnel takes all TCP of its pods, in and out, whatever these annotations say. "
                + refused + "Remove them from the pod template once it has no sidecar any more.",
            at: context.entry(of: server.namespace)?.range)
    }
}
