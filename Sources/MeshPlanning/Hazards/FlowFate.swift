import MeshModel

/// What becomes of a flow: judged in the mesh as it is, and as the rollout leaves it.
struct FlowFate {
    /// One client and one endpoint.
    struct Leg {
        var client: FlowClient
        var target: FlowTarget
        var endpoint: FlowJudge.EndpointVerdict

        var verdict: FlowVerdict { endpoint.verdict }
        var isBroken: Bool { verdict.outcome == .refused || verdict.outcome == .garbled }
        var isCarried: Bool { verdict.outcome.isDelivered }
    }

    let flow: Flow
    let now: [Leg]
    let then: [Leg]

    init(_ flow: Flow, in context: HazardContext) {
        self.flow = flow
        now = Self.legs(of: flow, in: context.now)
        then = Self.legs(of: flow, in: context.then)
    }

    /// Whether the search for an order blocks the plan over it: a flow that must not break, is carried
    /// today, and is not in the end.
    var isToldByOrder: Bool {
        flow.isRequired && now.contains(where: \.isCarried)
            && then.contains(where: \.isBroken)
    }

    /// The ends that break and that nobody else speaks of; empty for a flow that is meant to be refused.
    var untoldBreaks: [Leg] {
        flow.expect == .refused || isToldByOrder ? [] : then.filter(\.isBroken)
    }

    private static func legs(of flow: Flow, in index: FlowIndex) -> [Leg] {
        let judge = FlowJudge(index, forced: flow.sends)
        let targets = index.targets(of: flow.server)
        return index.clients(of: flow.client).flatMap { client in
            targets.flatMap { target in
                judge.judge(client, to: target).map {
                    Leg(client: client, target: target, endpoint: $0)
                }
            }
        }
    }
}

extension FlowIndex {
    /// Who opens the connections of a flow: of a controller's pods one of each kind that proxies, or their
    /// rules, treat differently. Empty for another cluster, about which nothing is known.
    func clients(of client: Flow.Client) -> [FlowClient] {
        switch client {
        case .external, .cidr: return [.external]
        case .apiServer: return [.apiServer(nodes: apiServerNodes)]
        case .node(let name): return [.node(name)]
        case .cluster: return []
        case .pod(let namespace, let name): return pod(namespace, name).map { [.pod($0)] } ?? []
        case .workload(let id):
            let pods = workloads.pods(of: id).filter(\.isLive)
            if pods.isEmpty, let workload = workloads[id] {
                return [.pod(Pod(templateOf: workload, in: state))]
            }
            var seen: Set<ClientKind> = []
            return pods.filter { seen.insert(ClientKind($0)).inserted }.map(FlowClient.pod)
        }
    }

    /// What a flow is addressed to; empty for hosts outside, and for what is not there.
    func targets(of server: Flow.Server) -> [FlowTarget] {
        switch server {
        case .service(let namespace, let name, let port):
            guard let service = service(namespace, name), let found = service.port(port) else {
                return []
            }
            return [.service(service, found)]
        case .pod(let namespace, let name, let port):
            return pod(namespace, name).map { [.pod($0, port: port)] } ?? []
        case .workload(let id, let port):
            return workloads.pods(of: id).filter(\.isLive).map { .pod($0, port: port) }
        case .host:
            return []
        }
    }
}

/// What of a client pod decides what it sends.
private struct ClientKind: Hashable {
    var plane: PodDataplane
    var isPending: Bool
    /// Where the pod is on the host network.
    var node: String?
    var labels: [String: String]
    var annotations: [String: String]

    init(_ pod: Pod) {
        plane = pod.outboundPlane
        isPending = pod.isCapturePending
        node = pod.hostNetwork ? pod.nodeName : nil
        labels = pod.meta.labels.filter { !Self.ofOnePod.contains($0.key) }
        annotations = pod.meta.annotations.filter {
            $0.key.contains("sidecar.istio.io/") && $0.key != LabelKeys.sidecarStatus
        }
    }

    /// Labels that controllers give each pod, or each generation of pods, of its own.
    private static let ofOnePod: Set<String> = [
        "pod-template-hash", "controller-revision-hash", "pod-template-generation",
        "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
    ]
}
