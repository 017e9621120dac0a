import MeshModel

/// The promise of every rollout, step by step: no flow that is carried today is refused, garbled or left
/// unjudged after any step, nor inside one.
///
/// Inside a step there are mixtures: each proxy holds the old or the new configuration, each pod is
/// restarted or captured, or not yet. A flow's verdict depends on its client, its endpoint, the
/// configurations of their two proxies and, for a headless Service, on what the client knows of the other
/// endpoints, so all of these are combined.
struct FlowGuarantee: Sendable {
    private(set) var world: FlowWorld
    private(set) var flows: [TrackedFlow]
    private var byServer: [String: [Int]] = [:]
    private var byClient: [String: [Int]] = [:]
    private var byPod: [Int: [Int]] = [:]
    /// By the host outside the cluster that they lead to.
    private var byHost: [String: [Int]] = [:]
    private var byTemplate: [String: [Int]] = [:]
    /// Flows that broke: they are told once.
    private var broken: Set<Int> = []

    init(_ flows: [Flow], on state: MeshState) {
        world = FlowWorld(state)
        let world = world
        self.flows = flows.map { TrackedFlow($0, in: world) }
        for number in self.flows.indices { register(number) }
    }

    /// Goes on with some of the flows alone, of those that have not broken yet.
    func following(_ numbers: Set<Int>) -> FlowGuarantee {
        var copy = self
        copy.broken.formUnion(Set(flows.indices).subtracting(numbers))
        return copy
    }

    /// Does steps that run together.
    ///
    /// - Returns: for each flow that breaks, by number, the first break.
    mutating func take(_ steps: [Step]) -> [Int: FlowBreak] {
        let numbers = affected(by: steps).filter { !broken.contains($0) }
        let transition = world.apply(steps)
        var breaks: [Int: FlowBreak] = [:]
        var mixtures = FlowMixtures(transition, in: world)
        for number in numbers {
            guard let found = mixtures.firstBreak(of: flows[number]) else { continue }
            broken.insert(number)
            breaks[number] = found
        }
        return breaks
    }

    /// The flows that these steps can affect, sorted.
    func affected(by steps: [Step]) -> [Int] {
        var found: Set<Int> = []
        for step in steps {
            let touched = world.touched(by: step.change)
            for name in touched.policies {
                if name == world.index.state.rootNamespace { return Array(flows.indices) }
                found.formUnion(byServer[name] ?? [])
            }
            for name in touched.traffic {
                if name == world.index.state.rootNamespace { return Array(flows.indices) }
                found.formUnion(byServer[name] ?? [])
                found.formUnion(byClient[name] ?? [])
            }
            found.formUnion(flows(toHostsOf: step.change))
            for name in touched.labels { found.formUnion(byTemplate[name] ?? []) }
            for pod in touched.pods { found.formUnion(byPod[pod] ?? []) }
        }
        return found.sorted()
    }

    /// ServiceEntries and rules count wherever they are.
    private func flows(toHostsOf change: Change) -> [Int] {
        guard case .traffic(let change) = change, !byHost.isEmpty else { return [] }
        let hosts = change.hosts
        guard change.hasAddresses || hosts.contains(where: { $0.hasPrefix("*") }) else {
            return hosts.flatMap { byHost[$0] ?? [] }
        }
        return byHost.filter { change.names(host: $0.key) }.flatMap(\.value)
    }

    private mutating func register(_ number: Int) {
        let flow = flows[number]
        guard !flow.pairs.isEmpty else { return }
        if let server = flow.flow.server.namespace { byServer[server, default: []].append(number) }
        if case .host(let host, _) = flow.flow.server { byHost[host, default: []].append(number) }
        var pods: Set<Int> = []
        var templates: Set<String> = []
        for pair in flow.pairs {
            switch pair.client {
            case .fixed: break
            case .pod(let pod): pods.insert(pod)
            case .template(let id): templates.insert(id.namespace)
            }
        }
        // Through a headless Service the other endpoints count as well.
        pods.formUnion(flow.targets.flatMap(\.endpoints).compactMap(\.pod))
        for name in Set(flow.pairs.compactMap { $0.client.namespace(in: world) }) {
            byClient[name, default: []].append(number)
        }
        for pod in pods { byPod[pod, default: []].append(number) }
        for name in templates { byTemplate[name, default: []].append(number) }
    }
}
