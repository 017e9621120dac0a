import Foundation
import MeshPlanning
import Testing

/// The real program, a cluster, and a disk that does not take what is to be written down.
@Suite("A disk that cannot be written", .timeLimit(.minutes(20)))
struct StateDiskTests {
    struct Disk: Sendable, CustomTestStringConvertible {
        var name: String
        /// Runs `$APPLY` on `$1` under the conditions of the disk; 77 where this machine cannot make them.
        var script: String
        var says: [String]

        var testDescription: String { name }
    }

    /// A mount namespace, as root or as a user who may have one; then a script in it.
    private static func mounted(_ script: String) -> String {
        """
        space="unshare -m"; $space true 2> /dev/null || space="unshare -rm"
        $space true 2> /dev/null || exit 77
        $space sh -c '\(script)'
        """
    }

    private static func full(name: String, bytes: String, says: [String]) -> Disk {
        Disk(
            name: name,
            script: mounted(
                """
                mkdir full && mount -t tmpfs -o size=64k none full || exit 77
                head -c \(bytes) /dev/zero > full/rest; $APPLY --state full/meshctl.db
                """), says: ["full/meshctl.db"] + says)
    }

    static let disks = [
        Disk(
            name: "a limit on the size of files", script: "ulimit -f 0; $APPLY",
            says: ["state/meshctl.db", "File too large", "--state"]),
        Disk(
            name: "a limit that a new state file goes beyond",
            script: "ulimit -f 60; $APPLY", says: ["state/meshctl.db", "ulimit"]),
        full(name: "a full disk", bytes: "64k", says: ["No space left", "--state"]),
        full(
            name: "a disk with room for the lock alone", bytes: "52k",
            says: ["is full", "Free some room"]),
        Disk(
            name: "a read-only file system",
            script: mounted(
                """
                mkdir fixed && mount -t tmpfs -o ro none fixed || exit 77
                $APPLY --state fixed/meshctl.db
                """), says: ["fixed/meshctl.db", "ead-only file system"]),
        Disk(
            name: "a folder of somebody else",
            script: """
                mkdir -m 755 theirs
                if [ "$(id -u)" = 0 ]; then
                    as="setpriv --reuid=65534 --regid=65534 --clear-groups"
                    $as test -x "$MESHCTL" && $as test -r .kube/config || exit 77
                    $as $APPLY --state theirs/meshctl.db
                else
                    chmod 555 theirs; $APPLY --state theirs/meshctl.db
                fi
                """, says: ["theirs/meshctl.db", "Permission denied"]),
    ]

    private static let apply = """
        export MESHCTL
        export APPLY="$MESHCTL apply --yes --approve disruptive --approve loosens"

        """

    @Test(
        "stops an apply before its first write, and says what, where, why and what to do",
        arguments: disks)
    func before(_ disk: Disk) async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let objects = try sandbox.objects()
            let process = try MeshctlProcess.shell(
                Self.apply + disk.script, folder: meshctl.folder)
            let code = try await process.ended()
            if code == 77 { return print("skipped: this machine cannot make \(disk.name)") }
            #expect(code == 1, "\(process.errors)")
            for words in disk.says + ["Error: "] {
                #expect(process.errors.contains(words), "\(process.errors)")
            }
            #expect(sandbox.writesDone == 0)
            #expect(try sandbox.objects() == objects)
            // Nothing is half there: with room again, the same command does it all.
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
        }
    }

    @Test("in the middle of a run stops it without a write that is not journaled; it then goes on")
    func inTheMiddle() async throws {
        let plan = SilentPlans.home("settle: 0s")
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            var stops = 0
            for kilobytes in stride(from: 88, through: 344, by: 32) {
                let process = try MeshctlProcess.shell(
                    Self.apply + "ulimit -f \(kilobytes * 2); $APPLY", folder: meshctl.folder)
                while process.isRunning {
                    try await Task.sleep(for: .milliseconds(10))
                    try await sandbox.pass(.milliseconds(100))
                }
                let code = try await process.ended()
                let events = try JournalReading.runs(meshctl).last ?? []
                let run = RunState(replaying: events)
                #expect(sandbox.writesDone <= run?.writtenObjectsCount ?? 0, "\(process.errors)")
                if code == 0 { break }
                #expect(code == (run?.hasWritten == true ? 10 : 1), "\(process.errors)")
                #expect(process.errors.contains("state/meshctl.db"), "\(process.errors)")
                if code == 10 {
                    stops += 1
                    #expect(process.errors.contains("Go on with the same command"))
                }
            }
            #expect(stops > 0, "no limit was reached in the middle of a run")
            #expect(await meshctl("apply", "--yes").code == 0)
            let runs = try JournalReading.runs(meshctl)
            #expect(runs.count == 1)
            let run = try #require(RunState(replaying: runs.last ?? []))
            #expect(run.status == .finished(.done))
            #expect(sandbox.writesDone == run.rollout.steps.count)
            #expect(await meshctl("state", "check").code == 0)
        }
    }
}

extension RunState {
    /// Steps whose write was announced.
    fileprivate var writtenObjectsCount: Int {
        rollout.steps.count { intent(of: $0.id) != nil }
    }
}
