package import Diagnostics
import MeshModel

/// Sidecars that call a pod by its own address: no Service, no mTLS (istio#37431).
package enum PodIPClient: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        context.flows.compactMap { flow in
            switch flow.server {
            case .pod, .workload: break
            case .service, .host: return nil
            }
            let fate = FlowFate(flow, in: context)
            guard let leg = fate.untoldBreaks.first(where: \.isFromSidecar) else { return nil }
            return Diagnostic(
                .podIPClient, .warning,
                "\(flow.text) would be \(leg.verdict.outcome.rawValue): a sidecar calls a pod by its address",
                detail:
                    "A sidecar passes calls to a pod's address through in plaintext, which STRICT "
                    + "refuses. Believed because: \(flow.because). Call a Service instead, put the client "
                    + "into the ambient mesh, or except the port:",
                remedy: leg.exception(reason: "clients call the pods by address, in plaintext"))
        }
    }
}
