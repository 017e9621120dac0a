import JSON
import Testing

@Suite("status")
struct StatusCommandTests: ManifestTests {
    private let plan = """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: home}
        spec:
          namespaces:
            - {name: default, dataplane: ambient, mtls: STRICT}
            - {name: media, dataplane: none}
        """

    private var home: [JSONValue] {
        [
            namespace("default", ["istio.io/dataplane-mode": "ambient"]), namespace("media"),
            pod("default/web-0", "ambient"), pod("media/jellyfin"),
        ]
    }

    private func json(
        _ options: [String] = [], plan: String? = nil
    ) async throws -> JSONValue {
        let result = try await meshctl(["status", "-o", "json"] + options, on: home, plan: plan)
        #expect(result.code == 0, "\(result.errors)")
        return try JSONValue(parsing: Array(result.output.utf8))
    }

    @Test("with a plan each namespace has its next step; without one nothing is said of it")
    func nextStep() async throws {
        let report = try await json(plan: plan)
        #expect(report["plan"] == "home")
        #expect(report["planBlockedBy"] == [])
        let namespaces = report["namespaces"]?.array ?? []
        #expect(namespaces.map { $0["name"] } == ["default", "media"])
        #expect(
            namespaces.first?["nextStep"] == [
                "stage": "permissive", "action": "create",
                "object": "PeerAuthentication default/default", "of": 2,
            ])
        #expect(namespaces.last?["nextStep"] == nil)
        let text = try await meshctl(["status"], on: home, plan: plan)
        #expect(text.output.contains("NEXT STEP"))
        #expect(
            text.output.contains("permissive: create PeerAuthentication default/default (1 of 2)"))
        let plain = try await json()
        #expect(plain["plan"] == nil && plain["planBlockedBy"] == nil)
        #expect(plain["namespaces"]?.array?.allSatisfy { $0["nextStep"] == nil } == true)
        #expect(try await !meshctl(["status"], on: home).output.contains("NEXT STEP"))
    }

    @Test("a blocked plan is said to be, and an unusable one does not keep the status back")
    func blocked() async throws {
        let blocked = plan.replacing("media", with: "nowhere")
        let report = try await json(plan: blocked)
        #expect(report["planBlockedBy"] == ["unknown-namespace"])
        #expect(report["namespaces"]?.array?.allSatisfy { $0["nextStep"] == nil } == true)
        let text = try await meshctl(["status"], on: home, plan: blocked)
        #expect(text.output.contains("Plan home is blocked: unknown-namespace"))
        let broken = try await meshctl(["status"], on: home, plan: "spec: [")
        #expect(broken.code == 0)
        #expect(broken.errors.contains("Going on without a plan file"))
        #expect(broken.output.contains("media"))
    }

    @Test("-n tells of one namespace, or of several")
    func only() async throws {
        let one = try await json(["-n", "default"])
        #expect(one["namespaces"]?.array?.map { $0["name"] } == ["default"])
        #expect(one["workloads"]?.array?.map { $0["name"] } == ["web-0"])
        let both = try await json(["-n", "default", "--namespace", "media"])
        #expect(both["namespaces"]?.array?.count == 2)
        let text = try await meshctl(["status", "-n", "media"], on: home)
        #expect(text.output.hasSuffix("0 of 1 namespace STRICT.\n"))
        let wrong = try await meshctl(["status", "-n", "defualt"], on: home)
        #expect(wrong.code == 1)
        #expect(wrong.errors.contains("did you mean default?"))
    }
}
