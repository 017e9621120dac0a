package import Diagnostics
import MeshModel

/// Clients outside the cluster that come by a NodePort or a LoadBalancer (istio#51482).
package enum NodePortBehindStrict: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        PlaintextClients.diagnostics(in: context, .nodePortBehindStrict, detail: detail) { flow in
            if case .inferred(.nodePort) = flow.origin { return true }
            switch flow.client {
            case .external, .cidr: return flow.origin == .declared || flow.origin == .observed
            default: return false
            }
        }
    }

    private static let detail =
        "Clients outside the cluster have no certificate of the mesh. Let them in by an Istio gateway, or "
        + "except the container port:"
}
