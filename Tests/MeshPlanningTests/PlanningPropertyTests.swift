import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

/// Each seed is a random cluster with a random plan. A blocked plan is held to the same properties where
/// they make sense, since its rollout is computed all the same.
@Suite("Of any plan on any cluster")
struct PlanningPropertyTests {
    static let seeds = 0..<400

    @Test("half of the random plans are not blocked, so that the others say something")
    func notVacuous() {
        let open = Self.seeds.filter {
            let mesh = PropertyMesh(seed: $0)
            let result = planned(mesh.plan, on: mesh.state)
            return !result.isBlocked && !result.rollout.steps.isEmpty
        }
        #expect(open.count * 3 > Self.seeds.count)
    }

    @Test("the same input gives the same plan, however the lists are ordered", arguments: seeds)
    func deterministic(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        let first = planned(mesh.plan, on: mesh.state)
        #expect(planned(mesh.plan, on: mesh.shuffled(seed: seed)) == first)
    }

    @Test("the plan of the reached state is empty", arguments: seeds)
    func reached(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        let first = planned(mesh.plan, on: mesh.state)
        guard !first.isBlocked else { return }
        let after = mesh.state.applying(first.rollout.steps.map(\.change))
        let second = planned(mesh.plan, on: after)
        #expect(second.lines == [])
        #expect(!second.isBlocked)
    }

    @Test(
        "the reached state has the data planes and modes that the plan asks for", arguments: seeds)
    func asked(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        let first = planned(mesh.plan, on: mesh.state)
        guard !first.isBlocked else { return }
        let after = mesh.state.applying(first.rollout.steps.map(\.change))
        for entry in mesh.plan.namespaces {
            guard case .name(let name) = entry.subject else { continue }
            for pod in after.pods where pod.meta.namespace == name {
                expect(pod, entry, after)
            }
        }
    }

    @Test(
        "the reached state has the rules, hosts and egress that the plan asks for", arguments: seeds
    )
    func steered(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        let first = planned(mesh.plan, on: mesh.state)
        guard !first.isBlocked else { return }
        let flows = mesh.state.applying(first.rollout.steps.map(\.change)).flows
        let rules = DestinationRuleIndex(flows.destinationRules, rootNamespace: PropertyMesh.root)
        for entry in mesh.plan.clients {
            let namespace = String(entry.host.split(separator: ".")[1])
            for (port, mode) in entry.ports {
                let found = rules.tls(
                    forPort: port, ofHost: entry.host, in: namespace,
                    client: .init(namespace: "elsewhere", labels: [:]))
                #expect(found?.mode?.rawValue == mode.rawValue)
            }
        }
        for entry in mesh.plan.external {
            let ports = flows.serviceEntries.filter {
                $0.meta.namespace == entry.namespace && $0.hosts.contains(entry.host)
                    && $0.resolution == entry.resolution.rawValue
            }.flatMap(\.ports).filter { $0.number == entry.port }
            #expect(ports.map(\.protocolName) == [entry.protocol])
            #expect(ports.map(\.targetPort) == [entry.targetPort])
        }
        for entry in mesh.plan.namespaces {
            guard case .name(let name) = entry.subject, let hosts = entry.egress else { continue }
            let scopes = flows.sidecarScopes.filter { $0.meta.namespace == name }
            #expect(scopes.map { Set($0.egressHosts) } == [Set(hosts)])
        }
    }

    private func expect(_ pod: Pod, _ entry: NamespaceEntry, _ state: MeshState) {
        switch entry.dataplane {
        case .sidecar: #expect(pod.dataplane == .sidecar)
        case .ambient: #expect(pod.dataplane == .ambient)
        case .some(.none): #expect(pod.dataplane == .none)
        case nil: break
        }
        let index = PeerAuthenticationIndex(
            state.peerAuthentications, rootNamespace: state.rootNamespace)
        let decision = EffectiveMode.decide(
            namespace: pod.meta.namespace, podLabels: pod.meta.labels, policies: index)
        let scope = EffectiveMode.decide(
            namespace: pod.meta.namespace, podLabels: [:], policies: index)
        if let want = entry.mtls, want != .unset { #expect(scope.mode == want) }
        for exception in entry.exceptions where exception.selector.matches(pod.meta.labels) {
            #expect(decision.mode == scope.mode)
            #expect(decision.ports == exception.ports)
        }
    }

    @Test("the inverses, in reverse order, give back the same state", arguments: seeds)
    func inverse(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        let changes = planned(mesh.plan, on: mesh.state).rollout.steps.map(\.change)
            .filter { $0.action != .restart }
        let after = mesh.state.applying(changes)
        let back = after.applying(changes.reversed().map(\.inverted))
        #expect(
            back.namespaces.map(\.meta.labels) == mesh.state.namespaces.map(\.meta.labels))
        #expect(back.policyImages == mesh.state.policyImages)
        #expect(back.trafficImages == mesh.state.trafficImages)
    }

    @Test("stage by stage reaches the same state as all at once", arguments: seeds)
    func stages(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        guard !planned(mesh.plan, on: mesh.state).isBlocked else { return }
        let straight = mesh.state.applying(mesh.changes(on: mesh.state))
        var state = mesh.state
        for stage in Stage.allCases {
            let result = planned(mesh.plan, on: state, through: stage)
            #expect(!result.isBlocked)
            state = state.applying(result.rollout.steps.map(\.change))
        }
        #expect(state.policyImages == straight.policyImages)
        #expect(state.trafficImages == straight.trafficImages)
        #expect(state.namespaces == straight.namespaces)
        #expect(state.pods == straight.pods)
    }

    @Test("planned again after any prefix, it reaches the same state", arguments: 0..<60)
    func resumed(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        guard !planned(mesh.plan, on: mesh.state).isBlocked else { return }
        let changes = mesh.changes(on: mesh.state)
        let straight = mesh.state.applying(changes)
        for count in 0..<changes.count {
            let half = mesh.state.applying(changes.prefix(count))
            let end = half.applying(mesh.changes(on: half))
            #expect(end.policyImages == straight.policyImages, "after \(count) steps")
            #expect(end.trafficImages == straight.trafficImages, "after \(count) steps")
            #expect(end.pods.map(\.dataplane) == straight.pods.map(\.dataplane))
        }
    }

    @Test(
        "no step takes a port of a policy's scope from DISABLE to STRICT or back", arguments: seeds)
    func neverStraight(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        let straight = mesh.enforcedSteps().filter { step in
            zip(step.before, step.after).contains { old, new in
                old != new && old != .permissive && new != .permissive
            }
        }
        #expect(straight.map(\.line) == [])
    }

    @Test(
        "what is STRICT and ends STRICT is STRICT after every step, but for protection",
        arguments: seeds)
    func strictStays(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        let result = planned(mesh.plan, on: mesh.state)
        guard !result.isBlocked,
            !result.rollout.steps.contains(where: {
                $0.phase == .enroll && $0.change.action != .label && $0.change.action != .restart
            })
        else { return }
        var state = mesh.state
        let end = mesh.state.applying(result.rollout.steps.map(\.change)).modes
        let start = mesh.state.modes
        let kept = start.keys.filter { start[$0] == .strict && end[$0] == .strict }.sorted()
        for step in result.rollout.steps {
            state = state.applying([step.change])
            let modes = state.modes
            #expect(kept.filter { modes[$0] != .strict } == [], "after \(step.line)")
        }
    }

    @Test(
        "an excepted port is PERMISSIVE from the moment its exception stands, in any order of a batch",
        arguments: seeds)
    func exceptedPorts(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        let result = planned(mesh.plan, on: mesh.state)
        guard !result.isBlocked else { return }
        var random = SeededGenerator(seed: seed)
        var state = mesh.state
        var stage: Phase = .enroll
        for batch in result.rollout.batches {
            for step in batch.shuffled(using: &random) {
                state = state.applying([step.change])
                stage = step.phase
                guard stage == .strict else { continue }
                for (port, mode) in mesh.exceptedPorts(in: state) {
                    #expect(mode == .permissive, "\(port) after \(step.line)")
                }
            }
        }
    }
}

extension PropertyMesh {
    fileprivate func changes(on state: MeshState) -> [Change] {
        planned(plan, on: state).rollout.steps.map(\.change)
    }

    fileprivate struct EnforcedStep {
        var line: String
        var before: [MTLSMode]
        var after: [MTLSMode]
    }

    /// The modes of all probed ports before and after each step.
    fileprivate func enforcedSteps() -> [EnforcedStep] {
        let result = planned(plan, on: state)
        guard !result.isBlocked else { return [] }
        var now = state
        return result.rollout.steps.map { step in
            let before = now.modes
            now = now.applying([step.change])
            let after = now.modes
            let keys = before.keys.sorted()
            return EnforcedStep(
                line: step.line, before: keys.compactMap { before[$0] },
                after: keys.compactMap { after[$0] })
        }
    }

    fileprivate func exceptedPorts(in state: MeshState) -> [(String, MTLSMode)] {
        let modes = state.modes
        return plan.namespaces.flatMap { entry -> [(String, MTLSMode)] in
            guard case .name(let name) = entry.subject else { return [] }
            return entry.exceptions.flatMap { exception -> [(String, MTLSMode)] in
                let app = exception.selector.matchLabels["app"] ?? ""
                return exception.ports.filter { $0.value == .permissive }.keys.compactMap { port in
                    let key = "\(name)/\(app):\(port)"
                    return modes[key].map { (key, $0) }
                }
            }
        }
    }
}

extension MeshState {
    var policyImages: [String: PolicyImage] {
        Dictionary(
            uniqueKeysWithValues: peerAuthentications.map { ($0.text, PolicyImage($0)) })
    }

    /// The mode of probed ports for a pod of each app in each namespace, whatever pods there are.
    fileprivate var modes: [String: MTLSMode] {
        let index = PeerAuthenticationIndex(peerAuthentications, rootNamespace: rootNamespace)
        var modes: [String: MTLSMode] = [:]
        for namespace in PropertyMesh.spaces {
            for app in ["x", "y", "z"] {
                let decision = EffectiveMode.decide(
                    namespace: namespace, podLabels: ["app": app], policies: index)
                for port in [80, 3000, 4000, 5000] {
                    modes["\(namespace)/\(app):\(port)"] = decision.mode(forPort: port)
                }
            }
        }
        return modes
    }
}

extension Change {
    /// The change that takes this one back.
    fileprivate var inverted: Change {
        switch self {
        case .labels(var change):
            swap(&change.before, &change.after)
            return .labels(change)
        case .policy(var change):
            swap(&change.before, &change.after)
            return .policy(change)
        case .traffic(var change):
            swap(&change.before, &change.after)
            return .traffic(change)
        case .restart:
            return self
        }
    }
}
