import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("A rollout that is limited to waves")
struct WaveLimitTests {
    private static let ambient = ["istio.io/dataplane-mode": "ambient"]

    /// A shop and its till, called by an edge that is not in the mesh, and a namespace of its own.
    private static let state = mesh(
        namespace("istio-system"),
        namespace("shop", labels: ambient),
        deployment("shop/cart", labels: ["app": "cart"], plane: .ambient),
        service("shop/cart", ["app": "cart"]),
        namespace("till"), deployment("till/pay", labels: ["app": "pay"]),
        service("till/pay", ["app": "pay"]),
        namespace("edge"), deployment("edge/web", labels: ["app": "web"]),
        namespace("alone"), deployment("alone/cron", labels: ["app": "cron"]))

    private static let toCart = flow("edge/deployment/web", "shop/service/cart:80")

    private func shops(mtls: MTLSMode? = nil) -> MeshPlan {
        plan(
            mtls: mtls, waves: ["first", "second", "third"],
            entry("shop", .ambient, mtls: .strict, wave: "first"),
            entry("edge", .ambient, mtls: .strict, wave: "second"),
            entry("till", .ambient, mtls: .strict, wave: "third"),
            entry("alone", .ambient, mtls: .strict))
    }

    private func limited(
        _ plan: MeshPlan, to waves: String..., through: Stage = .strict,
        on state: MeshState = state, flows: [Flow] = []
    ) -> PlannedRollout {
        RolloutPlanner.plan(
            plan, on: state, flows: flows, options: .init(through: through, waves: waves))
    }

    @Test("has the steps of its waves through all stages, and no others")
    func subset() {
        let found = limited(shops(), to: "second")
        #expect(!found.isBlocked)
        #expect(
            found.lines == [
                "enroll label Namespace edge istio.io/dataplane-mode=ambient",
                "permissive create PeerAuthentication edge/default PERMISSIVE",
                "strict update PeerAuthentication edge/default STRICT",
            ])
        let two = limited(shops(), to: "third", "first")
        #expect(Set(two.rollout.steps.map(\.change.namespace)) == ["shop", "till"])
        // Waves run in the plan's order, not in that of the command.
        #expect(two.rollout.steps.last?.change.namespace == "till")
    }

    @Test("ends with its stage")
    func stage() {
        let found = limited(shops(), to: "second", through: .enroll)
        #expect(found.lines == ["enroll label Namespace edge istio.io/dataplane-mode=ambient"])
    }

    @Test("`-` stands for the namespaces without a wave, which no wave's name includes")
    func unnamed() {
        let found = limited(shops(), to: "-")
        #expect(Set(found.rollout.steps.map(\.change.namespace)) == ["alone"])
    }

    @Test(
        "all waves of the plan are no limit; those that it lists without a namespace do not count")
    func all() {
        var whole = shops(mtls: .strict)
        whole.rollout.waves.append("idle")
        let named = limited(whole, to: "-", "third", "second", "first")
        #expect(named == planned(whole, on: Self.state))
        #expect(named.lines.contains { $0.contains("istio-system/default") })
    }

    @Test("the mesh-wide steps are left out while a wave is missing, and a note says so")
    func meshWide() throws {
        let found = limited(shops(mtls: .strict), to: "first", "second", "third")
        #expect(!found.isBlocked)
        #expect(!found.lines.contains { $0.contains("istio-system") })
        let note = try #require(found.diagnostics.first { $0.code == .meshStepsLeftOut })
        #expect(note.severity == .note)
        #expect(note.detail.contains("PeerAuthentication istio-system/default"))
        #expect(!limited(shops(), to: "first").codes.contains(.meshStepsLeftOut))
    }

    @Test("mesh-wide steps of a later stage are no reason for a note")
    func meshWideLater() {
        let found = limited(shops(mtls: .strict), to: "second", through: .enroll)
        #expect(!found.codes.contains(.meshStepsLeftOut))
    }

    @Test("rules and hosts in the root namespace hold for the mesh, and wait for all waves")
    func rootNamespaceTraffic() {
        var whole = shops()
        whole.external = [
            external("api.example.com", in: "istio-system", port: 443, "TLS"),
            external("api.example.com", in: "edge", port: 443, "TLS"),
            external("api.example.com", in: "shop", port: 443, "TLS"),
        ]
        let found = limited(whole, to: "second")
        let entries = found.rollout.steps.filter { $0.change.object.kind == "ServiceEntry" }
        #expect(entries.map(\.change.namespace) == ["edge"])
        #expect(found.codes.contains(.meshStepsLeftOut))
    }

    @Test("a policy that makes room for the mesh's is not deleted before the mesh has moved")
    func afterMesh() {
        let state = mesh(
            namespace("istio-system"), namespace("shop", labels: Self.ambient),
            deployment("shop/cart", labels: ["app": "cart"], plane: .ambient), namespace("edge"),
            policy("shop/default", .strict, labels: madeBy(plan: "home")))
        let whole = plan(
            mtls: .strict, waves: ["first"], entry("shop", mtls: .unset, wave: "first"),
            entry("edge"))
        #expect(
            planned(whole, on: state).lines.last == "strict delete PeerAuthentication shop/default")
        let found = limited(whole, to: "first", on: state)
        #expect(found.lines == [])
        #expect(found.codes.contains(.meshStepsLeftOut))
    }

    @Test("is refused when a flow needs another wave's steps, which are named")
    func prerequisite() throws {
        let found = limited(shops(), to: "first", flows: [Self.toCart])
        let told = try #require(found.diagnostics.first)
        #expect(found.codes == [.waveNeedsOthers])
        #expect(found.isBlocked)
        #expect(
            told.message
                == "edge/deployment/web->shop/service/cart:80 would be refused without wave second")
        #expect(told.detail.contains("PeerAuthentication shop/default, stage strict"))
        #expect(told.detail.contains("strict-refuses-plaintext"))
        #expect(told.remedy == "--wave first --wave second")
    }

    @Test("the waves that the refusal names are enough")
    func prerequisiteTaken() {
        #expect(!limited(shops(), to: "first", "second", flows: [Self.toCart]).isBlocked)
        #expect(
            !limited(shops(), to: "first", through: .permissive, flows: [Self.toCart]).isBlocked)
    }

    @Test("is not refused once the others are as far as it needs")
    func prerequisiteDone() {
        let enrolled = Self.state.applying(
            planned(shops(), on: Self.state, through: .enroll).rollout.steps.map(\.change))
        #expect(!limited(shops(), to: "first", on: enrolled, flows: [Self.toCart]).isBlocked)
    }

    @Test("a prerequisite without a wave is named as `-`")
    func unnamedPrerequisite() throws {
        let found = limited(
            shops(), to: "first", flows: [flow("alone/deployment/cron", "shop/service/cart:80")])
        let told = try #require(found.diagnostics.first)
        #expect(told.message.hasSuffix("without the namespaces without a wave"))
        #expect(told.remedy == "--wave first --wave -")
    }

    @Test("where a mesh-wide step is what it needs, that is said, and all waves are asked for")
    func meshPrerequisite() throws {
        let state = mesh(
            namespace("istio-system"), policy("istio-system/default", .strict),
            namespace("shop", labels: Self.ambient),
            deployment("shop/cart", labels: ["app": "cart"], plane: .ambient),
            service("shop/cart", ["app": "cart"]), namespace("edge", labels: Self.ambient),
            deployment("edge/web", labels: ["app": "web"], plane: .ambient))
        let whole = plan(
            mtls: .permissive, adopt: true, waves: ["first", "second"],
            entry("edge", DesiredDataplane.none, wave: "first"), entry("shop", wave: "second"))
        #expect(
            !RolloutPlanner.plan(whole, on: state, flows: [Self.toCart]).isBlocked)
        let found = limited(whole, to: "first", on: state, flows: [Self.toCart])
        let told = try #require(found.diagnostics.first { $0.code == .waveNeedsOthers })
        #expect(told.message.hasSuffix("without the mesh-wide steps, which need all waves"))
        #expect(told.remedy == "--wave first --wave second")
        #expect(
            !limited(whole, to: "first", "second", on: state, flows: [Self.toCart]).isBlocked)
    }

    @Test("a flow that breaks with all waves as well is told as ever")
    func breaksAnyway() {
        let outside = flow("external", "shop/service/cart:80")
        let found = limited(shops(), to: "first", flows: [Self.toCart, outside])
        #expect(Set(found.codes) == [.flowWouldBreak, .waveNeedsOthers])
        let only = limited(shops(), to: "first", flows: [outside])
        #expect(only.codes == [.flowWouldBreak])
    }

    @Test("an accepted flow needs nobody")
    func accepted() {
        let found = RolloutPlanner.plan(
            shops(), on: Self.state, flows: [Self.toCart],
            options: .init(waves: ["first"], accepted: [Self.toCart.text]))
        #expect(!found.isBlocked)
    }

    @Test("what is wrong in other waves does not stop it")
    func othersMistakes() {
        var whole = shops(mtls: .strict)
        whole.namespaces.append(entry("nowhere", .ambient, wave: "third"))
        whole.clients = [client("nothing.nowhere.svc.cluster.local", [80: .disable])]
        let state = mesh(
            namespace("istio-system"), policy("istio-system/default", .permissive),
            namespace("shop", labels: Self.ambient), namespace("edge"),
            deployment("edge/web", labels: ["app": "web"]),
            namespace("till"), policy("till/default", .permissive))
        #expect(planned(whole, on: state).isBlocked)
        #expect(!limited(whole, to: "second", on: state).isBlocked)
        #expect(limited(whole, to: "third", on: state).codes.contains(.unknownNamespace))
    }

    @Test("hazards are told of what it reaches, not of what the whole plan would")
    func hazards() {
        let state = mesh(
            namespace("istio-system"), namespace("shop", labels: Self.ambient),
            deployment("shop/cart", labels: ["app": "cart"], plane: .ambient), namespace("bare"),
            deployment("bare/job", labels: ["app": "job"]),
            namespace("old"), policy("old/default", .permissive))
        let whole = plan(
            mtls: .strict, waves: ["first", "second"],
            entry("shop", mtls: .strict, wave: "first"),
            entry("bare", mtls: .strict, wave: "second"))
        let codes = planned(whole, on: state).codes
        #expect(codes.contains(.residualPolicy))
        #expect(codes.contains(.strictWithoutDataPlane))
        #expect(limited(whole, to: "first", on: state).codes == [.meshStepsLeftOut])
        #expect(limited(whole, to: "second", on: state).codes.contains(.strictWithoutDataPlane))
    }

    @Test("what other waves have still to mend is no hazard of this one")
    func othersHazards() {
        let state = mesh(
            namespace("istio-system"), policy("istio-system/default", .strict),
            namespace("shop", labels: Self.ambient),
            deployment("shop/cart", labels: ["app": "cart"], plane: .ambient),
            namespace("late"), policy("late/default", .permissive, labels: madeBy(plan: "home")),
            namespace("bare"), deployment("bare/job", labels: ["app": "job"]))
        let whole = plan(
            mtls: .strict, adopt: true, waves: ["first", "second"],
            entry("shop", mtls: .strict, wave: "first"),
            entry("late", mtls: .strict, wave: "second"),
            entry("bare", mtls: .strict, wave: "second"))
        #expect(limited(whole, to: "first", on: state).codes == [])
        #expect(limited(whole, to: "second", on: state).codes.contains(.strictWithoutDataPlane))
    }
}

/// Each seed is a random cluster with a random plan of two waves, and of namespaces without one.
@Suite("Of any plan, a rollout that is limited to waves")
struct WaveLimitPropertyTests {
    static let seeds = 0..<400
    static let choices = [["one"], ["two"], ["-"], ["one", "-"], ["one", "two"]]

    @Test("has steps of these waves only, and none in the root namespace", arguments: seeds)
    func subset(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        let used = Set(mesh.plan.namespaces.map { $0.wave ?? "-" })
        for waves in Self.choices where !used.isSubset(of: waves) {
            for step in planned(mesh.plan, on: mesh.state, waves: waves, prune: true).rollout.steps
            {
                #expect(waves.contains(step.wave ?? "-"), "\(step.line)")
                #expect(step.change.namespace != PropertyMesh.root, "\(step.line)")
            }
        }
    }

    @Test(
        "wave by wave, and then the whole plan, it ends as the whole plan does at once, with nothing left",
        arguments: seeds)
    func waveByWave(seed: Int) {
        let mesh = PropertyMesh(seed: seed)
        let whole = planned(mesh.plan, on: mesh.state)
        guard !whole.isBlocked else { return }
        let straight = mesh.state.applying(whole.rollout.steps.map(\.change))
        var state = mesh.state
        for waves in [["one"], ["two"], []] {
            let result = planned(mesh.plan, on: state, waves: waves)
            #expect(!result.isBlocked)
            state = state.applying(result.rollout.steps.map(\.change))
            #expect(planned(mesh.plan, on: state, waves: waves).lines == [])
        }
        #expect(state.policyImages == straight.policyImages)
        #expect(state.trafficImages == straight.trafficImages)
        #expect(state.namespaces == straight.namespaces)
        #expect(state.pods == straight.pods)
    }
}
