import MeshModel

/// Which workloads are known to call which ports of which workloads.
struct KnownClients {
    /// By `shop/Deployment/cart`, by container port.
    private var clients: [String: [Int: Set<String>]] = [:]
    /// Those whose calls may be refused, as the plan file or a person decided, by container port.
    private var givenUp: [String: [Int: Set<String>]] = [:]
    /// Those whose calls must not be refused.
    private var required: [String: Set<String>] = [:]
    /// Container ports that somebody must reach who is no pod with an address of its own.
    private var outsidePorts: [String: Set<Int>] = [:]
    /// The Services that lead to it, of those that are called.
    private var services: [String: Set<String>] = [:]

    /// - Parameters:
    ///   - dismissed: flows of which no account is taken.
    ///   - accepted: texts of flows that may break.
    init(
        _ guarantee: FlowGuarantee, dismissed: [Flow] = [], accepted: Set<String> = [],
        on observed: MeshState
    ) {
        for flow in guarantee.flows {
            let isGivenUp = flow.flow.expect == .refused || accepted.contains(flow.flow.text)
            for call in Self.calls(of: flow, in: guarantee.world.index) {
                if let client = call.client {
                    clients[call.server, default: [:]][call.port, default: []].insert(client)
                }
                if case .service(let namespace, let name, _) = flow.flow.server {
                    services[call.server, default: []].insert("\(namespace)/\(name)")
                }
                if isGivenUp { giveUp(call) } else if flow.flow.isRequired { require(call) }
            }
        }
        guard !dismissed.isEmpty else { return }
        let others = FlowGuarantee(dismissed, on: observed)
        for flow in others.flows {
            for call in Self.calls(of: flow, in: others.world.index) { giveUp(call) }
        }
    }

    private mutating func giveUp(_ call: Call) {
        guard let client = call.client else { return }
        givenUp[call.server, default: [:]][call.port, default: []].insert(client)
    }

    /// What does not get through today is not lost.
    private mutating func require(_ call: Call) {
        guard call.isCarried else { return }
        if let client = call.client { required[call.server, default: []].insert(client) }
        if call.isFromOutside { outsidePorts[call.server, default: []].insert(call.port) }
    }

    private struct Call {
        var server: String
        var port: Int
        /// nil for who is no pod.
        var client: String?
        /// Whether proxies do not know the client by its address.
        var isFromOutside: Bool
        /// Whether it gets through today, or may.
        var isCarried: Bool
    }

    private static func calls(of flow: TrackedFlow, in index: FlowIndex) -> [Call] {
        func call(
            to endpoint: TrackedFlow.Endpoint, from client: String?, isFromOutside: Bool,
            isCarried: Bool
        ) -> Call? {
            endpoint.pod.map {
                Call(
                    server: index.workloads.text(of: index.pods[$0]), port: endpoint.port,
                    client: client, isFromOutside: isFromOutside, isCarried: isCarried)
            }
        }
        // Clients of another cluster are not judged.
        if case .cluster = flow.flow.client {
            return flow.targets.flatMap(\.endpoints).compactMap {
                call(to: $0, from: nil, isFromOutside: true, isCarried: true)
            }
        }
        return (flow.pairs + flow.others).compactMap { pair in
            let isCarried = pair.verdict.outcome.isDelivered || pair.verdict.outcome == .unknown
            switch pair.client {
            case .fixed:
                return call(
                    to: pair.endpoint, from: nil, isFromOutside: true, isCarried: isCarried)
            case .pod(let number):
                let pod = index.pods[number]
                return call(
                    to: pair.endpoint, from: index.workloads.text(of: pod),
                    isFromOutside: pod.hostNetwork, isCarried: isCarried)
            case .template(let id):
                return call(
                    to: pair.endpoint, from: id.text, isFromOutside: false, isCarried: isCarried)
            }
        }
    }

    /// nil where all that the workload's pod serves stays open: nobody's connection changes.
    func target(
        _ workload: String, of pod: Pod, openPorts: [Int] = []
    ) -> NoPlaintext.Target? {
        let ports = clients[workload] ?? [:]
        let own = pod.containers.filter { $0.name != "istio-proxy" }
        let served = Set(own.flatMap(\.ports).map(\.number)).union(ports.keys)
        guard served.isEmpty || !served.isSubset(of: openPorts) else { return nil }
        return NoPlaintext.Target(
            workload: workload, openPorts: openPorts,
            openPortClients: Set(openPorts.flatMap { ports[$0] ?? [] }).sorted(),
            clients: Set(ports.values.joined()).sorted(),
            givenUp: Set((givenUp[workload] ?? [:]).values.joined()).sorted())
    }

    /// Whose refusals count at a workload, and whose are only listed.
    func guarded(_ workload: String) -> TrafficGuard.Target {
        let required = required[workload] ?? []
        var ports: [String: Set<Int>] = [:]
        for (port, clients) in givenUp[workload] ?? [:] {
            for client in clients { ports[client, default: []].insert(port) }
        }
        let outside = outsidePorts[workload] ?? []
        return TrafficGuard.Target(
            workload: workload, required: required.sorted(), givenUp: ports.keys.sorted(),
            givenUpPorts: ports.filter { required.contains($0.key) }.mapValues { $0.sorted() },
            hasOutsideClients: !outside.isEmpty, outsidePorts: outside.sorted(),
            services: (services[workload] ?? []).sorted())
    }
}
