import Foundation
import JSON
import KubernetesSandbox
import MeshPlanning
import SandboxServer
import Testing
import Timing

/// `rollback --emergency`: by what the cluster shows alone, whatever else is broken.
@Suite("An emergency rollback")
struct EmergencyTests {
    /// media and default of the home cluster are STRICT, and media is in ambient, by an apply.
    static func with(
        plan: String = SilentPlans.home(),
        _ body: (inout TestCommand, LiveSandbox) async throws -> Void
    ) async throws {
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            try await body(&meshctl, sandbox)
        }
    }

    /// What is promised, with PERMISSIVE in the place of STRICT in these policies.
    static func relaxed(
        _ promised: [String: JSONValue], _ names: String...
    ) throws -> [String: JSONValue] {
        var relaxed = promised
        for name in names {
            var policy = try #require(relaxed[name])
            #expect(policy[path: "spec", "mtls", "mode"] == "STRICT")
            policy["spec"] = ["mtls": ["mode": "PERMISSIVE"]]
            relaxed[name] = policy
        }
        return relaxed
    }

    static func stopIstiod(_ sandbox: LiveSandbox, replicas: Int64 = 0) async throws {
        try sandbox.patch(
            "/apis/apps/v1/namespaces/istio-system/deployments/istiod",
            ["spec": ["replicas": .integer(replicas)]])
        try await sandbox.pass(.seconds(60))
    }

    @Test("relaxes what meshctl made STRICT without plan, history or gates, and nothing else")
    func bare() async throws {
        try await Self.with { meshctl, sandbox in
            let wanted = try Self.relaxed(
                try sandbox.promised(), "media/default", "default/default")
            let others = try sandbox.others(than: ["media", "default"])
            for name in ["state", "plans"] {
                try FileManager.default.removeItem(atPath: meshctl.path(name))
            }
            let requests = sandbox.session.requestLog.count
            let start = sandbox.session.clock.now()
            let result = await meshctl("rollback", "--emergency", "--yes")
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.errors.contains("relaxed 2 policies in 0."))
            #expect(result.errors.contains("Back to what was before: meshctl rollback"))
            #expect(try sandbox.promised() == wanted)
            #expect(try sandbox.others(than: ["media", "default"]) == others)
            // Three lists, who has the lock, then a read and a write of each policy; its checkpoint beside them.
            let log = sandbox.session.requestLog.dropFirst(requests)
            #expect(log.prefix(3).allSatisfy { $0.method == "GET" })
            let reads = log.prefix { $0.method == "GET" }
            #expect(reads.filter { !$0.path.contains("/configmaps") }.count <= 7)
            #expect(sandbox.session.clock.now() - start < .seconds(1))

            let run = try #require(RunState(replaying: try JournalReading.runs(meshctl).last ?? []))
            #expect(run.isEmergency && run.status == .finished(.done) && run.rollout.gates.isEmpty)
            let twice = await meshctl("rollback", "--emergency", "--yes")
            #expect(twice.code == 0)
            #expect(twice.output.contains("Nothing that meshctl made is STRICT."))
            #expect(try JournalReading.runs(meshctl).count == 1)
            let history = await meshctl("history")
            #expect(history.output.contains("policies, emergency"))
        }
    }

    @Test("a rollback after it goes back to exactly what was, with no conflict")
    func thenRollback() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let before = try sandbox.promised()
            #expect(await meshctl("apply", "--yes").code == 0)
            #expect(await meshctl("rollback", "--emergency", "--unenroll", "--yes").code == 0)
            let rollback = await meshctl("rollback", "--yes", "-f", "plans/plan.yaml")
            #expect(rollback.code == 0, "\(rollback.output)\(rollback.errors)")
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("an apply after it plans anew, and the plan's fields are still the plan's")
    func thenApply() async throws {
        try await Self.with { meshctl, sandbox in
            let strict = try sandbox.promised()
            #expect(await meshctl("rollback", "--emergency", "--yes").code == 0)
            #expect(await meshctl("plan", "--detailed-exitcode").code == 2)
            let again = await meshctl("apply", "--yes")
            #expect(again.code == 0, "\(again.errors)")
            #expect(!again.errors.contains("Going on with"))
            #expect(try sandbox.promised() == strict)
        }
    }

    @Test(
        "what others made STRICT stays to the byte and is told; an older one that wins is left: 5")
    func others() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            try sandbox.makePolicy("ingress/theirs", ["mtls": ["mode": "STRICT"]])
            #expect(await meshctl("apply", "--yes").code == 0)
            let theirs = try sandbox.get(LiveSandbox.policy("ingress/theirs"))
            let told = await meshctl("rollback", "--emergency", "--yes")
            #expect(told.code == 0, "\(told.errors)")
            #expect(told.output.contains("STRICT stays where others say so: ingress/theirs"))
            #expect(try sandbox.get(LiveSandbox.policy("ingress/theirs")) == theirs)
        }
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let selector: JSONValue = ["matchLabels": ["app": "jellyfin"]]
            try sandbox.makePolicy(
                "media/theirs", ["selector": selector, "mtls": ["mode": "STRICT"]])
            try await sandbox.pass(.seconds(5))
            try sandbox.makePolicy(
                "media/ours", ["selector": selector, "mtls": ["mode": "STRICT"]],
                labels: [
                    "app.kubernetes.io/managed-by": "meshctl", "meshctl.dev/plan": "another",
                ])
            let result = await meshctl("rollback", "--emergency", "--yes")
            #expect(result.code == 5, "\(result.errors)")
            #expect(result.output.contains("media/theirs is older than media/ours and wins"))
            #expect(result.errors.contains("PeerAuthentication media/theirs"))
            let ours = try sandbox.get(LiveSandbox.policy("media/ours"))
            #expect(ours?[path: "spec", "mtls", "mode"] == "PERMISSIVE")
        }
    }

    @Test("one that cannot be changed stops none of the others, and is named: 5")
    func oneFails() async throws {
        try await Self.with { meshctl, sandbox in
            let wanted = try Self.relaxed(try sandbox.promised(), "default/default")
            try sandbox.switchOn("api-status", "403", "PATCH", LiveSandbox.policies("media"))
            let result = await meshctl("rollback", "--emergency", "--yes")
            #expect(result.code == 5, "\(result.errors)")
            #expect(result.errors.contains("relaxed 1 of 2 policies in "))
            #expect(
                result.errors.contains(
                    "left as it is, why is told above:\n  PeerAuthentication media/default\n"))
            #expect(try sandbox.promised() == wanted)
            try sandbox.clearFaults()
            #expect(await meshctl("rollback", "--emergency", "--yes").code == 0)
        }
    }

    @Test(
        "gets through to an API that is on fire",
        arguments: [
            ["api-status", "429", "9"], ["api-status", "503", "9"], ["api-reset", "4"],
            ["api-reset", "4", "PATCH"], ["lost-responses", "3", "PATCH"],
            ["api-status", "429", "20", "/apis"], ["api-status", "500", "4", "PATCH"],
        ])
    func faults(fault: [String]) async throws {
        try await Self.with { meshctl, sandbox in
            let wanted = try Self.relaxed(
                try sandbox.promised(), "media/default", "default/default")
            try sandbox.session.withCluster { try $0.switchOn(Fault(fault)) }
            let result = await meshctl("rollback", "--emergency", "--yes")
            #expect(result.code == 0, "\(result.errors)")
            #expect(try sandbox.promised() == wanted)
        }
    }

    // MARK: - Without istiod

    @Test("without istiod deletes what relaxes by being gone, and says what is not reached: 5")
    func withoutIstiod() async throws {
        try await Self.with { meshctl, sandbox in
            var wanted = try sandbox.promised()
            for name in ["media/default", "default/default"] { wanted[name] = Optional.none }
            try await Self.stopIstiod(sandbox)
            let result = await meshctl("rollback", "--emergency", "--yes")
            #expect(result.code == 5, "\(result.errors)")
            #expect(result.errors.contains("istiod is down: its validation did not answer"))
            #expect(result.errors.contains("relaxed 2 policies in "))
            #expect(result.errors.contains("proxies keep to what they know until it is back"))
            #expect(result.errors.contains("meshctl rollback --emergency --unenroll"))
            #expect(!result.errors.contains("left as it is"))
            #expect(try sandbox.promised() == wanted)
            try await Self.stopIstiod(sandbox, replicas: 1)
            #expect(await meshctl("rollback", "--emergency", "--yes").code == 0)
        }
    }

    @Test(
        "a mesh's STRICT goes before what is under it; under somebody else's all stay and are named"
    )
    func withoutIstiodUnderMesh() async throws {
        for isOurs in [true, false] {
            try await Self.with { meshctl, sandbox in
                let labels: JSONValue =
                    isOurs
                    ? ["app.kubernetes.io/managed-by": "meshctl", "meshctl.dev/plan": "home"] : [:]
                try sandbox.makePolicy(
                    "istio-system/default", ["mtls": ["mode": "STRICT"]], labels: labels)
                var wanted = try sandbox.promised()
                if isOurs {
                    for name in ["media/default", "default/default", "istio-system/default"] {
                        wanted[name] = Optional.none
                    }
                }
                try await Self.stopIstiod(sandbox)
                let result = await meshctl("rollback", "--emergency", "--yes")
                #expect(result.code == 5, "\(result.errors)")
                #expect(result.errors.contains("left as it is") == !isOurs)
                #expect(try sandbox.promised() == wanted)
            }
        }
    }

    // MARK: - --unenroll

    @Test(
        "--unenroll lets pods go where meshctl captured them, also without istiod",
        arguments: [true, false])
    func unenroll(hasIstiod: Bool) async throws {
        try await Self.with { meshctl, sandbox in
            if !hasIstiod { try await Self.stopIstiod(sandbox) }
            let before = try #require(try sandbox.promised()["media"])
            let others = try sandbox.others(than: ["media", "default"])
            let result = await meshctl("rollback", "--emergency", "--unenroll", "--yes")
            #expect(result.code == (hasIstiod ? 0 : 5), "\(result.errors)")
            #expect(result.output.contains("Namespace media"))
            #expect(result.errors.contains("1 of 1 running pods released"))
            #expect(
                result.output.contains("in ambient by others, and left there: default, monitoring"))
            var labels = before
            labels["istio.io/dataplane-mode"] = Optional.none
            #expect(try sandbox.promised()["media"] == labels)
            #expect(try sandbox.others(than: ["media", "default"]) == others)
            #expect(!result.errors.contains("Pods in ambient are let go without it"))
            let relax = try #require(result.errors.range(of: "relaxed 2 policies"))
            let release = try #require(result.errors.range(of: "label Namespace media"))
            #expect(relax.lowerBound < release.lowerBound)
        }
    }

    @Test("--unenroll names the namespace whose pods are not seen to be let go: 5")
    func unenrollUnconfirmed() async throws {
        try await Self.with { meshctl, sandbox in
            // Its pods may not be looked at: no data is no release.
            try sandbox.switchOn("api-status", "403", "GET", "/api/v1/namespaces/media/pods")
            let result = await meshctl("rollback", "--emergency", "--unenroll", "--yes")
            #expect(result.code == 5, "\(result.errors)")
            #expect(
                result.errors.contains("left as it is, why is told above:\n  Namespace media"))
            #expect(try sandbox.promised()["media"]?["istio.io/dataplane-mode"] == nil)
        }
    }

    @Test("--unenroll does not need to know who calls whom")
    func unenrollBlind() async throws {
        try await Self.with { meshctl, sandbox in
            try sandbox.switchOn("api-status", "403", "GET", "/api/v1/pods")
            let result = await meshctl("rollback", "--emergency", "--unenroll", "--yes")
            #expect(result.errors.contains("who calls whom cannot be read"))
            #expect(result.code == 0, "\(result.errors)")
            #expect(try sandbox.promised()["media"]?["istio.io/dataplane-mode"] == nil)
        }
    }

    // MARK: - What is asked, and what is printed

    @Test("asks before it changes anything, and takes no option of an ordinary rollback")
    func asks() async throws {
        try await Self.with { meshctl, sandbox in
            let before = try sandbox.objects()
            #expect(await meshctl("rollback", "--emergency").code == 64)
            let declined = await meshctl.run(
                ["rollback", "--emergency"], interactive: true, answer: "no")
            #expect(declined.code == 1)
            #expect(declined.errors.contains("Relax these 2 policies?"))
            for option in [
                ["--run", "x"], ["--to-stage", "permissive"], ["--cascade"], ["--policies-only"],
                ["--overwrite"], ["-f", "plans/plan.yaml"], ["-o", "json"],
            ] {
                let result = await meshctl.run(
                    ["rollback", "--emergency"] + option + (option[0] == "-o" ? [] : ["--yes"]))
                #expect(result.code == 64, "\(option): \(result.errors)")
            }
            #expect(await meshctl("rollback", "--unenroll", "--yes").code == 64)
            #expect(try sandbox.objects() == before)
            let agreed = await meshctl.run(
                ["rollback", "--emergency", "--unenroll"], interactive: true, answer: "yes")
            #expect(agreed.code == 0, "\(agreed.errors)")
            #expect(
                agreed.errors.contains(
                    "Relax these 2 policies, then take out of ambient what meshctl put there?"))
            #expect(!agreed.errors.contains("Take this namespace"))
        }
    }

    @Test("prints one document for programs, a Rollback for each round")
    func json() async throws {
        try await Self.with { meshctl, _ in
            let result = await meshctl(
                "rollback", "--emergency", "--unenroll", "--yes", "-o", "json")
            #expect(result.code == 0, "\(result.errors)")
            let document = try JSONValue(parsing: Array(result.output.utf8))
            #expect(document["kind"] == "RollbackList")
            let items = try #require(document["items"]?.array)
            #expect(items.map { $0["emergency"] } == [true, true])
            #expect(items.map { $0["policiesOnly"] } == [true, false])
            #expect(items.map { $0["run"] } == [.null, .null])
        }
    }

    // MARK: - Somebody else at the same time

    @Test("what moves between its look and its write is looked at again")
    func moves() async throws {
        let changes: [(JSONValue?, code: Int32)] = [
            (["spec": ["mtls": ["mode": "DISABLE"]]], 0),
            (["spec": ["mtls": ["mode": "STRICT"], "selector": ["matchLabels": ["app": "x"]]]], 0),
            (nil, 0),
        ]
        for (change, code) in changes {
            try await Self.with { meshctl, sandbox in
                let result = await meshctl.run(
                    ["rollback", "--emergency"], interactive: true,
                    answer: Self.answer {
                        let policy = LiveSandbox.policy("media/default")
                        if let change {
                            _ = try? sandbox.patch(policy, change)
                        } else {
                            try? sandbox.delete(policy)
                        }
                    })
                #expect(result.code == code, "\(result.errors)")
                let mode = try sandbox.get(LiveSandbox.policy("media/default"))?[
                    path: "spec", "mtls", "mode"]
                #expect(mode != "STRICT")
                let other = try sandbox.get(LiveSandbox.policy("default/default"))
                #expect(other?[path: "spec", "mtls", "mode"] == "PERMISSIVE")
            }
        }
    }

    @Test("a namespace that is deleted meanwhile is nothing that is left")
    func namespaceGoes() async throws {
        try await Self.with { meshctl, sandbox in
            let result = await meshctl.run(
                ["rollback", "--emergency", "--unenroll"], interactive: true,
                answer: Self.answer { try? sandbox.delete(LiveSandbox.namespace("media")) })
            #expect(result.code == 0, "\(result.errors)")
            let other = try sandbox.get(LiveSandbox.policy("default/default"))
            #expect(other?[path: "spec", "mtls", "mode"] == "PERMISSIVE")
        }
    }

    /// `yes`, after something else was done.
    static func answer(_ meanwhile: () -> Void) -> String {
        meanwhile()
        return "yes"
    }
}
