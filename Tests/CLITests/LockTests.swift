import CLI
import Foundation
import Journal
import JSON
import KubernetesSandbox
import MeshPlanning
import SandboxServer
import Synchronization
import Testing
import Timing

/// What the Lease does to commands; how it is taken and lost is `RunLeaseTests`' matter.
@Suite("The lock of the cluster, in commands")
struct LockTests {
    private static let ana = "ana@desk pid 4711 apply 7"

    @Test("an apply is refused with 6 while another one is alive, and told who that is")
    func refused() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            try LeaseObject.hold(sandbox, by: Self.ana, run: "20261120-100000-bbbb")
            let objects = try sandbox.objects()
            meshctl.clock = BusyClock(sandbox.session.clock) { count in
                if count >= 3 { try? LeaseObject.renew(sandbox, at: count) }
            }
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 6)
            #expect(
                result.errors == """
                    The cluster is locked: apply by ana@desk, process 4711. Waiting to see whether it is alive …
                    Error: the cluster is locked: apply by ana@desk, process 4711, since 2026-11-20T10:00:00Z, run 20261120-100000-bbbb
                    Wait for it to end. To stop it and go back: meshctl rollback
                    Look at the lock with: meshctl state lock

                    """)
            #expect(result.output.isEmpty)
            #expect(try sandbox.objects() == objects)
            // Looking takes no lock.
            #expect(await meshctl("plan").code == 0)
        }
    }

    @Test(
        "one that is gone is taken over from; a finished run leaves the lock free, and names none")
    func gone() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            try LeaseObject.hold(sandbox, by: Self.ana)
            let start = sandbox.session.clock.now()
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.errors.contains("Waiting to see whether it is alive"))
            #expect(sandbox.session.clock.now() - start >= .seconds(15))
            let lease = try #require(try sandbox.get(LeaseObject.path))
            #expect(lease["spec"]?["holderIdentity"] == nil)
            #expect(lease["spec"]?["leaseTransitions"] == 1)
            #expect(lease[path: "metadata", "annotations", "meshctl.dev/run"] == nil)
            for command in [["status"], ["plan"], ["plan", "-o", "json"]] {
                let output = await meshctl.run(command).output
                #expect(!output.contains("meshctl-system"), "\(output)")
            }
        }
    }

    @Test("a run of another machine that is open stops an apply with 6, until it is at its end")
    func openElsewhere() async throws {
        let plan = SilentPlans.home("settle: 0s, soak: {enroll: 24h}")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 3)
            let lease = try #require(try sandbox.get(LeaseObject.path))
            #expect(lease["spec"]?["holderIdentity"] == nil)
            let id = try #require(try JournalReading.ids(meshctl).last)
            let other = await meshctl("apply", "--yes", "--state", "other.db")
            #expect(other.code == 6)
            #expect(
                other.errors == """
                    Error: run \(id) is open in this cluster, and this state file does not know it: apply of interrupted, by tester@host
                    Go on with it where it was begun, or get it from the cluster with: meshctl state pull --state other.db
                    Go back with: meshctl rollback --state other.db

                    """)
            try await sandbox.pass(.seconds(86_400))
            #expect(await meshctl("apply", "--yes", "--wait", "24h").code == 0)
            let after = await meshctl("apply", "--yes", "--state", "other.db")
            #expect(after.code == 0, "\(after.errors)")
        }
    }

    @Test(
        "a run whose command died right after its end is not taken for open once that machine is back"
    )
    func endedUnseen() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            let id = try #require(try JournalReading.ids(meshctl).last)
            // As it is where the command came no further than the journal's last event.
            try LeaseObject.name(sandbox, run: id)
            let checkpoint =
                "/api/v1/namespaces/meshctl-system/configmaps/meshctl-\(id)-0"
            try sandbox.patch(
                checkpoint, ["metadata": ["annotations": ["meshctl.dev/status": .null]]])
            let early = await meshctl("apply", "--yes", "--state", "other.db")
            #expect(early.code == 6, "\(early.errors)")

            #expect(await meshctl("apply", "--yes").code == 0)
            #expect(
                try sandbox.get(LeaseObject.path)?[
                    path: "metadata", "annotations", "meshctl.dev/run"] == nil)
            #expect(
                try sandbox.get(checkpoint)?[
                    path: "metadata", "annotations", "meshctl.dev/status"] == "done")
            let late = await meshctl("apply", "--yes", "--state", "other.db")
            #expect(late.code == 0, "\(late.errors)")
        }
    }

    @Test("a run that loses the lock writes nothing more, ends with 10, and is gone on with")
    func lost() async throws {
        let plan = SilentPlans.home("settle: 30s")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            let begins = Once()
            meshctl.onErrors = { text in
                guard text.contains("settling"), begins.first() else { return }
                try? LeaseObject.take(sandbox, by: "ben@lap pid 12 apply 8")
            }
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 10, "\(stopped.errors)")
            #expect(
                stopped.errors.contains(
                    "Error: the lock of the cluster is lost to apply by ben@lap, process 12; "),
                "\(stopped.errors)")
            let events = try #require(try JournalReading.runs(meshctl).last)
            #expect(events.last == .stopped(.lockLost(to: "apply by ben@lap, process 12")))
            let written = events.count { if case .stepWritten = $0 { true } else { false } }
            #expect(written >= 1 && sandbox.writesDone == written)
            meshctl.onErrors = { _ in }
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            let run = try #require(
                RunState(replaying: try JournalReading.runs(meshctl).last ?? []))
            #expect(run.status == .finished(.done))
            #expect(sandbox.writesDone == run.rollout.steps.count)
        }
    }

    @Test("a run whose lock cannot be renewed writes nothing more before it can")
    func notRenewed() async throws {
        let plan = SilentPlans.home("settle: 30s")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            let written = Mutex<Int?>(nil)
            meshctl.onErrors = { [session = sandbox.session] text in
                guard text.contains("settling") else { return }
                written.withLock { $0 = $0 ?? sandbox.writesDone }
                try? session.withCluster {
                    try $0.switchOn(
                        Fault(["api-status", "503", "PATCH", "/apis/coordination.k8s.io"]))
                }
            }
            let stopped = await meshctl("apply", "--yes", "--max-outage", "60s")
            #expect(stopped.code == 10, "\(stopped.errors)")
            #expect(stopped.errors.contains("no answer from the API server since"))
            #expect(sandbox.writesDone == written.withLock(\.self))
            try sandbox.session.withCluster { _ = $0.switchOff(nil) }
            meshctl.onErrors = { _ in }
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
        }
    }

    @Test(
        "a server that answers 429 for a while, or loses answers, is waited for by a rollback, too")
    func underFire() async throws {
        for fault in [["api-status", "429", "20"], ["api-reset", "15"], ["lost-responses", "9"]] {
            try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) {
                meshctl, sandbox in
                let before = try sandbox.promised()
                for command in ["apply", "rollback"] {
                    try sandbox.session.withCluster {
                        try $0.switchOn(Fault(fault + ["PATCH,POST,DELETE"]))
                    }
                    let result = await meshctl(command, "--yes")
                    #expect(result.code == 0, "\(fault) \(command): \(result.errors)")
                }
                #expect(try sandbox.promised() == before)
            }
        }
    }

    @Test("without the right to make it, nothing is changed, and the message names it: 77")
    func forbidden() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            for path in ["/api/v1/namespaces", "/apis/coordination.k8s.io"] {
                try sandbox.session.withCluster {
                    try $0.switchOn(Fault(["api-status", "403", "POST", path]))
                }
                let result = await meshctl("apply", "--yes")
                #expect(result.code == 77, "\(result.errors)")
                for words in [
                    "not permitted: create ", "Lease meshctl in namespace meshctl-system",
                    "--state-namespace",
                ] {
                    #expect(result.errors.contains(words), "\(result.errors)")
                }
                #expect(sandbox.writesDone == 0)
                try sandbox.session.withCluster { _ = $0.switchOff(nil) }
            }
            let result = await meshctl("apply", "--yes", "--state-namespace", "team-mesh")
            #expect(result.code == 0, "\(result.errors)")
            #expect(
                try sandbox.get(
                    "/apis/coordination.k8s.io/v1/namespaces/team-mesh/leases/meshctl") != nil)
        }
    }

    // MARK: - state lock, state unlock

    @Test("state lock tells who holds what, and whether that is alive")
    func looking() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let path = meshctl.path("state/meshctl.db")
            let server = "http://127.0.0.1:\(sandbox.session.port)"
            let free = await meshctl("state", "lock")
            #expect(free.code == 0 && free.errors.isEmpty, "\(free.errors)")
            #expect(
                free.output == """
                    State file \(path)
                      free

                    Cluster \(server), Lease meshctl in namespace meshctl-system
                      free

                    """)
            #expect(!meshctl.exists("state/meshctl.db"))

            try LeaseObject.hold(sandbox, by: Self.ana, run: "20261120-100000-bbbb")
            let lock = try StateLock.acquire(
                statePath: path,
                as: StateLock.Holder(
                    pid: 4711, host: "laptop", command: "apply",
                    since: Timestamp(milliseconds: 1_763_629_200_000)))
            let held = await meshctl("state", "lock")
            #expect(held.code == 0)
            #expect(
                held.output == """
                    State file \(path)
                      held by meshctl apply, process 4711 on laptop, since 2025-11-20 09:00:00Z

                    Cluster \(server), Lease meshctl in namespace meshctl-system
                      held by apply by ana@desk, process 4711, since 2026-11-20 10:00:00Z
                      not renewed for 15s: the next command takes it over
                      run 20261120-100000-bbbb is not at its end: apply of home, by ana@desk

                    """)
            #expect(
                held.errors
                    == "Looking whether apply by ana@desk, process 4711 is alive …\n")
            lock.release()

            meshctl.clock = BusyClock(sandbox.session.clock) { count in
                try? LeaseObject.renew(sandbox, at: count)
            }
            let alive = await meshctl("state", "lock", "-o", "json")
            let json = try JSONValue(parsing: Array(alive.output.utf8))
            #expect(json["kind"] == "Lock")
            #expect(json["stateFile"]?["isHeld"] == false)
            #expect(json[path: "cluster", "holder", "isAlive"] == true)
            #expect(json[path: "cluster", "holder", "identity"]?.string == Self.ana)
            #expect(json[path: "cluster", "openRun", "id"] == "20261120-100000-bbbb")
            for format in ["yaml", "markdown"] {
                let output = await meshctl("state", "lock", "-o", format).output
                #expect(output.contains("apply by ana@desk"), "\(output)")
            }
        }
    }

    @Test("state unlock breaks the lock with a reason that is kept, and asks before")
    func breaking() async throws {
        try await LiveSandbox.with("home-cluster", plan: SilentPlans.home()) { meshctl, sandbox in
            let nobody = await meshctl("state", "unlock", "--reason", "why not")
            #expect(nobody.code == 0 && nobody.errors.contains("Nobody holds the lock"))
            try LeaseObject.hold(sandbox, by: Self.ana, run: "20261120-100000-bbbb")
            let reason = "the laptop is lost"
            #expect(await meshctl("state", "unlock").code == 64)
            #expect(await meshctl("state", "unlock", "--reason", " ").code == 64)
            #expect(await meshctl("state", "unlock", "--reason", reason).code == 64)
            let no = await meshctl.run(
                ["state", "unlock", "--reason", reason], interactive: true, answer: "no")
            #expect(no.code == 1)
            #expect(no.errors.contains("apply by ana@desk, process 4711, since 2026-11-20T10:00"))
            #expect(
                try sandbox.get(LeaseObject.path)?[path: "spec", "holderIdentity"]?.string
                    == Self.ana)
            let yes = await meshctl.run(
                ["state", "unlock", "--reason", reason], interactive: true, answer: "yes")
            #expect(yes.code == 0, "\(yes.errors)")
            let lease = try #require(try sandbox.get(LeaseObject.path))
            #expect(lease["spec"]?["holderIdentity"] == nil)
            #expect(
                lease[path: "metadata", "annotations", "meshctl.dev/lock-broken"]?.string?
                    .contains(reason) == true)
            // What was open is open still.
            #expect(lease[path: "metadata", "annotations", "meshctl.dev/run"] != nil)
            let shown = await meshctl("state", "lock").output
            #expect(shown.contains("Broken by hand"), "\(shown)")
            #expect(shown.contains("tester@host  \(Self.ana)  \(reason)"), "\(shown)")
            let elsewhere = await meshctl("state", "lock", "--state", "other.db").output
            #expect(
                elsewhere.contains("broken by tester@host at ")
                    && elsewhere.contains(reason), "\(elsewhere)")
        }
    }
}

/// The Lease as other machines write it.
enum LeaseObject {
    static let collection = "/apis/coordination.k8s.io/v1/namespaces/meshctl-system/leases"
    static let path = collection + "/meshctl"

    static func hold(_ sandbox: LiveSandbox, by holder: String, run: String? = nil) throws {
        try sandbox.send(
            "POST", "/api/v1/namespaces",
            [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": [
                    "name": "meshctl-system",
                    "labels": [
                        "app.kubernetes.io/managed-by": "meshctl", "meshctl.dev/kind": "state",
                    ],
                ],
            ])
        let annotations: JSONValue = run.map { ["meshctl.dev/run": naming($0)] } ?? [:]
        try sandbox.send(
            "POST", collection,
            [
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "metadata": [
                    "name": "meshctl", "namespace": "meshctl-system", "annotations": annotations,
                ],
                "spec": [
                    "holderIdentity": .string(holder), "leaseDurationSeconds": 15,
                    "acquireTime": "2026-11-20T10:00:00.000000Z",
                    "renewTime": "2026-11-20T10:00:00.000000Z", "leaseTransitions": 0,
                ],
            ])
    }

    /// As the open one.
    static func name(_ sandbox: LiveSandbox, run: String) throws {
        try sandbox.patch(path, ["metadata": ["annotations": ["meshctl.dev/run": naming(run)]]])
    }

    private static func naming(_ run: String) -> JSONValue {
        let text: JSONValue = [
            "id": .string(run), "kind": "apply", "plan": "home", "startedBy": "ana@desk",
        ]
        return .string(text.canonicalText)
    }

    static func renew(_ sandbox: LiveSandbox, at count: Int) throws {
        let time = Timestamp(milliseconds: 1_763_629_200_000) + .seconds(count)
        try sandbox.patch(path, ["spec": ["renewTime": .string(time.rfc3339Micro)]])
    }

    static func take(_ sandbox: LiveSandbox, by holder: String) throws {
        try sandbox.patch(path, ["spec": ["holderIdentity": .string(holder)]])
    }
}

/// A clock after whose every sleep somebody else does something.
private final class BusyClock: RunClock {
    private let clock: any RunClock
    private let hook: @Sendable (Int) -> Void
    private let count = Mutex(0)

    init(_ clock: any RunClock, _ hook: @escaping @Sendable (Int) -> Void) {
        self.clock = clock
        self.hook = hook
    }

    func now() -> Timestamp { clock.now() }

    func sleep(for duration: Duration) async throws {
        try await clock.sleep(for: duration)
        hook(
            count.withLock { count in
                count += 1
                return count
            })
    }

    func standBy(for duration: Duration) async throws { try await clock.standBy(for: duration) }
}
