import JSON
import KubernetesSandbox
import MeshPlanning
import SandboxServer
import Testing
import Timing

/// What comes after relaxing stands behind gates: past one that is closed the rest goes on, and the same
/// command finishes it later.
@Suite("Gates on the way back")
struct RollbackGatesTests {
    /// Opens what was STRICT. Nobody in the mesh calls anybody there, so silence proves nothing.
    private static func opening(accepting: Bool) -> String {
        """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: back}
        spec:
          namespaces:
            - {name: media, dataplane: ambient}
            - {name: default, mtls: PERMISSIVE, adopt: true}
          ignoreFlows: [{to: {namespace: default}, reason: the test is about something else}]
          rollout: {settle: 0s}
          gates:
            no-plaintext: {window: 1s}
        """
            + (accepting
                ? """

                    accept:
                      - {gate: no-plaintext, namespace: default, reason: silent, owner: me, expires: 2027-11-30}
                """ : "")
    }

    /// The cluster with a STRICT policy that the run opened.
    private func withOpened(
        accepting: Bool, _ body: (inout TestCommand, LiveSandbox) async throws -> Void
    ) async throws {
        let plan = Self.opening(accepting: accepting)
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            try sandbox.makePolicy("default/default", ["mtls": ["mode": "STRICT"]])
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.output)\(apply.errors)")
            try await body(&meshctl, sandbox)
        }
    }

    private func mode(_ sandbox: LiveSandbox) throws -> String? {
        try sandbox.get(LiveSandbox.policy("default/default"))?[path: "spec", "mtls", "mode"]?
            .string
    }

    @Test("a doubt leaves the re-tightening undone, with 3; the plan file of -f can accept it")
    func retightening() async throws {
        try await withOpened(accepting: false) { meshctl, sandbox in
            let stopped = await meshctl("rollback", "--yes")
            #expect(stopped.code == 3, "\(stopped.output)\(stopped.errors)")
            for words in [
                "no-plaintext is inconclusive", "not done yet:",
                "retighten PeerAuthentication default/default",
                "Go on with the same command",
            ] {
                #expect(stopped.errors.contains(words), "\(words): \(stopped.errors)")
            }
            #expect(try mode(sandbox) == "PERMISSIVE")
            // All that does not rest on it is done.
            let media = try sandbox.get(LiveSandbox.namespace("media"))
            #expect(media?[path: "metadata", "labels", "istio.io/dataplane-mode"] == nil)

            let again = await meshctl("rollback", "--yes")
            #expect(again.code == 3, "\(again.errors)")
            // Nobody has to finish the rollback before an apply.
            #expect(await meshctl("plan").code == 0)
            try meshctl.write(Self.opening(accepting: true), to: "accepting.yaml")
            let rest = await meshctl("rollback", "--yes", "-f", "accepting.yaml")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(try mode(sandbox) == "STRICT")
            #expect(await meshctl("rollback", "--yes").output.contains("Nothing to roll back"))
        }
    }

    @Test("the plan of the run answers for its doubts, and the report names the gates")
    func accepted() async throws {
        try await withOpened(accepting: true) { meshctl, sandbox in
            let rollback = await meshctl("rollback", "--yes", "-o", "json")
            #expect(rollback.code == 0, "\(rollback.errors)")
            let report = try JSONValue(parsing: Array(rollback.output.utf8))
            for step in report["steps"]?.array ?? [] {
                let gates = (step["gates"]?.array ?? []).compactMap(\.string)
                switch step["phase"]?.string {
                case "retighten": #expect(gates.contains("no-plaintext"), "\(step)")
                case "relax": #expect(gates.isEmpty, "\(step)")
                default: #expect(gates == ["flows-carried"], "\(step)")
                }
            }
            #expect(rollback.errors.contains("1 accepted"), "\(rollback.errors)")
        }
    }

    @Test("what stopped the run is asked again once it is undone, and told")
    func askedAgain() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            // Before STRICT: something is written by then.
            #expect(await meshctl("apply", "--yes", "--stage", "enroll").code == 0)
            try sandbox.session.withCluster {
                try $0.switchOn(Fault(["ztunnel-not-ready", "kube-1"]))
            }
            #expect(await meshctl("apply", "--yes").code == 3)
            let runs = try JournalReading.runs(meshctl)
            let stopped = try #require(runs.last.flatMap { RunState(replaying: $0) })
            guard stopped.hasWritten else {
                Issue.record("nothing was written: \(stopped.status)")
                return
            }
            let failing = await meshctl(
                "rollback", "--yes", "--policies-only", "--run", stopped.header.id.text)
            #expect(failing.code == 0, "\(failing.errors)")
            #expect(
                failing.errors.contains("What stopped run \(stopped.header.id), now:")
                    && failing.errors.contains("ztunnel-ready still fails: node kube-1"),
                "\(failing.errors)")
            try sandbox.session.withCluster { _ = $0.switchOff(nil) }
            try await sandbox.pass(.seconds(60))
            let mended = await meshctl("rollback", "--yes", "--run", stopped.header.id.text)
            #expect(mended.code == 0, "\(mended.errors)")
            #expect(mended.errors.contains("ztunnel-ready passes now"), "\(mended.errors)")
        }
    }
}
