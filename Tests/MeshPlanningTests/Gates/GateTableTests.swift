import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("Which gates stand where")
struct GateTableTests {
    /// The gates of the batch of the first step that is written so, by name.
    func gates(
        _ result: PlannedRollout, _ line: String, _ moment: GateRound.Moment = .before
    ) throws -> [String] {
        let step = try #require(result.rollout.steps.first { $0.line == line })
        return result.rollout.gates
            .filter { $0.round == GateRound(moment, batch: step.batch) }
            .map(\.question.gate.rawValue)
    }

    /// On a version that the verdicts were compared with.
    func rollout(
        of plan: MeshPlan, on state: MeshState, version: IstioVersion? = IstioVersion(1, 27, 1)
    ) -> PlannedRollout {
        var state = state
        state.flows.settings.version = version
        return planned(plan, on: state)
    }

    func question<Found>(_ result: PlannedRollout, _ pick: (GateQuestion) -> Found?) -> [Found] {
        result.rollout.gates.compactMap { pick($0.question) }
    }

    static let ambientShop = mesh(
        namespace("shop", labels: ["istio.io/dataplane-mode": "ambient"]),
        deployment("shop/cart", labels: ["app": "cart"], plane: .ambient))

    @Test("tightening in the ambient mesh asks for ztunnel, DNS, enrolment, and no plaintext")
    func ambientFlip() throws {
        let result = rollout(of: plan(entry("shop", mtls: .strict)), on: Self.ambientShop)
        #expect(
            try gates(result, "strict update PeerAuthentication shop/default STRICT") == [
                "control-plane-ready", "ztunnel-ready", "ztunnel-logs", "dns-ready", "enrolled",
                "workloads-ready", "no-plaintext", "flows-carried", "policy-15008",
            ])
    }

    @Test("tightening among sidecars asks nothing of ztunnel")
    func sidecarFlip() throws {
        let state = mesh(
            namespace("shop", labels: ["istio-injection": "enabled"]),
            deployment("shop/cart", plane: .sidecar))
        let result = rollout(of: plan(entry("shop", mtls: .strict)), on: state)
        #expect(
            try gates(result, "strict update PeerAuthentication shop/default STRICT") == [
                "control-plane-ready", "dns-ready", "enrolled", "workloads-ready", "no-plaintext",
                "flows-carried",
            ])
    }

    @Test("who goes to DISABLE takes plaintext as before, and is not asked about it")
    func disable() throws {
        let state = mesh(
            namespace("shop", labels: ["istio-injection": "enabled"]),
            deployment("shop/cart", plane: .sidecar))
        let result = rollout(of: plan(entry("shop", mtls: .disable)), on: state)
        let asked = Set(result.rollout.gates.map(\.question.gate))
        #expect(asked.contains(.enrolled) && !asked.contains(.noPlaintext), "\(result.lines)")
    }

    @Test("no-plaintext is about who gets stricter, and knows the ports that stay open")
    func targets() {
        let result = rollout(
            of:
                plan(
                    entry(
                        "shop", mtls: .strict,
                        exceptions: [exception("cart", ["app": "cart"], [8080: .permissive])])),
            on: Self.ambientShop)
        let asked = question(result) {
            if case .noPlaintext(let gate) = $0 { gate.targets } else { nil }
        }
        #expect(
            asked.flatMap(\.self) == [
                NoPlaintext.Target(workload: "shop/Deployment/cart", openPorts: [8080])
            ])
    }

    @Test("a policy under which nobody gets stricter is not asked about plaintext")
    func harmless() throws {
        let result = rollout(of: plan(entry("shop", mtls: .strict)), on: Self.ambientShop)
        #expect(
            try gates(result, "permissive create PeerAuthentication shop/default PERMISSIVE") == [
                "control-plane-ready", "flows-carried",
            ])
    }

    @Test("enrolling asks for what captures pods, before the label is there")
    func enrolling() throws {
        let state = mesh(namespace("shop"), deployment("shop/cart"))
        let result = rollout(of: plan(entry("shop", .ambient)), on: state)
        #expect(
            try gates(result, "enroll label Namespace shop istio.io/dataplane-mode=ambient") == [
                "control-plane-ready", "cni-ready", "ztunnel-ready", "ztunnel-logs", "dns-ready",
                "flows-carried", "policy-15008",
            ])
    }

    @Test("a restart that brings a sidecar asks whether new pods come up")
    func injecting() throws {
        let state = mesh(namespace("shop"), deployment("shop/cart"))
        let result = rollout(of: plan(entry("shop", .sidecar)), on: state)
        #expect(
            try gates(result, "enroll restart Deployment shop/cart sidecar").contains("injectable"))
    }

    @Test("the control plane that is asked is that of the namespace's revision")
    func revision() {
        let state = mesh(
            namespace("shop", labels: ["istio.io/rev": "1-27"]),
            deployment("shop/cart", plane: .sidecar))
        let result = rollout(of: plan(entry("shop", mtls: .strict)), on: state)
        let revisions = question(result) {
            if case .controlPlaneReady(let gate) = $0 { gate.revisions } else { nil }
        }
        #expect(Set(revisions) == [["1-27"]])
    }

    @Test("probes and queries stand on both sides of a step that tightens")
    func probes() throws {
        let result = rollout(
            of:
                plan(entry("shop", mtls: .strict)) { plan in
                    var query = GateSettings.PrometheusCheck(
                        name: "errors", query: "up",
                        server: PrometheusServer(namespace: "istio-system", service: "prometheus"))
                    query.maximum = 1
                    plan.gates.prometheus = [query]
                    plan.gates.probes = [
                        GateSettings.Probe(namespace: "in", image: "curl", url: "http://a")
                    ]
                }, on: Self.ambientShop)
        let line = "strict update PeerAuthentication shop/default STRICT"
        #expect(try gates(result, line).suffix(2) == ["probe", "prometheus"])
        #expect(try gates(result, line, .after) == ["probe", "prometheus"])
    }

    /// Where a probe that is to be refused stands, in a rollout that makes two namespaces STRICT.
    func refusal(of url: String) throws -> [String] {
        let result = rollout(
            of:
                plan(
                    waves: ["one"], entry("shop", mtls: .strict, wave: "one"),
                    entry("store", mtls: .strict)
                ) { plan in
                    var refused = GateSettings.Probe(namespace: "shop", image: "curl", url: url)
                    refused.expect = .refused
                    plan.gates.probes = [refused]
                },
            on: mesh(
                namespace("shop", labels: ["istio.io/dataplane-mode": "ambient"]),
                deployment("shop/cart", labels: ["app": "cart"], plane: .ambient),
                service("shop/cart", ["app": "cart"]),
                namespace("store", labels: ["istio.io/dataplane-mode": "ambient"]),
                deployment("store/db", labels: ["app": "db"], plane: .ambient),
                service("store/db", ["app": "db"]), namespace("quiet"),
                deployment("quiet/x", labels: ["app": "x"]), service("quiet/x", ["app": "x"])))
        return result.rollout.gates.compactMap { check in
            guard case .probe(let probe) = check.question else { return nil }
            let step = result.rollout.steps.first { $0.batch == check.round.batch }
            return "\(check.round.moment.rawValue) \(step?.change.namespace ?? ""): "
                + probe.expects.rawValue
        }
    }

    @Test("what is to be refused has to succeed before its target is STRICT, and is refused after")
    func refusals() throws {
        for url in [
            "http://db.store", "http://db.store.svc:80/a?b", "https://db.store.svc.cluster.local",
        ] {
            #expect(
                try refusal(of: url) == [
                    "before store: success-before-refusal", "after store: refused",
                ], "\(url)")
        }
        #expect(
            try refusal(of: "http://cart:80") == [
                "before shop: success-before-refusal", "after shop: refused",
            ])
    }

    @Test("where nobody knows who answers, everybody has to be STRICT first")
    func refusalsOfUnknown() throws {
        for url in ["http://10.1.2.3", "http://shop.example.com", "http://gone.store"] {
            #expect(
                try refusal(of: url) == [
                    "before shop: success-before-refusal", "after store: refused",
                ], "\(url)")
        }
    }

    @Test("a target that the rollout does not make stricter is not asked to refuse")
    func refusalsElsewhere() throws {
        #expect(try refusal(of: "http://x.quiet") == [])
    }

    @Test("an approval is asked once, before the first step of its stage or of its wave")
    func approvals() throws {
        let state = mesh(
            namespace("a", labels: ["istio.io/dataplane-mode": "ambient"]),
            deployment("a/x", plane: .ambient),
            namespace("b", labels: ["istio.io/dataplane-mode": "ambient"]),
            deployment("b/x", plane: .ambient))
        let result = rollout(
            of:
                plan(
                    waves: ["one"], entry("a", mtls: .strict, wave: "one"),
                    entry("b", mtls: .strict)
                ) {
                    $0.gates.approvals = [
                        GateSettings.Approval(name: "any", stage: .strict),
                        GateSettings.Approval(name: "first", stage: .strict, wave: "one"),
                    ]
                }, on: state)
        let asked = question(result) {
            if case .approval(let gate) = $0 { gate.name } else { nil }
        }
        #expect(asked == ["any", "first"])
        #expect(
            try gates(result, "strict update PeerAuthentication a/default STRICT").suffix(2)
                == ["approval", "approval"])
    }

    @Test(
        "STRICT on a version that was not verified, or is not known, needs a person's word, once",
        arguments: [nil, IstioVersion(1, 22, 9), IstioVersion(1, 31, 0)])
    func version(_ version: IstioVersion?) {
        let state = mesh(
            namespace("a", labels: ["istio.io/dataplane-mode": "ambient"]),
            deployment("a/x", plane: .ambient),
            namespace("b", labels: ["istio.io/dataplane-mode": "ambient"]),
            deployment("b/x", plane: .ambient))
        let asked = question(
            rollout(
                of: plan(
                    waves: ["one"], entry("a", mtls: .strict, wave: "one"),
                    entry("b", mtls: .strict)),
                on: state, version: version)
        ) {
            if case .approval(let gate) = $0 { gate.name } else { nil }
        }
        #expect(asked == ["unverified-version"])
    }

    @Test("what serves nothing but ports that stay open is not asked about plaintext")
    func allOpen() {
        var state = Self.ambientShop
        for index in state.pods.indices {
            state.pods[index].containers = [Container(name: "app", ports: [.init(number: 8080)])]
        }
        func targets(_ port: Int) -> [NoPlaintext.Target] {
            question(
                rollout(
                    of: plan(
                        entry(
                            "shop", mtls: .strict,
                            exceptions: [exception("cart", ["app": "cart"], [port: .permissive])])),
                    on: state)
            ) {
                if case .noPlaintext(let gate) = $0 { gate.targets } else { nil }
            }.flatMap(\.self)
        }
        #expect(targets(8080).isEmpty)
        #expect(targets(9090).count == 1)
    }

    @Test("a restart that clients notice needs a person's word")
    func disruptive() {
        let state = mesh(
            namespace("shop"), deployment("shop/cart", replicas: 1, updateStrategy: "Recreate"))
        let result = rollout(of: plan(entry("shop", .sidecar)), on: state)
        let asked = question(result) {
            if case .approval(let gate) = $0 { gate.name } else { nil }
        }
        #expect(asked == ["disruptive"])
    }

    @Test("each wave is watched once it got stricter, for a minute at least or as the plan says")
    func soaks() {
        func soaks(_ soak: [Stage: Duration]) -> [String] {
            rollout(
                of:
                    plan(entry("shop", mtls: .strict)) { $0.rollout.soak = soak },
                on: Self.ambientShop
            ).rollout.soaks.map { "\($0.phase.rawValue) \($0.milliseconds / 1000)" }
        }
        #expect(soaks([:]) == ["strict 60"])
        #expect(soaks([.strict: .seconds(5)]) == ["strict 60"])
        #expect(
            soaks([.permissive: .seconds(86_400), .strict: .seconds(900)])
                == ["permissive 86400", "strict 900"])
    }
}
