import JSON
import MeshModel
import Timing

/// Pods that run curl: the request is judged as traffic is, and is in no counter of a proxy.
extension SandboxCluster {
    /// What curl wrote, on its pod.
    static let output = "sandbox.meshctl.dev/output"

    /// Without `--max-time`, curl waits so long for a connection.
    private static let patience: Int64 = 300_000

    mutating func makeRequest(_ namespace: String, _ name: String, _ uid: String) {
        guard let pod = runningPod(namespace, name, uid), let curl = CurlCommand(of: pod) else {
            return
        }
        switch answer(to: curl, from: pod) {
        case .end(let end): endContainer(curl, of: pod, end)
        case .silence:
            schedule(
                .podTimeout, after: .milliseconds(curl.limit ?? Self.patience), namespace, name,
                uid: uid)
        case .unknown: break
        }
    }

    mutating func endRequest(_ namespace: String, _ name: String, _ uid: String) {
        guard let pod = runningPod(namespace, name, uid), let curl = CurlCommand(of: pod) else {
            return
        }
        endContainer(curl, of: pod, .timeOut(curl.limit ?? Self.patience))
    }

    private func runningPod(_ namespace: String, _ name: String, _ uid: String) -> JSONValue? {
        guard let pod = object("pods", namespace, name), pod.uid == uid, !pod.isTerminating,
            pod.podPhase == "Running"
        else { return nil }
        return pod
    }

    private mutating func endContainer(_ curl: CurlCommand, of pod: JSONValue, _ end: CurlEnd) {
        let text = end.output(of: curl)
        modify(.named("pods"), pod.namespaceName, pod.name, by: "kubelet", subresource: "") {
            $0.setAnnotation(Self.output, text)
        }
        endContainer(curl.container, of: pod, exitCode: end.exitCode)
    }

    private enum Answer {
        case end(CurlEnd)
        /// Nobody says anything.
        case silence
        /// Istio's rules leave it open.
        case unknown
    }

    private mutating func answer(to curl: CurlCommand, from pod: JSONValue) -> Answer {
        let index = trafficIndex()
        guard let client = index.pod(pod.namespaceName, pod.name) else { return .unknown }
        let server: FlowTarget
        switch target(of: curl, from: pod.namespaceName, index) {
        case .found(let target): server = target
        case .noPort: return .end(.noConnection(curl))
        case .unknownName: return .end(.unknownHost(curl.host))
        case .unknownAddress: return .silence
        }
        guard let found = FlowJudge(index).judge(.pod(client), to: server).first else {
            return .end(unserved(curl, client.outboundPlane, EnvoyWords.noEndpoint))
        }
        let verdict = found.verdict
        let plane = verdict.sentBecause == .outboundExcluded ? .none : client.outboundPlane
        // Envoy answers HTTP itself; all others close the connection.
        let isAnswered = plane == .sidecar && !curl.isTLS
        switch verdict.outcome {
        case .unknown: return .unknown
        case .refused where isAnswered:
            return .end(
                verdict.reason == .registryOnly
                    ? .answered(502, "") : .answered(503, EnvoyWords.terminated))
        case .garbled where isAnswered: return .end(.answered(503, EnvoyWords.wrongVersion))
        case .refused, .garbled: return .end(.reset)
        case .carried, .bypassed:
            return .end(application(curl, plane, at: found.endpoint))
        }
    }

    /// What the server's application says, if one listens.
    private func application(
        _ curl: CurlCommand, _ plane: PodDataplane, at endpoint: FlowIndex.Endpoint
    ) -> CurlEnd {
        guard let server = endpoint.pod,
            object("pods", server.meta.namespace, server.meta.name)?.containerPorts
                .contains(endpoint.port) == true
        else {
            let planes = [plane, endpoint.pod?.dataplane ?? .none]
            let proxy = planes.first { $0 != .none } ?? .none
            return unserved(curl, proxy, EnvoyWords.unreachable)
        }
        if curl.isTLS { return .noTLS }
        return curl.path == "/" ? .answered(200, "ok\n") : .answered(404, "404 page not found\n")
    }

    /// Nothing listens where the connection leads. ztunnel has accepted it by then, and closes it.
    private func unserved(_ curl: CurlCommand, _ proxy: PodDataplane, _ words: String) -> CurlEnd {
        switch proxy {
        case .none: .noConnection(curl)
        case .ambient: .reset
        case .sidecar, .gateway, .waypoint: curl.isTLS ? .reset : .answered(503, words)
        }
    }

    private enum Place {
        case found(FlowTarget)
        case noPort
        case unknownName
        case unknownAddress
    }

    /// A Service by its name as its clients write it, or the address of a Service or pod.
    private func target(
        of curl: CurlCommand, from namespace: String, _ index: FlowIndex
    ) -> Place {
        if IPRange(curl.host) != nil {
            if let pod = index.pod(withAddress: curl.host) {
                return .found(.pod(pod, port: curl.port))
            }
            let service = index.state.flows.services.first { $0.clusterIP == curl.host }
            return service.map { port(curl.port, of: $0) } ?? .unknownAddress
        }
        var parts = curl.host.split(separator: ".").map(String.init)
        if parts.suffix(2) == ["cluster", "local"] { parts.removeLast(2) }
        if parts.count == 3, parts[2] == "svc" { parts.removeLast() }
        guard hasDNS, let name = parts.first, parts.count <= 2,
            let service = index.service(parts.count == 2 ? parts[1] : namespace, name)
        else { return .unknownName }
        return port(curl.port, of: service)
    }

    private func port(_ number: Int, of service: Service) -> Place {
        service.port(number).map { .found(.service(service, $0)) } ?? .noPort
    }

    private var hasDNS: Bool {
        list("pods").contains { $0.labels["k8s-app"] == "kube-dns" && $0.isReadyPod }
    }
}
