package import Diagnostics
import MeshModel

/// API server to admission webhooks and aggregated APIs: it has no mesh certificate, and under STRICT the
/// sidecar even ends the webhook's own TLS (istio#34543, #52874).
package enum WebhookBehindStrict: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        PlaintextClients.diagnostics(in: context, .webhookBehindStrict, detail: detail) { flow in
            switch flow.origin {
            case .inferred(.webhook), .inferred(.apiService): true
            default: flow.client == .apiServer
            }
        }
    }

    private static let detail =
        "The API server has no certificate of the mesh: admission, or an API, would fail for the whole "
        + "cluster. Except the container port, or keep the pods out of the mesh:"
}
