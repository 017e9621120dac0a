package import Diagnostics
import MeshModel

/// Processes on a node's host network: no proxy handles what they send. ztunnel lets those of the pod's
/// own node past (istio `cni/pkg/iptables/iptables.go:AppendHostRules`), so that it looks random.
package enum HostNetworkClient: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        PlaintextClients.diagnostics(in: context, .hostNetworkClient, detail: detail) { flow in
            switch flow.client {
            case .node: true
            case .pod(let namespace, let name):
                context.then.pod(namespace, name)?.hostNetwork ?? false
            case .workload(let id):
                context.then.workloads[id]?.template.hostNetwork
                    ?? context.then.workloads.pods(of: id).contains(where: \.hostNetwork)
            case .external, .apiServer, .cidr, .cluster: false
            }
        }
    }

    private static let detail =
        "What runs on the host network is in no mesh and sends plaintext. To ambient pods of its own node "
        + "it gets through, to others not. Except the container port:"
}
