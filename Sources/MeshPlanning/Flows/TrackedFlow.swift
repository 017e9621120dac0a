import MeshModel

/// A flow with the pods at its two ends, by representatives: pods of one controller that are alike now are
/// alike after every step.
struct TrackedFlow {
    enum Client: Hashable {
        case fixed(FlowClient)
        case pod(Int)
        /// The pod that a controller without pods would make.
        case template(WorkloadID)
    }

    struct Endpoint: Hashable {
        var pod: Int?
        var address: String
        var port: Int
    }

    /// One thing that the flow's server stands for: a Service's port, or one pod's.
    struct Target {
        var target: FlowTarget
        var endpoints: [Endpoint]
        /// All endpoints decide together what is sent to one.
        var isHeadless: Bool
        /// What the client's application sends by itself.
        var forced: ForcedBytes?
    }

    /// A client and an endpoint between which the flow is carried at first, with the verdict of then.
    struct Pair {
        var client: Client
        var target: Int
        var endpoint: Endpoint
        var verdict: FlowVerdict
    }

    let flow: Flow
    var targets: [Target] = []
    /// Between whom it is carried.
    var pairs: [Pair] = []
    /// Between whom it is not, or cannot be judged.
    var others: [Pair] = []

    init(_ flow: Flow, in world: FlowWorld) {
        self.flow = flow
        let clients = Self.clients(of: flow, in: world)
        targets = Self.targets(of: flow, in: world, seesNodes: clients.contains(where: \.isOnHost))
            .map { target in
                var target = target
                target.forced = flow.sends
                return target
            }
        let judge = FlowJudge(world.index, forced: flow.sends)
        for (number, target) in targets.enumerated() {
            let peers = target.endpoints.map { world.endpoint($0) }
            for client in clients {
                guard let known = world.client(client.client) else { continue }
                for (endpoint, judged) in zip(target.endpoints, peers) {
                    let verdict = judge.judge(
                        known, to: target.target, at: judged, knownAs: judged, peers: peers)
                    let pair = Pair(
                        client: client.client, target: number, endpoint: endpoint,
                        verdict: verdict)
                    verdict.outcome.isDelivered ? pairs.append(pair) : others.append(pair)
                }
            }
        }
    }

    private struct ClientChoice {
        var client: Client
        var isOnHost: Bool
    }

    private static func clients(of flow: Flow, in world: FlowWorld) -> [ClientChoice] {
        switch flow.client {
        case .external, .cidr: [ClientChoice(client: .fixed(.external), isOnHost: false)]
        case .apiServer:
            [
                ClientChoice(
                    client: .fixed(.apiServer(nodes: world.index.apiServerNodes)), isOnHost: true)
            ]
        case .node(let name): [ClientChoice(client: .fixed(.node(name)), isOnHost: true)]
        // Its proxies and their trust are not in what was read.
        case .cluster: []
        case .pod(let namespace, let name):
            world.index.number(of: "\(namespace)/\(name)").map {
                [ClientChoice(client: .pod($0), isOnHost: world.index.pods[$0].hostNetwork)]
            } ?? []
        case .workload(let id): clients(of: id, in: world)
        }
    }

    private static func clients(of id: WorkloadID, in world: FlowWorld) -> [ClientChoice] {
        let live = world.pods(of: id).filter { world.index.pods[$0].isLive }
        guard !live.isEmpty else {
            return world.newPod(of: id).map {
                [ClientChoice(client: .template(id), isOnHost: $0.hostNetwork)]
            } ?? []
        }
        let kinds = world.representatives(of: live) { $0.hostNetwork }
        return kinds.map {
            ClientChoice(client: .pod($0), isOnHost: world.index.pods[$0].hostNetwork)
        }
    }

    private static func targets(
        of flow: Flow, in world: FlowWorld, seesNodes: Bool
    ) -> [Target] {
        let index = world.index
        switch flow.server {
        case .host(let host, let port):
            return [
                Target(
                    target: .host(host, port: port),
                    endpoints: [Endpoint(pod: nil, address: host, port: port)], isHeadless: false)
            ]
        case .service(let namespace, let name, let port):
            guard let service = index.service(namespace, name), let found = service.port(port)
            else { return [] }
            let all = index.endpoints(of: service, port: found)
            let numbered = all.map { endpoint in
                Endpoint(
                    pod: endpoint.pod.flatMap { index.number(of: $0.text) },
                    address: endpoint.address, port: endpoint.port)
            }
            return [
                Target(
                    target: .service(service, found),
                    endpoints: world.representatives(of: numbered, seesNodes: seesNodes),
                    isHeadless: service.isHeadless)
            ]
        case .pod(let namespace, let name, let port):
            return index.number(of: "\(namespace)/\(name)").map {
                [target(pod: $0, port: port, in: index)]
            } ?? []
        case .workload(let id, let port):
            let live = world.pods(of: id).filter { index.pods[$0].isLive }
            return world.representatives(of: live) { _ in seesNodes }
                .map { target(pod: $0, port: port, in: index) }
        }
    }

    private static func target(pod number: Int, port: Int, in index: FlowIndex) -> Target {
        let pod = index.pods[number]
        return Target(
            target: .pod(pod, port: port),
            endpoints: [Endpoint(pod: number, address: pod.ip, port: port)], isHeadless: false)
    }
}

extension FlowOutcome {
    /// Whether the application gets what was sent.
    var isDelivered: Bool { self == .carried || self == .bypassed }
}

extension TrackedFlow.Client {
    func namespace(in world: FlowWorld) -> String? {
        switch self {
        case .fixed: nil
        case .pod(let number): world.index.pods[number].meta.namespace
        case .template(let id): id.namespace
        }
    }
}

extension FlowWorld {
    func client(_ client: TrackedFlow.Client) -> FlowClient? {
        switch client {
        case .fixed(let client): client
        case .pod(let number): .pod(index.pods[number])
        case .template(let id): newPod(of: id).map(FlowClient.pod)
        }
    }

    func endpoint(_ endpoint: TrackedFlow.Endpoint) -> FlowIndex.Endpoint {
        FlowIndex.Endpoint(
            pod: endpoint.pod.map { index.pods[$0] }, address: endpoint.address,
            port: endpoint.port)
    }

    /// One pod of each kind among these.
    ///
    /// - Parameter seesNodes: whether pods on different nodes are different.
    fileprivate func representatives(
        of numbers: [Int], seesNodes: (Pod) -> Bool
    ) -> [Int] {
        var seen: Set<PodKind> = []
        return numbers.filter { number in
            let pod = index.pods[number]
            return seen.insert(
                PodKind(
                    pod, controller: index.workloads.controller(of: pod),
                    node: seesNodes(pod) ? pod.nodeName : "")
            ).inserted
        }
    }

    fileprivate func representatives(
        of endpoints: [TrackedFlow.Endpoint], seesNodes: Bool
    ) -> [TrackedFlow.Endpoint] {
        struct Kind: Hashable {
            var pod: PodKind
            var port: Int
        }
        var seen: Set<Kind> = []
        return endpoints.filter { endpoint in
            guard let number = endpoint.pod else { return true }
            let pod = index.pods[number]
            let kind = PodKind(
                pod, controller: index.workloads.controller(of: pod),
                node: seesNodes ? pod.nodeName : "")
            return seen.insert(Kind(pod: kind, port: endpoint.port)).inserted
        }
    }
}

/// What decides about a pod's flows and about what changes do to it. Names, addresses, the times at which it
/// started and the marks that controllers and network plug-ins put on each pod do not.
private struct PodKind: Hashable {
    let controller: WorkloadID?
    let node: String
    private let pod: Pod

    private static let ownMarks: Set<String> = [
        "pod-template-hash", "controller-revision-hash", "pod-template-generation",
        "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid", "job-name",
        "controller-uid",
    ]

    init(_ pod: Pod, controller: WorkloadID?, node: String) {
        self.controller = controller
        self.node = node
        var pod = pod
        pod.meta = ObjectMeta(
            name: controller == nil ? pod.meta.name : "", namespace: pod.meta.namespace,
            labels: pod.meta.labels.filter { !Self.ownMarks.contains($0.key) },
            annotations: pod.meta.annotations.filter { $0.key.contains("istio.io") },
            isTerminating: pod.meta.isTerminating)
        for number in pod.containers.indices { pod.containers[number].runningSince = nil }
        for number in pod.initContainers.indices { pod.initContainers[number].runningSince = nil }
        pod.owner = nil
        pod.ip = ""
        pod.nodeName = pod.nodeName.isEmpty ? "" : node
        self.pod = pod
    }
}
