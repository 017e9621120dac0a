import MeshModel
import TestSupport

/// A random cluster with a plan for it: few names, so that everything meets everything.
struct PropertyMesh {
    var state: MeshState
    var plan: MeshPlan

    static let spaces = ["a", "b", "c", "d"]
    static let root = "istio-system"
    static let modes: [MTLSMode] = [.disable, .permissive, .strict]

    init(seed: Int) {
        var random = SeededGenerator(seed: seed)
        state = MeshState()
        var parts = [namespace(Self.root)]
        if random.oneIn(2) { parts.append(Self.policy(in: Self.root, &random)) }
        plan = MeshPlan(name: "home")
        plan.mesh.adopt = true
        if random.oneIn(2) { plan.mesh.mtls = random.pick(MTLSMode.allCases) }
        plan.rollout.waves = ["one", "two"]
        plan.rollout.limits.namespacesAtOnce = Int.random(in: 1...2, using: &random)
        for name in Self.spaces {
            parts += Self.space(name, &random)
            if !random.oneIn(5) { plan.namespaces.append(Self.entry(name, &random)) }
        }
        parts += addTraffic(seed: seed)
        state = mesh(parts)
    }

    private static func space(_ name: String, _ random: inout SeededGenerator) -> [MeshPart] {
        let labels: [[String: String]] = [
            [:], ["istio-injection": "enabled"], ["istio-injection": "disabled"],
            ["istio.io/rev": "canary"], ["istio.io/dataplane-mode": "ambient"],
            ["istio.io/dataplane-mode": "ambient", "istio-injection": "enabled"],
        ]
        let chosen = random.pick(labels)
        // istio-cni follows the label at once; a sidecar stays until its pod goes.
        let isAmbient = chosen["istio.io/dataplane-mode"] == "ambient"
        var parts = [namespace(name, labels: chosen)]
        for app in ["x", "y"] where !random.oneIn(3) {
            parts.append(
                deployment(
                    "\(name)/\(app)", labels: ["app": app],
                    plane: random.pick([isAmbient ? .ambient : .none, .sidecar]),
                    replicas: Int.random(in: 1...2, using: &random)))
            if random.oneIn(3) {
                parts.append(
                    policy(in: name, called: "workload-\(app)", selector: ["app": app], &random))
            }
        }
        if random.oneIn(2) { parts.append(policy(in: name, &random)) }
        return parts
    }

    private static func policy(
        in namespace: String, called name: String = "default", selector: [String: String]? = nil,
        _ random: inout SeededGenerator
    ) -> MeshPart {
        var ports: [Int: MTLSMode] = [:]
        if selector != nil, random.oneIn(2) { ports[3000] = random.pick(modes) }
        if selector != nil, random.oneIn(3) { ports[4000] = random.pick(MTLSMode.allCases) }
        return TestSupport.policy(
            "\(namespace)/\(name)", random.pick(MTLSMode.allCases), selector: selector,
            ports: ports, labels: random.oneIn(2) ? madeBy(plan: "home") : [:])
    }

    private static func entry(_ name: String, _ random: inout SeededGenerator) -> NamespaceEntry {
        var entry = NamespaceEntry(.name(name))
        entry.dataplane = random.pick([nil, .ambient, .sidecar, DesiredDataplane.none])
        if entry.dataplane == .sidecar, random.oneIn(3) { entry.revision = "canary" }
        entry.mtls = random.pick([nil, .unset, .disable, .permissive, .strict, .strict])
        // STRICT outside the mesh is refused.
        if entry.mtls == .strict, entry.dataplane == DesiredDataplane.none {
            entry.dataplane = .ambient
        }
        entry.wave = random.pick([nil, "one", "two"])
        entry.adopt = !random.oneIn(8)
        for app in ["x", "y"] where random.oneIn(3) {
            var ports: [Int: MTLSMode] = [3000: .permissive]
            if random.oneIn(4) { ports[5000] = random.pick(modes) }
            entry.exceptions.append(exception(app, ["app": app], ports, adopt: !random.oneIn(8)))
        }
        return entry
    }

    /// The same cluster as another reader might have listed it.
    func shuffled(seed: Int) -> MeshState {
        var random = SeededGenerator(seed: seed)
        var shuffled = state
        shuffled.namespaces.shuffle(using: &random)
        shuffled.workloads.shuffle(using: &random)
        shuffled.pods.shuffle(using: &random)
        shuffled.peerAuthentications.shuffle(using: &random)
        shuffled.flows.destinationRules.shuffle(using: &random)
        shuffled.flows.serviceEntries.shuffle(using: &random)
        shuffled.flows.sidecarScopes.shuffle(using: &random)
        return shuffled
    }
}
