import Diagnostics
import MeshModel
import PlanDecoding
import Testing

@Suite struct PlanFileDecoderTests {
    @Test("a plan with every key is read without a mistake")
    func everything() throws {
        let result = decode(fullPlan)
        #expect(result.diagnostics == [])
        let plan = try #require(result.plan)
        #expect(plan.name == "everything")
        #expect(plan.mesh.mtls == .strict && plan.mesh.adopt)
        #expect(plan.mesh.rootNamespace == "istio-system")
        #expect(plan.namespaces.count == 4)
        let platform = plan.namespaces[1]
        #expect(platform.subject == .name("platform"))
        #expect(platform.dataplane == .sidecar && platform.revision == "canary")
        #expect(platform.adopt && platform.mtls == .strict && platform.wave == nil)
        let exception = try #require(platform.exceptions.first)
        #expect(exception.ports == [3000: .permissive, 9090: .disable])
        #expect(exception.selector == LabelSelector(["app.kubernetes.io/component": "frontend"]))
        #expect(exception.expires == CalendarDate("2027-03-31"))
        #expect(exception.owner == "web-team" && exception.adopt)
        #expect(platform.unprotected.map(\.owner) == ["infra"])
        #expect(platform.egress == ["./*", "istio-system/*", "~/*", "*/*.example.com"])
        #expect(plan.namespaces[0].enrolment == .rolling)
        #expect(plan.namespaces[0].acceptUnmanaged == "the debug pod is restarted by hand")
        #expect(plan.namespaces[2].dataplane == DesiredDataplane.none)
        #expect(plan.namespaces[3].subject == .selector(LabelSelector(["team": "payments"])))
        #expect(plan.namespaces[3].mtls == .unset)
    }

    @Test("traffic entries are read whole")
    func traffic() throws {
        let plan = try #require(decode(fullPlan).plan)
        #expect(plan.clients.first?.ports == [9091: .disable])
        let external = try #require(plan.external.first)
        #expect(external.targetPort == 443 && external.tls?.mode == .mutual)
        #expect(external.tls?.sni == "api.example.com")
        #expect(
            plan.flows.map(\.from) == [
                .workload(namespace: "ingress", workload: "cloudflared"), .external, .apiserver,
                .node("node-1"), .cidr("10.0.0.0/8"), .cluster("west"),
            ])
        #expect(plan.flows[1].to == .pod(namespace: "platform", name: "frontend-0", port: 3000))
        #expect(plan.flows[2].to == .host("api.example.com", port: 443))
        #expect(plan.flows[5].to == .service(namespace: "a", name: "b", port: 65_535))
        #expect(plan.flows[5].expect == .refused)
        #expect(plan.ignoreFlows.first?.to?.service == "old")
        #expect(plan.ignoreFlows.first?.from?.workload == "deployment/b")
    }

    @Test("rollout and gates are read whole")
    func rollout() throws {
        let plan = try #require(decode(fullPlan).plan)
        #expect(plan.rollout.waves == ["canary", "payments"])
        #expect(plan.rollout.limits.confirm == .seconds(300))
        #expect(plan.rollout.limits.podsRestartingAtOnce == 50)
        #expect(plan.rollout.soak[.permissive] == .seconds(86_400))
        #expect(plan.rollout.settle == .seconds(10))
        #expect(plan.rollout.abortOn?.window == .seconds(90))
        #expect(plan.rollout.abortOn?.scope == .run)
        #expect(plan.gates.ztunnelLogs.maximumErrors == 2)
        #expect(plan.gates.dnsReady.selector == LabelSelector(["app": "coredns"]))
        #expect(plan.gates.approvals.first?.wave == "payments")
        #expect(plan.gates.probes.first?.expect == .refused)
        #expect(plan.gates.probes.first?.timeout == .seconds(3))
        #expect(plan.gates.prometheus.first?.maximum == 0.01)
        #expect(plan.gates.prometheus.first?.minimum == 0)
        #expect(plan.gates.accepted.first?.gate == .noPlaintext)
        #expect(
            plan.gates.prometheus.first?.server
                == PrometheusServer(
                    namespace: "monitoring", service: "prom", port: 9091, path: "/prometheus"))
        #expect(plan.gates.prometheusServer == plan.gates.prometheus.first?.server)
    }

    @Test("what is absent has its default")
    func defaults() throws {
        let plan = try #require(spec("namespaces: [{name: a}]"))
        #expect(plan.mesh == MeshEntry())
        #expect(plan.rollout == RolloutSettings())
        #expect(plan.gates == GateSettings())
        #expect(plan.namespaces[0].dataplane == nil && plan.namespaces[0].egress == nil)
    }

    @Test("bytes that are not text are refused")
    func bytes() {
        let result = PlanFileDecoder.decode([0x61, 0xFF], name: "plan.yaml")
        #expect(result.plan == nil)
        #expect(result.diagnostics.map(\.code) == [.yamlSyntax])
    }

    @Test("a file without a plan, or with several, is an error")
    func documents() {
        for empty in ["", "# nothing\n", "---\n---\n"] {
            #expect(mistakes("1️⃣" + empty) == ["1️⃣ missing-key: the file holds no plan"])
        }
        #expect(
            mistakes(planFile("{}") + "---\n1️⃣apiVersion: v1\n")
                == ["1️⃣ duplicate-entry: the file holds 2 documents"])
        #expect(mistakes("1️⃣[]") == ["1️⃣ wrong-type: the file is not a plan"])
        #expect(mistakes("1️⃣hello") == ["1️⃣ wrong-type: the file is not a plan"])
    }

    @Test("a document of another kind has two mistakes, not one for each key")
    func otherKind() {
        let text = """
            apiVersion: 1️⃣apps/v1
            kind: 2️⃣Deployment
            metadata: {name: a, labels: {}}
            spec: {replicas: 3}
            """
        #expect(
            mistakes(text) == [
                "1️⃣ invalid-value: `apiVersion` cannot be `apps/v1`",
                "2️⃣ invalid-value: `kind` cannot be `Deployment`",
            ])
    }

    @Test("a slip in the kind does not hide the other mistakes")
    func slip() {
        let text = """
            apiVersion: meshctl.dev/v1alpha1
            kind: 1️⃣meshplan
            metadata: {name: 2️⃣My_Plan}
            spec: {3️⃣meshes: {}}
            """
        #expect(
            mistakes(text) == [
                "1️⃣ invalid-value: `kind` cannot be `meshplan`",
                "2️⃣ invalid-value: `My_Plan` is not a valid `name`",
                "3️⃣ unknown-key: unknown key `meshes` in `spec`",
            ])
    }

    @Test("every top-level key is needed")
    func topLevel() {
        #expect(
            mistakes("1️⃣kind: MeshPlan") == [
                "1️⃣ missing-key: the plan file needs the key `apiVersion`",
                "1️⃣ missing-key: the plan file needs the key `metadata`",
                "1️⃣ missing-key: the plan file needs the key `spec`",
            ])
    }

    @Test("duplicate keys are reported with everything else, in the order of the file")
    func duplicates() {
        let text = """
            mesh: {mtls: 1️⃣STRCT, adopt: true, 2️⃣adopt: false}
            namespaces:
              - name: a
                3️⃣mtlss: STRICT
            """
        #expect(
            specMistakes(text) == [
                "1️⃣ invalid-value: `mtls` cannot be `STRCT`",
                "2️⃣ duplicate-key: the key `adopt` stands twice in one mapping",
                "3️⃣ unknown-key: unknown key `mtlss` in `spec.namespaces[0]`",
            ])
        #expect(decode(planFile(text)).plan == nil)
    }

    @Test("a hostile number of mistakes is cut off, and says so")
    func manyMistakes() {
        let keys = (0..<2_000).map { "k\($0): 1" }.joined(separator: "\n")
        let found = decode(planFile(keys)).diagnostics
        #expect(found.count == 501)
        #expect(found.last?.message == "1500 more mistakes are not shown")
    }

    @Test("CRLF files are read and pointed into like others")
    func crlf() {
        let text = planFile("mesh: {mtls: STRCT}").replacing("\n", with: "\r\n")
        let found = PlanFileDecoder.decode(SourceText(name: "p", text: text)).diagnostics
        #expect(found.map { $0.range?.start } == [SourcePosition(line: 5, column: 16)])
    }
}
