import JSON
import Testing

@Suite("explain with a plan file")
struct ExplainStagesTests: ManifestTests {
    private func plan(_ spec: String) -> String {
        """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: home}
        spec: \(spec)
        """
    }

    private let strictPlan = "{namespaces: [{name: default, dataplane: ambient, mtls: STRICT}]}"

    private var home: [JSONValue] {
        [
            namespace("default", ["istio.io/dataplane-mode": "ambient"]), namespace("ingress"),
            pod("ingress/cloudflared-0"), pod("default/web-0", "ambient", app: "web"),
            service("default/web", app: "web"),
        ]
    }

    private let flow = [
        "explain", "--from", "ingress/pod/cloudflared-0", "--to", "default/service/web:80",
    ]

    private func stages(
        _ command: [String], _ plan: String, on objects: [JSONValue]
    ) async throws -> [JSONValue] {
        let result = try await meshctl(command + ["-o", "json"], on: objects, plan: plan)
        #expect(result.code == 0, "\(result.errors)")
        let report = try JSONValue(parsing: Array(result.output.utf8))
        #expect(report["formatVersion"] == "1.0")
        #expect(report["plan"] == "home")
        return report["stages"]?.array ?? []
    }

    @Test("a client outside the mesh is carried until the stage that closes the port")
    func refusedInTheEnd() async throws {
        let stages = try await stages(flow, plan(strictPlan), on: home)
        #expect(stages.map { $0["stage"] } == ["enroll", "permissive", "strict"])
        #expect(stages.map { $0["outcome"] } == ["carried", "carried", "refused"])
        #expect(stages.map { $0["blocked"] } == [false, false, false])
        let last = stages.last?["endpoints"]?.array?.first
        #expect(last?["mode"] == "STRICT")
        #expect(last?["reason"] == "strict-refuses-plaintext")
    }

    @Test("an exception in the plan keeps it")
    func exception() async throws {
        let stages = try await stages(
            flow,
            plan(
                """
                {namespaces: [{name: default, dataplane: ambient, mtls: STRICT, exceptions: [{name: web, \
                selector: {app: web}, ports: {3000: PERMISSIVE}, reason: outside the mesh, owner: home, \
                expires: 2027-11-30}]}]}
                """), on: home)
        #expect(stages.map { $0["outcome"] } == ["carried", "carried", "carried"])
    }

    @Test("a workload has its data plane and its mode after each stage")
    func workload() async throws {
        let stages = try await stages(
            ["explain", "default/deployment/web:3000"], plan(strictPlan),
            on: [
                namespace("default"), workload("Deployment", "default/web", labels: ["app": "web"]),
                owned(pod("default/web-0", app: "web"), by: "Deployment", "web"),
            ])
        #expect(stages.map { $0["mode"] } == ["PERMISSIVE", "PERMISSIVE", "STRICT"])
        let planes = stages.map { $0["pods"]?.array?.first?["dataPlane"] }
        #expect(planes == ["ambient", "ambient", "ambient"])
    }

    @Test("of a blocked plan nothing is told but what blocks it")
    func blocked() async throws {
        let blocked = plan("{namespaces: [{name: nowhere, mtls: STRICT}]}")
        for command in [flow, ["explain", "default/service/web:80"]] {
            let stages = try await stages(command, blocked, on: home)
            #expect(stages.allSatisfy { $0["blocked"] == true })
            #expect(stages.allSatisfy { $0["blockedBy"] == ["unknown-namespace"] })
            #expect(stages.allSatisfy { $0["mode"] == .null || $0["outcome"] == "unknown" })
            let text = try await meshctl(command, on: home, plan: blocked)
            #expect(text.output.contains("blocked"))
            #expect(text.output.contains("unknown-namespace"))
        }
    }

    @Test("of a plan that is blocked for what it would do, the verdict is what it would lead to")
    func blockedForItsEnd() async throws {
        let uncovered = plan("{mesh: {mtls: STRICT}}")
        let stages = try await stages(flow, uncovered, on: home)
        #expect(stages.map { $0["outcome"] } == ["carried", "carried", "refused"])
        #expect(stages.map { $0["blocked"] } == [false, false, true])
        #expect(stages.last?["blockedBy"] == ["mesh-flip-not-covered"])
        let text = try await meshctl(flow, on: home, plan: uncovered)
        #expect(text.output.contains("the plan is blocked: mesh-flip-not-covered"))
    }

    @Test("a plan file that cannot be used is named, and the rest is told all the same")
    func unusable() async throws {
        let broken = try await meshctl(
            flow + ["-o", "json"], on: home, plan: plan("{mesh: {mtls: STRCT}}"))
        #expect(broken.code == 0)
        #expect(broken.errors.contains("Going on without a plan file: plans/plan.yaml"))
        #expect(broken.errors.contains("STRCT"))
        let report = try JSONValue(parsing: Array(broken.output.utf8))
        #expect(report["outcome"] == "carried")
        #expect(report["stages"] == nil)
        let missing = try await meshctl(flow + ["-f", "nowhere.yaml"], on: home)
        #expect(missing.code == 0)
        #expect(missing.errors.contains("nowhere.yaml"))
    }

    @Test("without a plan file, and with several in plans/, nothing is said about stages")
    func without() async throws {
        let plain = try await meshctl(flow + ["-o", "json"], on: home)
        #expect(!plain.output.contains("\"stages\""))
        #expect(plain.errors.isEmpty)
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let list: JSONValue = ["kind": "List", "items": .array(home)]
        try meshctl.write(list.prettyText, to: "mesh.json")
        for name in ["a", "b"] { try meshctl.write(plan(strictPlan), to: "plans/\(name).yaml") }
        let several = await meshctl.run(flow + ["--manifests", "mesh.json", "-o", "json"])
        #expect(several.code == 0)
        #expect(several.errors.isEmpty)
        #expect(!several.output.contains("\"stages\""))
        let named = await meshctl.run(flow + ["--manifests", "mesh.json", "-f", "plans/b.yaml"])
        #expect(named.output.contains("With plan home"))
    }
}
