import JSON
import MeshModel
import MeshPlanning
import TestSupport

/// A random cluster with a plan and with flows between its workloads, and from outside.
struct FlowMesh {
    var state: MeshState
    var plan: MeshPlan
    var flows: [Flow] = []

    init(seed: Int) {
        let base = PropertyMesh(seed: seed)
        var random = SeededGenerator(seed: seed &+ 1_000_000)
        state = base.state
        plan = base.plan
        state.flows.settings.injectsHBONE = random.oneIn(2)
        var pins = SeededGenerator(seed: seed &+ 2_000_000)
        var servers: [String] = []
        var clients = ["external", "apiserver", "node/node-1"]
        for workload in state.workloads where workload.kind == .deployment {
            let id = workload.id
            clients.append("\(id.namespace)/deployment/\(id.name)")
            let app = workload.template.labels["app"] ?? ""
            let port = random.pick([3000, 4000, 8080])
            state.flows.services.append(
                contentsOf: service(
                    "\(id.namespace)/\(id.name)", ["app": app], port: 80, to: port,
                    name: random.pick(["", "http", "tcp"]), isHeadless: random.oneIn(5)
                ).flows.services)
            if pins.oneIn(8) { leavePin(of: id) }
            servers.append("\(id.namespace)/service/\(id.name):80")
            if random.oneIn(3) { servers.append("\(id.namespace)/deployment/\(id.name):\(port)") }
        }
        flows =
            servers.isEmpty
            ? []
            : (0..<4).map { _ in flow(random.pick(clients), random.pick(servers)) }
        // Plans and clusters of `PropertyMesh` have entries for the first two.
        state.flows.settings.registryOnly = random.oneIn(2)
        for _ in 0..<2 {
            let host = random.pick(["api.example.com", "www.example.org", "example.net"])
            flows.append(flow(random.pick(clients), "\(host):\(random.pick([80, 443]))"))
        }
    }

    /// As a killed run leaves it.
    private mutating func leavePin(of id: WorkloadID) {
        let pin = try? destinationRule(
            "\(id.namespace)/meshctl-pin-\(id.name)",
            host: "\(id.name).\(id.namespace).svc.cluster.local", ["tls": ["mode": "DISABLE"]],
            labels: madeBy(plan: "home").merging([LabelKeys.pin: "true"]) { $1 })
        state.flows.destinationRules += pin?.flows.destinationRules ?? []
    }
}

/// Judges flows the long way: whole states, every pod, every endpoint, no representatives, nothing kept.
struct NaiveFlows {
    struct Pair: Hashable {
        var flow: String
        var client: String
        var server: String
        var port: Int
    }

    /// The pairs of client and server pod between which a flow is delivered.
    ///
    /// - Parameters:
    ///   - pods: what each pod is; it may differ from `state`.
    ///   - client: the state that clients' proxies were configured from, `server` that of the servers'.
    static func delivered(
        _ flows: [Flow], pods: [Pod], in state: MeshState, client: MeshState, server: MeshState
    ) -> [Pair: FlowVerdict] {
        var mixed = state
        mixed.pods = pods
        let index = FlowIndex(mixed)
        var judge = FlowJudge(index)
        judge.clientConfiguration = FlowIndex(client).configuration
        judge.serverConfiguration = FlowIndex(server).configuration
        var found: [Pair: FlowVerdict] = [:]
        for flow in flows {
            for (name, client) in clients(of: flow, index) {
                for target in targets(of: flow, index) {
                    for verdict in judge.judge(client, to: target) {
                        let pair = Pair(
                            flow: flow.text, client: name,
                            server: verdict.endpoint.pod?.meta.name ?? "",
                            port: verdict.endpoint.port)
                        found[pair] = verdict.verdict
                    }
                }
            }
        }
        return found
    }

    private static func clients(of flow: Flow, _ index: FlowIndex) -> [(String, FlowClient)] {
        switch flow.client {
        case .apiServer: [("", .apiServer(nodes: []))]
        case .node(let name): [("", .node(name))]
        case .workload(let id):
            index.state.pods.filter { index.workloads.controller(of: $0) == id }
                .map { ($0.meta.name, .pod($0)) }
        default: [("", .external)]
        }
    }

    private static func targets(of flow: Flow, _ index: FlowIndex) -> [FlowTarget] {
        switch flow.server {
        case .service(let namespace, let name, let port):
            guard let service = index.service(namespace, name), let found = service.port(port)
            else { return [] }
            return [.service(service, found)]
        case .workload(let id, let port):
            return index.state.pods.filter { index.workloads.controller(of: $0) == id }
                .map { .pod($0, port: port) }
        case .host(let host, let port): return [.host(host, port: port)]
        case .pod: return []
        }
    }
}

extension FlowVerdict {
    var isDelivered: Bool { outcome == .carried || outcome == .bypassed }
}
