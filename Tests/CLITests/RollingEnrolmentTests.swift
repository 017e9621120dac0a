import JSON
import SandboxServer
import Testing

@Suite("Rolling enrolment on a cluster")
struct RollingEnrolmentTests {
    private static let plan = """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: home-cluster}
        spec:
          namespaces:
            - {name: media, dataplane: ambient, enrolment: rolling}
          rollout: {settle: 1s}
        """
    private static let key = "istio.io/dataplane-mode"

    private struct Media: Equatable {
        var template: String?
        var namespace: String?
        /// What istio-cni says of each running pod.
        var capture: [String?]
    }

    private func media(in sandbox: LiveSandbox) throws -> Media {
        let deployment = try sandbox.get(
            "/apis/apps/v1/namespaces/media/deployments/jellyfin")
        let namespace = try sandbox.get(LiveSandbox.namespace("media"))
        let pods = try sandbox.get("/api/v1/namespaces/media/pods")?["items"]?.array ?? []
        return Media(
            template: deployment?[path: "spec", "template", "metadata", "labels", Self.key]?.string,
            namespace: namespace?[path: "metadata", "labels", Self.key]?.string,
            capture: pods.filter { $0[path: "metadata", "deletionTimestamp"] == nil }.map {
                $0[path: "metadata", "annotations", "ambient.istio.io/redirection"]?.string
            })
    }

    @Test(
        "the pods are new and captured before the namespace is labelled, and plain after the rollback"
    )
    func thereAndBack() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            let before = try media(in: sandbox)
            #expect(before == Media(template: nil, namespace: nil, capture: [nil]))
            let others = try sandbox.others(than: ["media"])

            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            #expect(apply.output.contains("+ istio.io/dataplane-mode=ambient on its pod template"))
            #expect(
                try media(in: sandbox)
                    == Media(template: "ambient", namespace: "ambient", capture: ["enabled"]))
            let writes = sandbox.session.requestLog.filter {
                $0.method == "PATCH" && !LiveSandbox.isOfState($0.method, $0.path)
            }.map(\.path)
            #expect(writes.first?.contains("/deployments/jellyfin") == true)
            #expect(writes.last?.contains("/namespaces/media") == true)
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)

            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.errors)")
            #expect(try media(in: sandbox) == before)
            #expect(try sandbox.others(than: ["media"]) == others)
        }
    }

    @Test("killed between the restart and the label, the next apply goes on to the label")
    func resumed() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            let stop = meshctl.stop
            meshctl.onErrors = { text in if text.contains("jellyfin") { stop.press() } }
            let first = await meshctl("apply", "--yes")
            #expect(first.code != 0)
            meshctl.onErrors = { _ in }
            let second = await meshctl("apply", "--yes")
            #expect(second.code == 0, "\(second.errors)")
            let end = try media(in: sandbox)
            #expect(
                end == Media(template: "ambient", namespace: "ambient", capture: ["enabled"]))
        }
    }
}
