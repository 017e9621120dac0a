import Diagnostics
import MeshModel
import PlanDecoding
import Testing

@Suite struct UnsupportedFeaturesTests {
    @Test("what cannot be done yet is refused at its key")
    func refusals() throws {
        let text = planFile(
            """
            mesh: {rootNamespace: istio-system, mtls: STRICT, adopt: true}
            namespaces:
              - name: a
                dataplane: ambient
                enrolment: rolling
                unprotected: [{selector: {a: b}, reason: r}]
                egress: ["./*"]
                acceptUnmanaged: r
            clients: [{host: a.b.svc.cluster.local, ports: {1: DISABLE}}]
            external: []
            1️⃣flows: [{from: external, to: {host: a, port: 1}}]
            rollout:
              2️⃣soak: {strict: 1h}
              3️⃣abortOn: {}
            gates: {4️⃣no-plaintext: {}}
            """)
        let marked = MarkedText(text)
        let plan = try #require(PlanFileDecoder.decode(marked.source).plan)
        let found = UnsupportedFeatures.diagnostics(for: plan)
        #expect(
            found.map { "\(marked.mark(of: $0)) \($0.message)" } == [
                "1️⃣ not supported yet: flows",
                "2️⃣ not supported yet: rollout.soak", "3️⃣ not supported yet: rollout.abortOn",
                "4️⃣ not supported yet: gates.no-plaintext",
            ])
        #expect(found.allSatisfy { $0.code == .notSupportedYet && $0.severity == .error })
    }

    @Test("ignored flows and gates are refused, too; client rules and external hosts are not")
    func rest() throws {
        let plan = try #require(decode(fullPlan).plan)
        let messages = UnsupportedFeatures.diagnostics(for: plan).map(\.message)
        #expect(!messages.contains { $0.contains("external") || $0.contains("clients") })
        #expect(messages.contains("not supported yet: ignoreFlows"))
        #expect(messages.filter { $0.contains("gates.") }.count == 7)
    }

    @Test("what can be done is not refused")
    func supported() throws {
        let plan = try #require(
            spec(
                """
                mesh: {rootNamespace: istio-system, mtls: STRICT, adopt: true}
                namespaces:
                  - name: a
                    dataplane: sidecar
                    revision: canary
                    mtls: STRICT
                    wave: canary
                    adopt: true
                    exceptions:
                      - {name: x, selector: {a: b}, ports: {1: DISABLE}, reason: r}
                    unprotected:
                      - {selector: {a: c}, reason: r, owner: o}
                  - {selector: {a: b}, dataplane: ambient, enrolment: rolling}
                clients: [{host: a.b.svc.cluster.local, ports: {1: DISABLE}}]
                external: [{host: a.example, namespace: b, port: 80, protocol: HTTP}]
                gates: {}
                rollout:
                  waves: [canary]
                  limits: {namespacesAtOnce: 2, podsRestartingAtOnce: 3, confirm: 1m}
                  settle: 1s
                  soak: {}
                """))
        #expect(UnsupportedFeatures.diagnostics(for: plan).isEmpty)
    }
}
