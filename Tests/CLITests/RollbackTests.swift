import Foundation
import JSON
import SandboxServer
import Synchronization
import Testing
import Timing

/// Back to exactly what was, and never over what somebody else did since.
@Suite("Rollback")
struct RollbackTests {
    private static let plan = SilentPlans.home()

    @Test(
        "brings labels and policies back, and leaves other namespaces as they are to the byte",
        arguments: [
            ("home-cluster", ["default", "media", "monitoring", "ingress", "istio-system"]),
            ("resilient-platform", ["resilient-platform"]),
        ])
    func exactly(name: String, named: [String]) async throws {
        try await LiveSandbox.with(name) { meshctl, sandbox in
            let (before, others) = (
                try sandbox.promised(), try sandbox.others(than: Set(named))
            )
            #expect(!others.isEmpty)
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            #expect(try sandbox.promised() != before)
            #expect(try sandbox.others(than: Set(named)) == others)
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.errors)")
            #expect(try sandbox.promised() == before)
            #expect(try sandbox.others(than: Set(named)) == others)
            let twice = await meshctl("rollback", "--yes")
            #expect(twice.code == 0)
            #expect((twice.output + twice.errors).contains("Nothing to roll back"))
        }
    }

    @Test("an edit by somebody else is shown in three columns and left alone")
    func conflict() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            #expect(await meshctl("apply", "--yes").code == 0)
            try sandbox.patch(
                LiveSandbox.policy("media/default"), ["spec": ["mtls": ["mode": "DISABLE"]]])
            let edited = try sandbox.get(LiveSandbox.policy("media/default"))
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 5, "\(rollback.errors)")
            let lines = rollback.output.split(separator: "\n").map(String.init)
            #expect(lines.contains { $0.contains("BEFORE") && $0.contains("NOW") })
            let row = try #require(lines.first { $0.contains("DISABLE") }, "\(rollback.output)")
            #expect(row.contains("(absent)") && row.contains("STRICT"))
            #expect(rollback.output.contains("--overwrite"))
            #expect(try sandbox.get(LiveSandbox.policy("media/default")) == edited)
            // All the rest is back.
            var rest = try sandbox.promised()
            rest["media/default"] = Optional.none
            #expect(rest == before)

            let again = await meshctl("rollback", "--yes")
            #expect(again.code == 5, "\(again.errors)")
            let overwritten = await meshctl("rollback", "--yes", "--overwrite")
            #expect(overwritten.code == 0, "\(overwritten.errors)")
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("a label that somebody else changed since is a conflict too")
    func labelConflict() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            #expect(await meshctl("apply", "--yes").code == 0)
            try sandbox.patch(
                LiveSandbox.namespace("media"),
                ["metadata": ["labels": ["istio.io/dataplane-mode": "none"]]])
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 5, "\(rollback.errors)")
            #expect(rollback.output.contains("Namespace media"))
            let overwritten = await meshctl("rollback", "--yes", "--overwrite")
            #expect(overwritten.code == 0, "\(overwritten.output)\(overwritten.errors)")
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("a policy of the run that somebody deleted since is no conflict")
    func deletedSince() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            #expect(await meshctl("apply", "--yes").code == 0)
            try sandbox.delete(LiveSandbox.policy("media/default"))
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.errors)")
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("--policies-only relaxes and keeps the data planes; a full one comes later")
    func policiesOnly() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            #expect(await meshctl("apply", "--yes").code == 0)
            let relaxed = await meshctl("rollback", "--yes", "--policies-only")
            #expect(relaxed.code == 0, "\(relaxed.errors)")
            #expect(relaxed.errors.contains("relaxed 2 policies in "))
            let status = await meshctl("status", "-o", "json")
            let namespaces =
                try JSONValue(parsing: Array(status.output.utf8))["namespaces"]?.array ?? []
            for namespace in namespaces where namespace["name"] == "media" {
                #expect(namespace["dataPlane"] == "ambient")
                #expect(namespace[path: "mtls", "mode"] == "PERMISSIVE")
            }
            let full = await meshctl("rollback", "--yes")
            #expect(full.code == 0, "\(full.errors)")
            #expect(try sandbox.promised() == before)
            let nothing = await meshctl("rollback", "--yes")
            #expect((nothing.output + nothing.errors).contains("Nothing to roll back"))
        }
    }

    @Test("--to-stage permissive undoes the flips only; a full one comes later")
    func toStage() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            #expect(await meshctl("apply", "--stage", "permissive", "--yes").code == 0)
            let permissive = try sandbox.promised()
            #expect(await meshctl("rollback", "--yes").code == 0)
            #expect(try sandbox.promised() == before)

            #expect(await meshctl("apply", "--yes").code == 0)
            let back = await meshctl("rollback", "--to-stage", "permissive", "--yes")
            #expect(back.code == 0, "\(back.errors)")
            #expect(try sandbox.promised() == permissive)
            let rest = await meshctl("rollback", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(try sandbox.promised() == before)
            #expect(await meshctl("rollback", "--to-stage", "strict").code == 64)
        }
    }

    @Test("--run names one; later runs on the same objects stand in its way but with --cascade")
    func laterRuns() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            #expect(await meshctl("apply", "--stage", "permissive", "--yes").code == 0)
            #expect(await meshctl("apply", "--yes").code == 0)
            let ids = try JournalReading.ids(meshctl)
            let strict = try sandbox.objects()
            let refused = await meshctl("rollback", "--run", ids[0], "--yes")
            #expect(refused.code == 1)
            #expect(refused.errors.contains(ids[1]) && refused.errors.contains("--cascade"))
            #expect(try sandbox.objects() == strict)
            let unknown = await meshctl("rollback", "--run", "20200101-000000-aaaa", "--yes")
            #expect(unknown.code == 1)
            #expect(unknown.errors.contains("meshctl history"))
            let both = await meshctl("rollback", "--run", ids[0], "--cascade", "--yes")
            #expect(both.code == 0, "\(both.errors)")
            #expect(try sandbox.promised() == before)
            let last = try #require(try JournalReading.ids(meshctl).last)
            let ofRollback = await meshctl("rollback", "--run", last, "--yes")
            #expect(ofRollback.code == 64)
            let again = await meshctl("rollback", "--run", ids[1], "--yes")
            #expect(again.code == 0)
        }
    }

    @Test("--cascade prints one document for programs, newest run first, and needs --yes for it")
    func oneDocument() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, _ in
            #expect(await meshctl("apply", "--stage", "permissive", "--yes").code == 0)
            #expect(await meshctl("apply", "--yes").code == 0)
            let ids = try JournalReading.ids(meshctl)
            let cascade = ["rollback", "--run", ids[0], "--cascade", "-o", "json"]
            #expect(await meshctl.run(cascade).code == 64)
            for undone in [Array(ids.reversed()), []] {
                let rollback = await meshctl.run(cascade + ["--yes"])
                #expect(rollback.code == 0, "\(rollback.errors)")
                let document = try JSONValue(parsing: Array(rollback.output.utf8))
                #expect(document["kind"] == "RollbackList")
                let items = try #require(document["items"]?.array)
                #expect(items.map { $0["kind"] } == undone.map { _ in "Rollback" })
                #expect(items.map { $0["run"]?.string } == undone)
            }
        }
    }

    @Test("two runs are undone one after the other, newest first")
    func oneByOne() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            #expect(await meshctl("apply", "--stage", "permissive", "--yes").code == 0)
            let permissive = try sandbox.promised()
            #expect(await meshctl("apply", "--yes").code == 0)
            #expect(await meshctl("rollback", "--yes").code == 0)
            #expect(try sandbox.promised() == permissive)
            #expect(await meshctl("rollback", "--yes").code == 0)
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("the newest run is the one journaled last, whatever the clock says")
    func clockSetBack() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            try await sandbox.pass(.seconds(7200))
            #expect(await meshctl("apply", "--stage", "permissive", "--yes").code == 0)
            let permissive = try sandbox.promised()
            meshctl.clock = LateClock(sandbox.session.clock)
            #expect(await meshctl("apply", "--yes").code == 0)
            #expect(await meshctl("rollback", "--yes").code == 0)
            #expect(try sandbox.promised() == permissive)
        }
    }

    @Test("a run of another cluster is not undone here")
    func otherCluster() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan) { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            let run = try #require(try JournalReading.ids(meshctl).first)
            let before = try sandbox.objects()
            let plain = await meshctl("rollback", "--yes", "--sandbox", "resilient-platform")
            #expect(plain.code == 0)
            #expect((plain.output + plain.errors).contains("Nothing to roll back"))
            let named = await meshctl(
                "rollback", "--run", run, "--yes", "--sandbox", "resilient-platform")
            #expect(named.code == 7, "\(named.errors)")
            #expect(named.errors.contains("another cluster"))
            #expect(try sandbox.objects() == before)
        }
    }

    @Test("a pod that is made between the plan and the label going gives its sidecar back, too")
    func latecomer() async throws {
        try await LiveSandbox.with("resilient-platform") { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            let backend = "/apis/apps/v1/namespaces/resilient-platform/deployments/backend"
            try sandbox.patch(backend, ["spec": ["replicas": 0]])
            try await sandbox.pass(.seconds(60))
            let isLate = Mutex(false)
            meshctl.onErrors = { text in
                // Relaxing is under way; the label goes last but for the restarts.
                guard text.contains("PeerAuthentication"),
                    isLate.withLock({ isLate in
                        defer { isLate = true }
                        return !isLate
                    })
                else { return }
                _ = try? sandbox.patch(backend, ["spec": ["replicas": 1]])
            }
            let rollback = await meshctl("rollback", "--yes")
            let wasLate = isLate.withLock { $0 }
            #expect(wasLate, "\(rollback.errors)")
            #expect(rollback.code == 0, "\(rollback.output)\(rollback.errors)")
            #expect(rollback.errors.contains("Pods were made meanwhile"), "\(rollback.errors)")
            try await sandbox.pass(.seconds(60))
            #expect(try sidecars(in: sandbox) == 0)
        }
    }

    @Test(
        "a rollback that is done is looked after once more by the next; a label that is there again is not its own"
    )
    func laterLook() async throws {
        try await LiveSandbox.with("resilient-platform") { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            #expect(await meshctl("rollback", "--yes").code == 0)
            let namespace = LiveSandbox.namespace("resilient-platform")
            let backend = "/apis/apps/v1/namespaces/resilient-platform/deployments/backend"
            try sandbox.patch(namespace, ["metadata": ["labels": ["istio-injection": "enabled"]]])
            try sandbox.patch(backend, ["spec": ["replicas": 0]])
            try await sandbox.pass(.seconds(60))
            try sandbox.patch(backend, ["spec": ["replicas": 1]])
            try await sandbox.pass(.seconds(60))
            #expect(try sidecars(in: sandbox) == 1)
            let kept = await meshctl("rollback", "--yes")
            #expect(kept.code == 0, "\(kept.errors)")
            #expect(kept.output.contains("Nothing to roll back"), "\(kept.output)")
            try sandbox.patch(namespace, ["metadata": ["labels": ["istio-injection": .null]]])
            let again = await meshctl("rollback", "--yes")
            #expect(again.code == 0, "\(again.errors)")
            #expect(again.errors.contains("Pods were made meanwhile"), "\(again.errors)")
            try await sandbox.pass(.seconds(60))
            #expect(try sidecars(in: sandbox) == 0)
            let nothing = await meshctl("rollback", "--yes")
            #expect(nothing.output.contains("Nothing to roll back"), "\(nothing.output)")
        }
    }

    private func sidecars(in sandbox: LiveSandbox) throws -> Int {
        let pods = try sandbox.get("/api/v1/namespaces/resilient-platform/pods")?["items"]
        return (pods?.array ?? []).flatMap { $0[path: "spec", "containers"]?.array ?? [] }
            .count { $0["name"]?.string == "istio-proxy" }
    }

    @Test("what was STRICT before is tight again at the end, and last")
    func retightens() async throws {
        let plan = SilentPlans.policy("mtls: PERMISSIVE, adopt: true")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            try sandbox.makePolicy("default/default", ["mtls": ["mode": "STRICT"]])
            let before = try sandbox.promised()
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.output)\(apply.errors)")
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.errors)")
            #expect(rollback.output.contains("Re-tighten"))
            #expect(try sandbox.promised() == before)
        }
    }
}

/// An hour behind.
private struct LateClock: RunClock {
    private let clock: any RunClock

    init(_ clock: any RunClock) { self.clock = clock }

    func now() -> Timestamp { clock.now() + .seconds(-3600) }

    func sleep(for duration: Duration) async throws { try await clock.sleep(for: duration) }

    func standBy(for duration: Duration) async throws { try await clock.standBy(for: duration) }
}
