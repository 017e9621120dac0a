import Foundation
import JSON
import KubernetesSandbox
import MeshPlanning
import SandboxServer
import Synchronization
import Testing

/// What one machine did is known on another one, which has the cluster and nothing else.
@Suite("Checkpoints in the cluster, from machine to machine")
struct CheckpointTests {
    private static let configMaps = "/api/v1/namespaces/meshctl-system/configmaps"

    /// A machine with a kubeconfig and no state.
    private func machine(_ sandbox: LiveSandbox, plan: String? = nil) throws -> TestCommand {
        var meshctl = try TestCommand()
        meshctl.clock = sandbox.session.clock
        try meshctl.write(sandbox.session.kubeconfigText(), to: ".kube/config")
        if let plan { try meshctl.write(plan, to: "plans/plan.yaml") }
        return meshctl
    }

    private func checkpoints(_ sandbox: LiveSandbox) throws -> [JSONValue] {
        try sandbox.get(Self.configMaps)?["items"]?.array ?? []
    }

    private func fault(_ words: String..., in sandbox: LiveSandbox) throws {
        try sandbox.session.withCluster { try $0.switchOn(Fault(words)) }
    }

    @Test(
        "a rollback on another machine brings back exactly what was, and both machines know it",
        arguments: ScenarioTests.names)
    func elsewhere(name: String) async throws {
        try await LiveSandbox.with(name) { meshctl, sandbox in
            let before = try sandbox.promised()
            #expect(await meshctl("apply", "--yes").code == 0)
            #expect(try sandbox.promised() != before)
            let other = try machine(sandbox)
            defer { other.remove() }
            let run = try #require(try JournalReading.ids(meshctl).first)
            let rollback = await other("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.errors)")
            #expect(rollback.errors.contains("Run \(run), apply of "), "\(rollback.errors)")
            #expect(rollback.errors.contains("is known from its checkpoint in the cluster"))
            #expect(try sandbox.promised() == before)
            for machine in [other, meshctl] {
                let again = await machine("rollback", "--yes")
                #expect(again.code == 0, "\(again.errors)")
                #expect(again.output.contains("Nothing to roll back"), "\(again.errors)")
                let history = await machine("history")
                #expect(history.output.contains("rolled back"), "\(history.output)")
            }
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("of two runs that began in the same second the later one is the newest elsewhere, too")
    func sameSecond() async throws {
        let plan = SilentPlans.policy()
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            // Their names sort the other way round.
            meshctl.randomBits = { 0 }
            #expect(await meshctl("apply", "--yes", "--stage", "permissive").code == 0)
            meshctl.randomBits = { 531_440 }
            #expect(await meshctl("apply", "--yes").code == 0)
            let times = try checkpoints(sandbox).map {
                $0[path: "metadata", "creationTimestamp"]?.string
            }
            try #require(times.count == 2 && Set(times).count == 1, "\(times)")
            let other = try machine(sandbox)
            defer { other.remove() }
            let strict = await other("rollback", "--yes")
            #expect(strict.code == 0, "\(strict.output)\(strict.errors)")
            let permissive = await other("rollback", "--yes")
            #expect(permissive.code == 0, "\(permissive.output)\(permissive.errors)")
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("what a killed run left is taken back elsewhere", arguments: KillTests.deaths)
    func killed(at death: KillTests.Death) async throws {
        try await LiveSandbox.with("resilient-platform", plan: SilentPlans.resilient()) {
            meshctl, sandbox in
            let killer = Killer()
            let relay = try RelayServer(to: sandbox.session.port, killer.hooks)
            defer { relay.stop() }
            try meshctl.write(
                WrongInputTests.kubeconfig("server: http://127.0.0.1:\(relay.port)"),
                to: ".kube/config")
            let before = try sandbox.promised()
            try await KillTests.kill("apply", at: death, killer, meshctl, sandbox)
            let other = try machine(sandbox)
            defer { other.remove() }
            let rollback = await other("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.output)\(rollback.errors)")
            #expect(try sandbox.promised() == before)
            // The run is not gone on with: it was undone.
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            #expect(!apply.errors.contains("Going on with"), "\(apply.errors)")
        }
    }

    @Test("a rollback that stopped half way, or only relaxed, is finished elsewhere")
    func halfBack() async throws {
        for half in [["rollback", "--yes", "--policies-only"], ["rollback", "--yes"]] {
            try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) {
                meshctl, sandbox in
                let before = try sandbox.promised()
                #expect(await meshctl("apply", "--yes").code == 0)
                meshctl.onErrors = { [stop = meshctl.stop] text in
                    if half.count == 2, text.contains("[2/") { stop.press() }
                }
                let stopped = await meshctl.run(half)
                #expect(stopped.code == (half.count == 2 ? 130 : 0), "\(stopped.errors)")
                meshctl.onErrors = { _ in }
                let other = try machine(sandbox)
                defer { other.remove() }
                let rest = await other("rollback", "--yes")
                #expect(rest.code == 0, "\(rest.output)\(rest.errors)")
                #expect(try sandbox.promised() == before)
                let nothing = await meshctl("rollback", "--yes")
                #expect(nothing.output.contains("Nothing to roll back"), "\(nothing.errors)")
            }
        }
    }

    @Test("an apply that stopped elsewhere is never gone on with: a new plan takes its place")
    func openElsewhere() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let before = try sandbox.promised()
            meshctl.onErrors = { [stop = meshctl.stop] text in
                if text.contains("[3/") { stop.press() }
            }
            #expect(await meshctl("apply", "--yes").code == 130)
            meshctl.onErrors = { _ in }
            let other = try machine(sandbox, plan: SilentPlans.home())
            defer { other.remove() }
            #expect(await other("state", "pull").output.contains("open elsewhere"))
            let apply = await other("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            #expect(!apply.errors.contains("Going on with"))
            for _ in 1...2 { #expect(await other("rollback", "--yes").code == 0) }
            #expect(try sandbox.promised() == before)
            // Back on the first machine, where the run is still open: all of it was undone.
            let again = await meshctl("apply", "--yes")
            #expect(again.code == 0 && !again.errors.contains("Going on with"), "\(again.errors)")
        }
    }

    @Test("a saved plan is good for one run, whichever machine made it")
    func nonce() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            #expect(await meshctl("plan", "--out", "strict.plan").code == 0)
            let saved = try meshctl.bytes("strict.plan")
            #expect(await meshctl("apply", "strict.plan", "--yes").code == 0)
            #expect(await meshctl("rollback", "--yes").code == 0)
            let other = try machine(sandbox)
            defer { other.remove() }
            try other.write(String(decoding: saved, as: UTF8.self), to: "strict.plan")
            let before = try sandbox.objects()
            let run = try #require(try JournalReading.ids(meshctl).first)
            let again = await other("apply", "strict.plan", "--yes")
            #expect(again.code == 7, "\(again.errors)")
            #expect(again.errors.contains("applied already, as run \(run)"), "\(again.errors)")
            #expect(try sandbox.objects() == before)
        }
    }

    @Test("state pull tells what is new, once; and what ended since")
    func pull() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let other = try machine(sandbox)
            defer { other.remove() }
            #expect(await other("state", "pull").output.contains("Nothing new"))
            meshctl.onErrors = { [stop = meshctl.stop] text in
                if text.contains("[3/") { stop.press() }
            }
            #expect(await meshctl("apply", "--yes").code == 130)
            meshctl.onErrors = { _ in }
            let run = try #require(try JournalReading.ids(meshctl).first)
            let first = await other("state", "pull", "-o", "json")
            #expect(first.code == 0, "\(first.errors)")
            let report = try JSONValue(parsing: Array(first.output.utf8))
            #expect(report["kind"] == "StatePull")
            #expect(report["added"]?.array?.map { $0["id"]?.string } == [run])
            #expect(await other("state", "pull").output.contains("Nothing new"))
            #expect(await meshctl("apply", "--yes").code == 0)
            let ended = await other("state", "pull")
            #expect(ended.output == "Run \(run) has ended.\n", "\(ended.output)")
            let shown = await other("show", run, "-o", "json")
            #expect(shown.output.contains(#""pulled""#), "\(shown.output)")
            // What the first machine knows itself, it does not learn from the cluster.
            #expect(await meshctl("state", "pull").output.contains("Nothing new"))
        }
    }

    @Test("without the right to keep it nothing is begun; a rollback is not kept from relaxing")
    func forbidden() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let before = try sandbox.promised()
            try fault("api-status", "403", "POST", Self.configMaps, in: sandbox)
            let refused = await meshctl("apply", "--yes")
            #expect(refused.code == 77, "\(refused.errors)")
            for words in [
                "checkpoint", "meshctl-system", "create configmaps", "nothing was changed",
            ] {
                #expect(refused.errors.contains(words), "\(words): \(refused.errors)")
            }
            #expect(try sandbox.promised() == before && sandbox.writesDone == 0)
            let events = try #require(try JournalReading.runs(meshctl).first)
            #expect(events.map(\.kind) == ["started"])
            try sandbox.session.withCluster { _ = $0.switchOff(nil) }
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0 && rest.errors.contains("Going on with run"), "\(rest.errors)")

            try fault("api-status", "403", "POST,GET", Self.configMaps, in: sandbox)
            let back = await meshctl("rollback", "--yes")
            #expect(back.code == 0, "\(back.errors)")
            #expect(back.errors.contains("warning: which runs other machines made"))
            #expect(back.errors.contains("could not be noted in the cluster"), "\(back.errors)")
            #expect(try sandbox.promised() == before)
            // Nothing is known on a machine that may not look: it does not say that there is nothing.
            let other = try machine(sandbox)
            defer { other.remove() }
            #expect(await other("rollback", "--yes").code == 77)
            #expect(await other("apply", "--yes", "-f", meshctl.path("plans/plan.yaml")).code == 77)
        }
    }

    @Test("one that was tampered with is named and left out, and never half of it is taken over")
    func tampered() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            let object = try #require(try checkpoints(sandbox).first)
            let name = try #require(object[path: "metadata", "name"]?.string)
            try sandbox.delete("\(Self.configMaps)/\(name)")
            var changed = object
            changed["binaryData"] = ["checkpoint": "eJwDAAAAAAE="]
            for key in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
                changed["metadata"]?[key] = Optional.none
            }
            try sandbox.send("POST", Self.configMaps, changed)
            let applied = try sandbox.promised()
            let other = try machine(sandbox)
            defer { other.remove() }
            for command in [["state", "pull"], ["rollback", "--yes"]] {
                let result = await other.run(command)
                #expect(result.code == 1, "\(command): \(result.errors)")
                let told = result.output + result.errors
                #expect(told.contains("configmap meshctl-system/\(name)"), "\(told)")
                #expect(told.contains("is damaged"), "\(told)")
            }
            #expect(try JournalReading.runs(other).isEmpty)
            #expect(try sandbox.promised() == applied)
            // The machine that made the run needs no checkpoint.
            #expect(await meshctl("rollback", "--yes").code == 0)
        }
    }

    @Test("where the API goes away between two of them, none is taken over", arguments: [1, 2])
    func brokenOff(whichIsLost lost: Int) async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.policy()) { meshctl, sandbox in
            let before = try sandbox.promised()
            #expect(await meshctl("apply", "--yes", "--stage", "permissive").code == 0)
            #expect(await meshctl("apply", "--yes").code == 0)
            let applied = try sandbox.promised()
            let readsLeft = Mutex(lost - 1)
            var hooks = RelayServer.Hooks()
            hooks.request = { line in
                guard line.hasPrefix("GET \(Self.configMaps)/") else { return true }
                return readsLeft.withLock {
                    $0 -= 1
                    return $0 >= 0
                }
            }
            let relay = try RelayServer(to: sandbox.session.port, hooks)
            defer { relay.stop() }
            let other = try machine(sandbox)
            defer { other.remove() }
            try other.write(
                WrongInputTests.kubeconfig("server: http://127.0.0.1:\(relay.port)"),
                to: ".kube/config")
            let pull = await other("state", "pull")
            #expect(pull.code == 1, "\(pull.output)\(pull.errors)")
            #expect(readsLeft.withLock(\.self) < 0)
            #expect(try JournalReading.runs(other).isEmpty)
            #expect(try sandbox.promised() == applied)
            readsLeft.withLock { $0 = .max }
            for _ in 1...2 {
                let rollback = await other("rollback", "--yes")
                #expect(rollback.code == 0, "\(rollback.output)\(rollback.errors)")
            }
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("old ones go, and what can be undone stays")
    func bounded() async throws {
        let plan = """
            apiVersion: meshctl.dev/v1alpha1
            kind: MeshPlan
            metadata: {name: small}
            spec:
              namespaces: [{name: media, dataplane: ambient}]
              rollout: {settle: 0s}
            """
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            let before = try sandbox.promised()
            for _ in 1...7 {
                #expect(await meshctl("apply", "--yes").code == 0)
                #expect(await meshctl("rollback", "--yes").code == 0)
            }
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            let ids = try JournalReading.ids(meshctl)
            #expect(ids.count == 15)
            let kept = try checkpoints(sandbox).compactMap {
                $0[path: "metadata", "labels", "meshctl.dev/run"]?.string
            }
            #expect(kept.sorted() == ids.suffix(10).sorted())
            let other = try machine(sandbox)
            defer { other.remove() }
            #expect(await other("rollback", "--yes").code == 0)
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("are not seen in plans and status, and hold no credential; no Secret is asked for")
    func unseen() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let token = "sandbox"
            try meshctl.write(
                WrongInputTests.kubeconfig(
                    "server: http://127.0.0.1:\(sandbox.session.port)", user: "token: \(token)"),
                to: ".kube/config")
            #expect(await meshctl("apply", "--yes").code == 0)
            #expect(try !checkpoints(sandbox).isEmpty)
            for command in [["status"], ["plan"], ["status", "-o", "json"]] {
                #expect(await !meshctl.run(command).output.contains("meshctl-system"))
            }
            #expect(!sandbox.session.requestLog.contains { $0.path.contains("/secrets") })
            // What another machine learns is all that a checkpoint holds.
            let other = try machine(sandbox)
            defer { other.remove() }
            #expect(await other("state", "pull").code == 0)
            let events = try #require(try JournalReading.runs(other).first)
            let text = try events.map { try JSONValue(encoding: $0).canonicalText }.joined()
            #expect(text.contains("PeerAuthentication") || text.contains("policy"))
            #expect(!text.contains(token), "\(text)")
        }
    }
}
