import JSON
import MeshModel

/// What becomes of each flow's requests, by the rules that Istio goes by (`MeshModel`'s `FlowJudge`).
struct TrafficJudge {
    private let world: TrafficWorld
    private let judge: FlowJudge
    private let faults: Faults
    /// The pod of the ztunnel on each node.
    private let ztunnels: [String: String]
    private(set) var parties: [String: TrafficParty] = [:]

    init(_ world: TrafficWorld, _ index: FlowIndex, _ faults: Faults) {
        self.world = world
        self.faults = faults
        judge = FlowJudge(index)
        ztunnels = Dictionary(
            index.pods.filter { $0.meta.labels["app"] == "ztunnel" && $0.isLive }
                .map { ($0.nodeName, $0.meta.uid) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func paths(of flows: [TrafficFlow]) -> [TrafficPath] {
        flows.enumerated().flatMap { paths(of: $1, number: $0) }
    }

    private mutating func paths(of flow: TrafficFlow, number: Int) -> [TrafficPath] {
        guard let target = target(of: flow) else { return [] }
        let clients = clients(of: flow)
        var paths: [TrafficPath] = []
        for (turn, client) in clients.enumerated() {
            let verdicts = judge.judge(client.flow, to: target)
            for (other, verdict) in verdicts.enumerated()
            where verdict.verdict.outcome != .unknown {
                var path = path(client, verdict)
                path.flow = number
                path.turns = Int64(clients.count * verdicts.count)
                path.turn = Int64(other * clients.count + turn)
                if path.outcome == .carried { meetFaults(&path, of: flow, at: verdict) }
                // What no proxy and no client sees leaves no trace.
                guard path.clientProxy != nil || path.serverProxy != nil || client.pod != nil
                else { continue }
                paths.append(path)
            }
        }
        return paths
    }

    private func meetFaults(
        _ path: inout TrafficPath, of flow: TrafficFlow, at found: FlowJudge.EndpointVerdict
    ) {
        if faults.refuse(flow, .resets) {
            path.outcome = .refused
            path.isReset = true
        } else if faults.refuse(flow, .resetsUnderStrict), found.mode == .strict {
            // As if the client had no certificate after all.
            path.sent = .plaintext
            path.outcome = .refused
            path.reason = .strictRefusesPlaintext
            path.deniedBy = found.endpoint.pod.flatMap(denying)
        }
    }

    private struct Client {
        var flow: FlowClient
        var id: String
        var pod: Pod?
    }

    private mutating func clients(of flow: TrafficFlow) -> [Client] {
        switch flow.client {
        case .external:
            parties["external"] = TrafficParty(address: "192.0.2.10")
            return [Client(flow: .external, id: "external")]
        case .apiServer:
            parties["apiserver"] = TrafficParty(address: "192.168.1.2")
            return [Client(flow: .apiServer(nodes: judge.index.apiServerNodes), id: "apiserver")]
        case .node(let name):
            parties["node/\(name)"] = TrafficParty(address: "192.168.1.10")
            return [Client(flow: .node(name), id: "node/\(name)")]
        case .workload(let namespace, let kind, let name):
            return judge.index.pods(in: namespace).filter {
                let (ownKind, ownName) = $0.controller
                return $0.isLive && $0.isReady && ownName == name && (kind ?? ownKind) == ownKind
            }.map { pod in
                parties[pod.meta.uid] = party(pod)
                return Client(flow: .pod(pod), id: pod.meta.uid, pod: pod)
            }
        }
    }

    private func target(of flow: TrafficFlow) -> FlowTarget? {
        switch flow.target {
        case .service(let namespace, let name, let port):
            guard let service = judge.index.service(namespace, name),
                let found = service.port(port)
            else { return nil }
            return .service(service, found)
        case .pod(let namespace, let name, let port):
            return judge.index.pod(namespace, name).map { .pod($0, port: port) }
        }
    }

    private mutating func path(
        _ client: Client, _ found: FlowJudge.EndpointVerdict
    ) -> TrafficPath {
        let verdict = found.verdict
        let server = found.endpoint.pod
        let id = server?.meta.uid ?? found.endpoint.address
        parties[id] = server.map(party) ?? TrafficParty(address: found.endpoint.address)
        let leavesProxy = verdict.sentBecause != .outboundExcluded
        var path = TrafficPath(
            flow: 0, client: client.id, server: id, port: found.endpoint.port, turns: 1, turn: 0,
            sent: verdict.sent, outcome: verdict.outcome, reason: verdict.reason)
        path.clientProxy = leavesProxy ? client.pod.flatMap(proxy) : nil
        if let server, verdict.outcome != .bypassed, verdict.reason != .registryOnly,
            server.dataplane == .ambient || verdict.sent == .hbone
                || Interception.takesInbound(port: path.port, of: server)
        {
            path.serverProxy = proxy(of: server)
        }
        if verdict.outcome == .refused { path.deniedBy = server.flatMap(denying) }
        return path
    }

    /// The policy by which ztunnel refuses what comes to this pod without an identity.
    private func denying(_ server: Pod) -> String? {
        guard server.dataplane == .ambient else { return nil }
        let policies = ZtunnelPolicies.decide(
            namespace: server.meta.namespace, podLabels: server.meta.labels,
            policies: judge.index.policies)
        return policies.references.first { !policies.missing.contains($0) }
    }

    private func proxy(of pod: Pod) -> String? {
        switch pod.dataplane {
        case .sidecar, .gateway, .waypoint: pod.meta.uid
        case .ambient: ztunnels[pod.nodeName]
        case .none: nil
        }
    }

    /// Names as istiod gives them (istio `pkg/kube/labels/labels.go:CanonicalService`).
    private func party(_ pod: Pod) -> TrafficParty {
        let labels = pod.meta.labels
        let workload = pod.controller.name
        return TrafficParty(
            namespace: pod.meta.namespace, pod: pod.meta.name, workload: workload,
            account: world.pod(pod)?["spec"]?["serviceAccountName"]?.string ?? "default",
            application: labels["app"] ?? "", version: labels["version"] ?? "",
            canonicalName: labels["service.istio.io/canonical-name"]
                ?? labels["app.kubernetes.io/name"] ?? labels["app"] ?? workload,
            canonicalRevision: labels["service.istio.io/canonical-revision"]
                ?? labels["app.kubernetes.io/version"] ?? labels["version"] ?? "latest",
            address: pod.ip)
    }
}

extension Pod {
    /// The workload as Istio's telemetry names it: a Deployment for its ReplicaSet's pods, a bare pod itself.
    var controller: (kind: String, name: String) {
        guard let owner else { return ("pod", meta.name) }
        if owner.kind == "ReplicaSet", let hash = meta.labels["pod-template-hash"],
            owner.name.hasSuffix("-" + hash)
        {
            return ("deployment", String(owner.name.dropLast(hash.count + 1)))
        }
        return (owner.kind.lowercased(), owner.name)
    }
}
