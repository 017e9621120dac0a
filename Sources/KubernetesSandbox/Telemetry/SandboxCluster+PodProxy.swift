import HTTPTypes
import JSON
import MeshModel

/// `pods/NAME:PORT/proxy/PATH`: the API server connects to the pod's address in plaintext.
extension SandboxCluster {
    mutating func podPage(
        _ scope: RequestScope, _ path: [String]
    ) throws(APIStatus) -> SandboxResponse {
        let (name, port) = try Self.address(scope.name)
        guard let pod = object("pods", scope.namespace, name) else {
            throw .notFound(scope.resource, name)
        }
        guard let address = pod["status"]?["podIP"]?.string else {
            throw .badRequest("address not allowed")
        }
        let path = "/" + path.joined(separator: "/")
        let number = port ?? pod.containerPorts.first ?? 80
        guard pod.podPhase == "Running" else {
            throw .unreachable("dial tcp \(address):\(number): connect: connection refused")
        }
        guard let page = componentPage(of: pod, port: number, path) else {
            return try applicationPage(of: pod, address, number, path)
        }
        return page
    }

    /// `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`.
    private static func address(_ text: String) throws(APIStatus) -> (name: String, port: Int?) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 3, ["", "http", "https"].contains(parts[0]) { parts.removeFirst() }
        guard parts.count <= 2, let name = parts.first, !name.isEmpty else {
            throw .badRequest("invalid pod request \"\(text)\"")
        }
        guard parts.count == 2 else { return (name, nil) }
        guard let port = Int(parts[1]), (1...65_535).contains(port) else {
            throw .badRequest("invalid pod request \"\(text)\"")
        }
        return (name, port)
    }

    /// What Istio's parts and CoreDNS serve about themselves; nil where nothing of theirs listens.
    private mutating func componentPage(
        of pod: JSONValue, port: Int, _ path: String
    ) -> SandboxResponse? {
        if Istio.isZtunnel(pod) { return ztunnelPage(of: pod, port, path) }
        if Istio.hasSidecar(pod), let page = sidecarPage(of: pod, port, path) { return page }
        let ready = SandboxResponse(text: "", status: pod.isReadyPod ? 200 : 503)
        if pod.labels["app"] == "istiod" {
            switch (port, path) {
            case (8080, "/ready"): return ready
            case (15_014, "/metrics"):
                return SandboxResponse(
                    contentType: SidecarMetrics.contentType, body: Array(istiodMetrics.utf8))
            case (15_014, "/version"):
                return SandboxResponse(
                    text: "\(istioVersion)-\(String(repeating: "0", count: 40))-Clean")
            case (8080, _), (15_014, _): return .pageNotFound
            default: return nil
            }
        }
        if pod.labels["k8s-app"] == "istio-cni-node", port == 8000 {
            return path == "/readyz" ? ready : .pageNotFound
        }
        if pod.labels["k8s-app"] == "kube-dns" {
            switch (port, path) {
            case (8080, "/health"): return SandboxResponse(text: "OK")
            case (8181, "/ready"):
                return pod.isReadyPod
                    ? SandboxResponse(text: "OK")
                    : SandboxResponse(text: "kubernetes", status: 503)
            case (8080, _), (8181, _): return .pageNotFound
            default: return nil
            }
        }
        return nil
    }

    private mutating func ztunnelPage(
        of pod: JSONValue, _ port: Int, _ path: String
    ) -> SandboxResponse? {
        switch (port, path) {
        case (15_020, "/metrics"), (15_020, "/stats/prometheus"):
            let text = ZtunnelMetrics.text(reports(of: pod), version: istioVersion)
            return SandboxResponse(contentType: ZtunnelMetrics.contentType, body: Array(text.utf8))
        case (15_021, "/healthz/ready"):
            return pod.isReadyPod
                ? SandboxResponse(text: "ready\n")
                : SandboxResponse(text: "not ready, pending: state manager\n", status: 500)
        case (15_020, _), (15_021, _): return .pageNotFound
        default: return nil
        }
    }

    /// The agent's and Envoy's own ports, which the redirection leaves out.
    private mutating func sidecarPage(
        of pod: JSONValue, _ port: Int, _ path: String
    ) -> SandboxResponse? {
        switch (port, path) {
        case (15_020, "/stats/prometheus"), (15_090, "/stats/prometheus"):
            let text = SidecarMetrics.text(reports(of: pod), version: istioVersion)
            return SandboxResponse(contentType: SidecarMetrics.contentType, body: Array(text.utf8))
        case (15_021, "/healthz/ready"), (15_020, "/healthz/ready"):
            return SandboxResponse(text: "", status: pod.isTerminating ? 503 : 200)
        case (15_020, _), (15_021, _), (15_090, _): return .pageNotFound
        default: return nil
        }
    }

    private mutating func reports(of pod: JSONValue) -> [TrafficReport] {
        settleTraffic()
        return traffic?.ledger.reports(of: pod.uid) ?? []
    }

    private var istiodMetrics: String {
        let proxies = list("pods").count {
            $0.podPhase == "Running" && (Istio.isZtunnel($0) || Istio.hasSidecar($0))
        }
        return ControlPlanePages.istiodMetrics(
            version: istioVersion, proxies: proxies, pushes: resourceVersion)
    }

    /// The application answers where the pod's data plane lets plaintext through.
    private mutating func applicationPage(
        of pod: JSONValue, _ address: String, _ port: Int, _ path: String
    ) throws(APIStatus) -> SandboxResponse {
        let index = trafficIndex()
        let verdict = index.pod(pod.namespaceName, pod.name).flatMap { pod in
            FlowJudge(index).judge(
                .apiServer(nodes: index.apiServerNodes), to: .pod(pod, port: port)
            ).first?.verdict
        }
        if verdict?.outcome == .refused {
            throw .unreachable(
                "read tcp 192.168.1.2:45678->\(address):\(port): read: connection reset by peer")
        }
        guard pod.containerPorts.contains(port) else {
            throw .unreachable("dial tcp \(address):\(port): connect: connection refused")
        }
        return path == "/" ? SandboxResponse(text: "ok\n") : .pageNotFound
    }
}

extension APIStatus {
    /// A pod that the API server cannot talk to (apimachinery `pkg/util/proxy/transport.go:RoundTrip`).
    fileprivate static func unreachable(_ why: String) -> APIStatus {
        APIStatus(
            code: 503, reason: "ServiceUnavailable",
            message: "error trying to reach service: \(why)")
    }
}
