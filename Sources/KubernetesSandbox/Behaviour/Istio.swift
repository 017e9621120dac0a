import JSON
import MeshModel

/// How Istio's own parts are told from other pods.
enum Istio {
    static let proxyContainer = "istio-proxy"

    static func isZtunnel(_ pod: JSONValue) -> Bool { pod.labels["app"] == "ztunnel" }

    /// A proxy beside the application, in either form; gateways and waypoints are not meant.
    static func hasSidecar(_ pod: JSONValue) -> Bool {
        hasOrdinarySidecar(pod) || containers(pod, "initContainers").contains(proxyContainer)
    }

    static func hasOrdinarySidecar(_ pod: JSONValue) -> Bool {
        containers(pod, "containers").contains(proxyContainer)
    }

    private static func containers(_ pod: JSONValue, _ list: String) -> [String] {
        (pod["spec"]?[list]?.array ?? []).compactMap { $0["name"]?.string }
    }
}
