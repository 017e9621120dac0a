import MeshModel

/// Everything that clients and servers of a flow may meet while steps are on their way.
struct FlowMixtures {
    private let transition: FlowWorld.Transition
    private let world: FlowWorld
    /// Changes of configuration by their namespace.
    private let changes: [String: [Change]]
    private var configurations: [ConfigurationKey: [FlowConfiguration]] = [:]

    private struct ConfigurationKey: Hashable {
        var namespaces: Set<String>
        var changes: [Change]
    }

    /// - Parameter world: after the steps.
    init(_ transition: FlowWorld.Transition, in world: FlowWorld) {
        self.transition = transition
        self.world = world
        changes = Dictionary(
            grouping: transition.steps.map(\.change).filter(\.isConfiguration), by: \.namespace)
    }

    /// nil while the flow is carried, between all for whom it is today, in every mixture.
    mutating func firstBreak(of flow: TrackedFlow) -> FlowBreak? {
        for pair in flow.pairs {
            let target = flow.targets[pair.target]
            if let found = firstBreak(between: pair, target) {
                return FlowBreak(
                    flow: flow.flow, step: step(for: pair, of: flow), client: found.client,
                    server: found.server, port: pair.endpoint.port, before: pair.verdict,
                    after: found.verdict, isTransient: !isBrokenAfterwards(pair, target))
            }
        }
        return nil
    }

    private struct Mixture {
        var client: Pod?
        var server: Pod?
        var verdict: FlowVerdict
    }

    private mutating func firstBreak(
        between pair: TrackedFlow.Pair, _ target: TrackedFlow.Target
    ) -> Mixture? {
        let held = configurations(for: pair, target)
        let peers = target.isHeadless ? peers(of: target) : []
        for client in clients(of: pair) {
            let mine = client.readsConfiguration ? held : held.suffix(1)
            for server in servers(of: pair) {
                for known in peers.isEmpty
                    ? [[server.known]] : peers.map({ views(of: $0, pair.endpoint, target, server) })
                {
                    let verdict = firstFailure(mine, held, forced: target.forced) { judge in
                        judge.judge(
                            client, to: target.target, at: server.real, knownAs: server.known,
                            peers: known)
                    }
                    guard let verdict else { continue }
                    return Mixture(client: client.pod, server: server.real.pod, verdict: verdict)
                }
            }
        }
        return nil
    }

    /// Over what the client's proxy may hold and what the server's may.
    private func firstFailure(
        _ mine: some Collection<FlowConfiguration>, _ theirs: [FlowConfiguration],
        forced: ForcedBytes?,
        verdict: (FlowJudge) -> FlowVerdict
    ) -> FlowVerdict? {
        var judge = FlowJudge(world.index, forced: forced)
        for client in mine {
            judge.clientConfiguration = client
            for server in theirs {
                judge.serverConfiguration = server
                let found = verdict(judge)
                if !found.outcome.isDelivered { return found }
            }
        }
        return nil
    }

    private func isBrokenAfterwards(
        _ pair: TrackedFlow.Pair, _ target: TrackedFlow.Target
    ) -> Bool {
        guard let client = world.client(pair.client) else { return false }
        let endpoint = world.endpoint(pair.endpoint)
        let verdict = FlowJudge(world.index, forced: target.forced).judge(
            client, to: target.target, at: endpoint, knownAs: endpoint,
            peers: target.endpoints.map { world.endpoint($0) })
        return !verdict.outcome.isDelivered
    }

    /// As it was and as it is.
    private func clients(of pair: TrackedFlow.Pair) -> [FlowClient] {
        guard let now = world.client(pair.client) else { return [] }
        switch pair.client {
        case .fixed: return [now]
        case .pod(let number):
            return transition.pods[number].map { [.pod($0), now] } ?? [now]
        case .template(let id):
            guard let labels = transition.labels[id.namespace],
                let before = world.newPod(of: id, under: labels)
            else { return [now] }
            return [.pod(before), now]
        }
    }

    private struct Server {
        var real: FlowIndex.Endpoint
        /// As the client's proxy knows it.
        var known: FlowIndex.Endpoint
    }

    /// As it was and as it is. A pod that is captured as it runs keeps its address, so clients may take
    /// it for one outside the mesh yet; a restarted one has another address. (That a released pod is
    /// sent HBONE for a moment is Istio's own doing, and no order of steps cures it.)
    private func servers(of pair: TrackedFlow.Pair) -> [Server] {
        let now = world.endpoint(pair.endpoint)
        guard let before = before(pair.endpoint) else { return [Server(real: now, known: now)] }
        var servers = [Server(real: before, known: before), Server(real: now, known: now)]
        if before.pod?.dataplane == PodDataplane.none, now.pod?.dataplane == .ambient {
            servers.append(Server(real: now, known: before))
        }
        return servers
    }

    /// What a client's proxy may know of a headless Service: its decision rests on whether all are
    /// injected, so all old and all new stand for everything between.
    private func peers(of target: TrackedFlow.Target) -> [[FlowIndex.Endpoint]] {
        let now = target.endpoints.map { world.endpoint($0) }
        let before = target.endpoints.map { self.before($0) ?? world.endpoint($0) }
        return now == before ? [now] : [before, now]
    }

    /// Proxies lag behind the pods, and never run ahead of them: while this server is not restarted yet, no
    /// client knows all as restarted. (A rolling injection of a StatefulSet is plaintext to the last pod;
    /// istio `pilot/pkg/model/push_context.go`, `BestEffortInferServiceMTLSMode`.)
    private func views(
        of peers: [FlowIndex.Endpoint], _ endpoint: TrackedFlow.Endpoint,
        _ target: TrackedFlow.Target, _ server: Server
    ) -> [FlowIndex.Endpoint] {
        guard let place = target.endpoints.firstIndex(of: endpoint),
            let before = before(endpoint), server.real == before
        else { return peers }
        var peers = peers
        peers[place] = before
        return peers
    }

    private func before(_ endpoint: TrackedFlow.Endpoint) -> FlowIndex.Endpoint? {
        endpoint.pod.flatMap { transition.pods[$0] }.map {
            FlowIndex.Endpoint(pod: $0, address: endpoint.address, port: endpoint.port)
        }
    }

    private mutating func configurations(
        for pair: TrackedFlow.Pair, _ target: TrackedFlow.Target
    ) -> [FlowConfiguration] {
        let server = pair.endpoint.pod.map { world.index.pods[$0] }
        let client = pair.client.namespace(in: world)
        let key = ConfigurationKey(
            namespaces: Set([server?.meta.namespace, client].compactMap(\.self))
                .union(namespaces(naming: target.target)),
            changes: changes(for: server, client: client, target.target))
        if let known = configurations[key] { return known }
        let made = world.configurations(
            during: transition, holding: key.changes, in: key.namespaces)
        configurations[key] = made
        return made
    }

    /// Where ServiceEntries name the host, and rules for it may be: anywhere.
    private func namespaces(naming target: FlowTarget) -> Set<String> {
        guard case .host(let host, _) = target else { return [] }
        return changes(naming: host).reduce(
            into: world.index.configuration.entries.namespaces(naming: host)
        ) { $0.insert($1.namespace) }
    }

    private func changes(naming host: String) -> [Change] {
        transition.steps.map(\.change).filter { change in
            guard case .traffic(let change) = change else { return false }
            return change.names(host: host)
        }
    }

    /// The changes that can decide between a client's namespace and a server. Policies count in the
    /// server's namespace; rules and Sidecars in either one. For a host outside, what names it counts, and
    /// the client's Sidecars.
    private func changes(for server: Pod?, client: String?, _ target: FlowTarget) -> [Change] {
        if case .host(let host, _) = target {
            let names = Set([world.index.state.rootNamespace, client].compactMap(\.self))
            return names.sorted().flatMap { changes[$0] ?? [] }.filter(\.isSidecar)
                + changes(naming: host)
        }
        let names = Set(
            [world.index.state.rootNamespace, server?.meta.namespace, client].compactMap(\.self))
        return names.sorted().flatMap { changes[$0] ?? [] }.filter { change in
            guard case .policy(let policy) = change else { return true }
            guard let server else { return false }
            guard policy.namespace != world.index.state.rootNamespace else { return true }
            guard policy.namespace == server.meta.namespace else { return false }
            return [policy.before, policy.after].compactMap(\.self).contains { image in
                PolicySpec.selector(of: image.spec)?.matches(server.meta.labels) ?? true
            }
        }
    }

    /// The step among those that run together that the pair meets.
    private func step(for pair: TrackedFlow.Pair, of flow: TrackedFlow) -> Step {
        let server = pair.endpoint.pod.map { world.index.pods[$0] }
        let changes = changes(
            for: server, client: pair.client.namespace(in: world),
            flow.targets[pair.target].target)
        let pods = Set(flow.targets.flatMap(\.endpoints).compactMap(\.pod) + pair.client.pods)
        let met = transition.steps.first { step in
            if step.change.isConfiguration { return changes.contains(step.change) }
            return !world.touched(by: step.change).pods.isDisjoint(with: pods)
        }
        return met ?? transition.steps[0]
    }
}

extension Change {
    fileprivate var isSidecar: Bool {
        if case .traffic(let change) = self { change.kind == .sidecar } else { false }
    }

    /// Whether it is an object that istiod hands on to proxies.
    fileprivate var isConfiguration: Bool {
        switch self {
        case .policy, .traffic: true
        case .labels, .restart: false
        }
    }
}

extension TrackedFlow.Client {
    fileprivate var pods: [Int] {
        if case .pod(let number) = self { [number] } else { [] }
    }
}

extension FlowClient {
    fileprivate var pod: Pod? {
        if case .pod(let pod) = self { pod } else { nil }
    }

    /// Whether what it sends depends on policies and rules. ztunnel goes by its servers alone.
    fileprivate var readsConfiguration: Bool {
        switch pod?.outboundPlane {
        case .sidecar, .gateway, .waypoint: true
        case .ambient, .some(.none), nil: false
        }
    }
}
