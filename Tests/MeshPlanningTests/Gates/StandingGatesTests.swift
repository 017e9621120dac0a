import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("What a check asks of the whole mesh")
struct StandingGatesTests {
    private func questions(
        _ plan: MeshPlan?, _ state: MeshState, _ flows: [Flow] = []
    ) -> [GateQuestion] {
        StandingGates(of: plan, on: state, flows: flows).questions
    }

    private func gates(_ plan: MeshPlan?, _ state: MeshState) -> [String] {
        questions(plan, state).map(\.gate.rawValue)
    }

    private func picked<Found>(
        _ plan: MeshPlan?, _ state: MeshState, _ flows: [Flow] = [],
        _ pick: (GateQuestion) -> Found?
    ) -> [Found] {
        questions(plan, state, flows).compactMap(pick)
    }

    private func enrolled(_ plan: MeshPlan?, _ state: MeshState) -> [[String]] {
        picked(plan, state) { if case .enrolled(let gate) = $0 { gate.namespaces } else { nil } }
    }

    private func targets(
        _ plan: MeshPlan?, _ state: MeshState, _ flows: [Flow] = []
    ) -> [NoPlaintext.Target] {
        picked(plan, state, flows) {
            if case .noPlaintext(let gate) = $0 { gate.targets } else { nil }
        }.flatMap(\.self)
    }

    private static let ambient = mesh(
        namespace("shop", labels: ["istio.io/dataplane-mode": "ambient"]),
        deployment("shop/cart", labels: ["app": "cart"], plane: .ambient),
        service("shop/cart", ["app": "cart"]),
        namespace("legacy"), deployment("legacy/web", labels: ["app": "web"]))

    private static let sidecars = mesh(
        namespace("shop", labels: ["istio-injection": "enabled"]),
        deployment("shop/cart", labels: ["app": "cart"], plane: .sidecar),
        namespace("legacy"), deployment("legacy/web", labels: ["app": "web"]))

    @Test("without a plan it is about what is in the mesh already")
    func withoutPlan() {
        #expect(
            gates(nil, Self.ambient) == [
                "control-plane-ready", "cni-ready", "ztunnel-ready", "ztunnel-logs", "dns-ready",
                "enrolled", "workloads-ready", "no-plaintext", "policy-15008",
            ])
        #expect(enrolled(nil, Self.ambient) == [["shop"]])
    }

    @Test("ztunnel's gates are asked only where somebody is ambient, or is to be")
    func ztunnel() {
        let common = [
            "control-plane-ready", "dns-ready", "enrolled", "workloads-ready", "no-plaintext",
        ]
        #expect(gates(nil, Self.sidecars) == common)
        #expect(gates(plan(entry("legacy", .sidecar)), Self.sidecars) == common)
        let planned = questions(plan(entry("legacy", .ambient)), Self.sidecars)
        let asked = planned.compactMap { question -> [String]? in
            switch question {
            case .cniReady(let gate): gate.namespaces
            case .ztunnelReady(let gate): gate.namespaces
            case .ztunnelLogs(let gate): gate.namespaces
            case .policy15008(let gate): gate.namespaces
            default: nil
            }
        }
        #expect(asked == Array(repeating: ["legacy"], count: 4))
    }

    @Test("a pod that is captured makes its namespace ambient, whatever the label says")
    func capturedPod() {
        let state = mesh(namespace("shop"), deployment("shop/cart", plane: .ambient))
        #expect(gates(nil, state).contains("ztunnel-ready"))
        #expect(enrolled(nil, state) == [["shop"]])
    }

    @Test("a mesh without members is asked for what every mesh needs")
    func nobody() {
        let state = mesh(namespace("legacy"), deployment("legacy/web"))
        #expect(gates(nil, state) == ["control-plane-ready", "dns-ready"])
        #expect(
            gates(plan(entry("gone", .ambient)), state) == ["control-plane-ready", "dns-ready"])
    }

    @Test("namespaces of the plan are asked about besides those that are in the mesh")
    func planned() {
        #expect(enrolled(plan(entry("legacy", .sidecar)), Self.ambient) == [["legacy", "shop"]])
        #expect(enrolled(plan(entry("legacy", DesiredDataplane.none)), Self.ambient) == [["shop"]])
    }

    @Test("each revision that a member names is asked for")
    func revisions() {
        let state = mesh(
            namespace("a", labels: ["istio.io/rev": "1-27"]), deployment("a/x", plane: .sidecar),
            namespace("b", labels: ["istio-injection": "enabled"]),
            deployment("b/x", plane: .sidecar),
            namespace("c", labels: ["istio.io/rev": "1-27"]), deployment("c/x", plane: .sidecar))
        let asked = picked(nil, state) {
            if case .controlPlaneReady(let gate) = $0 { gate.revisions } else { nil }
        }
        #expect(asked == [["1-27", "default"]])
    }

    // MARK: - Plaintext

    @Test("whoever accepts plaintext is asked about, with those who are known to call it")
    func plaintext() {
        let found = targets(
            nil, Self.ambient, [flow("legacy/deployment/web", "shop/service/cart:80")])
        #expect(found.map(\.workload) == ["shop/Deployment/cart"])
        #expect(found.map(\.clients) == [["legacy/Deployment/web"]])
    }

    @Test("whose calls the plan gives up is known, so that they are not counted")
    func givenUp() {
        let call = flow("legacy/deployment/web", "shop/service/cart:80")
        let asked = StandingGates(of: nil, on: Self.ambient, flows: [], dismissed: [call]).questions
        let given = asked.compactMap { question -> [[String]]? in
            if case .noPlaintext(let gate) = question { gate.targets.map(\.givenUp) } else { nil }
        }
        #expect(given == [[["legacy/Deployment/web"]]])
        #expect(targets(nil, Self.ambient, [call]).map(\.givenUp) == [[]])
    }

    @Test("a workload that is STRICT is not asked about plaintext")
    func strict() {
        func state(_ policies: MeshPart...) -> MeshState {
            mesh(
                [
                    namespace("shop", labels: ["istio.io/dataplane-mode": "ambient"]),
                    deployment("shop/cart", labels: ["app": "cart"], plane: .ambient),
                    deployment("shop/stock", labels: ["app": "stock"], plane: .ambient),
                ] + policies)
        }
        let all = ["shop/Deployment/cart", "shop/Deployment/stock"]
        #expect(targets(nil, state()).map(\.workload) == all)
        #expect(targets(nil, state(policy("shop/default", .permissive))).map(\.workload) == all)
        let strict = state(policy("shop/default", .strict))
        #expect(!gates(nil, strict).contains("no-plaintext"))
        #expect(
            targets(
                nil,
                state(
                    policy("shop/default", .strict),
                    policy("shop/stock", .permissive, selector: ["app": "stock"]))
            ).map(\.workload) == ["shop/Deployment/stock"])
    }

    @Test("a workload on no data plane accepts everything, and is not asked about plaintext")
    func outside() {
        let state = mesh(
            namespace("shop", labels: ["istio.io/dataplane-mode": "ambient"]),
            deployment("shop/cart", labels: ["app": "cart"], plane: .ambient),
            deployment("shop/job", labels: ["app": "job"]))
        #expect(targets(nil, state).map(\.workload) == ["shop/Deployment/cart"])
    }

    // MARK: - The plan's settings

    @Test("the plan's settings, probes and queries are asked; what is to be refused is not yet")
    func settings() {
        let plan = plan(entry("shop", .ambient)) { plan in
            plan.gates.noPlaintext.window = .seconds(60)
            plan.gates.ztunnelLogs.window = .seconds(30)
            plan.gates.ztunnelLogs.maximumErrors = 7
            plan.gates.dnsReady.namespace = "dns"
            var refused = GateSettings.Probe(namespace: "in", image: "curl", url: "http://b")
            refused.expect = .refused
            plan.gates.probes = [
                GateSettings.Probe(namespace: "in", image: "curl", url: "http://a"), refused,
            ]
            plan.gates.prometheus = [
                GateSettings.PrometheusCheck(
                    name: "errors", query: "up",
                    server: PrometheusServer(namespace: "istio-system", service: "prometheus"))
            ]
            plan.gates.prometheusServer = PrometheusServer(namespace: "x", service: "prom")
            plan.gates.approvals = [GateSettings.Approval(name: "any", stage: .strict)]
        }
        #expect(gates(plan, Self.ambient).suffix(2) == ["probe", "prometheus"])
        let said = questions(plan, Self.ambient).compactMap { question -> String? in
            switch question {
            case .noPlaintext(let gate):
                "plaintext \(gate.windowMilliseconds) \(gate.server?.text ?? "")"
            case .ztunnelLogs(let gate): "logs \(gate.windowMilliseconds) \(gate.maximumErrors)"
            case .dnsReady(let gate): "dns \(gate.namespace)"
            case .probe(let gate): "probe \(gate.url)"
            case .prometheus(let gate): "query \(gate.name)"
            default: nil
            }
        }
        #expect(
            said == [
                "logs 30000 7", "dns dns", "plaintext 60000 prom.x:9090", "probe http://a",
                "query errors",
            ])
    }

    @Test("the questions stand in the order of the gates")
    func order() {
        let asked = questions(plan(entry("legacy", .ambient)), Self.ambient).map(\.gate)
        #expect(asked == Gate.allCases.filter(asked.contains))
    }
}
