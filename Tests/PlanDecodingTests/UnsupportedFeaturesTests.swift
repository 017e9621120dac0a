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
            flows: [{from: external, to: {host: a, port: 1}}]
            rollout:
              1️⃣soak: {strict: 1h}
              2️⃣abortOn: {}
            gates: {3️⃣no-plaintext: {}}
            """)
        let marked = MarkedText(text)
        let plan = try #require(PlanFileDecoder.decode(marked.source).plan)
        let found = UnsupportedFeatures.diagnostics(for: plan)
        #expect(
            found.map { "\(marked.mark(of: $0)) \($0.message)" } == [
                "1️⃣ not supported yet: rollout.soak", "2️⃣ not supported yet: rollout.abortOn",
                "3️⃣ not supported yet: gates.no-plaintext",
            ])
        #expect(found.allSatisfy { $0.code == .notSupportedYet && $0.severity == .error })
    }

    @Test("all gates are refused; flows, client rules and external hosts are not")
    func rest() throws {
        let plan = try #require(decode(fullPlan).plan)
        let messages = UnsupportedFeatures.diagnostics(for: plan).map(\.message)
        for key in ["external", "clients", "flows", "ignoreFlows"] {
            #expect(!messages.contains("not supported yet: \(key)"))
        }
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
                flows: [{from: external, to: {namespace: a, service: b, port: 80}}]
                ignoreFlows: [{to: {namespace: a}, reason: r}]
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
