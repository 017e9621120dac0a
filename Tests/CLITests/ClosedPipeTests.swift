import Foundation
import MeshPlanning
import Testing

/// Somebody who reads what a command says, and goes away before it is done.
@Suite("A closed pipe", .timeLimit(.minutes(60)))
struct ClosedPipeTests {
    private static let sandbox = "--sandbox home-cluster -f plans/plan.yaml"

    /// Runs a script beside a plan for the sandbox home-cluster; its standard error.
    private static func run(_ script: String, _ meshctl: TestCommand) async throws -> String {
        try meshctl.write(SilentPlans.home("settle: 0s"), to: "plans/plan.yaml")
        let process = try MeshctlProcess.shell(script, folder: meshctl.folder)
        #expect(try await process.ended() == 0, "\(process.errors)")
        return process.errors
    }

    @Test(
        "is no error, and nothing is said about it",
        arguments: [
            "plan \(sandbox)", "plan -o json \(sandbox)", "status -o json --sandbox home-cluster",
            "check \(sandbox)", "history", "explain flow-would-break", "--help",
            "schema plan-file",
        ])
    func reading(command: String) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        for reader in ["head -1 > line", "true"] {
            // The reader is gone before the command has said anything.
            let start = reader == "true" ? "sleep 0.2; " : ""
            let errors = try await Self.run(
                "{ \(start)meshctl \(command); echo $? > code; } | \(reader)", meshctl)
            let code = String(decoding: try meshctl.bytes("code"), as: UTF8.self)
            let alone = try await Self.run(
                "meshctl \(command) > all 2> /dev/null; echo $? > code", meshctl)
            #expect(code == String(decoding: try meshctl.bytes("code"), as: UTF8.self))
            #expect(errors.isEmpty && alone.isEmpty, "\(errors)")
        }
    }

    @Test("that was closed before the start is nothing that a file could take the place of")
    func closedBefore() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let errors = try await Self.run(
            """
            $MESHCTL sandbox serve home-cluster <&- >&- 2>&- &
            for i in $(seq 300); do [ -s state/sandbox-home-cluster.db ] && break; sleep 0.1; done
            for n in 0 1 2; do readlink /proc/$!/fd/$n; done > streams
            kill $!; wait $!; true
            """, meshctl)
        #expect(errors.isEmpty)
        let streams = String(decoding: try meshctl.bytes("streams"), as: UTF8.self)
        #expect(streams == String(repeating: "/dev/null\n", count: 3))
    }

    @Test(
        "does not end a run: it is done and journaled",
        arguments: [
            "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>&1 | true", "2>&1 | head -1 > line",
        ])
    func apply(streams: String) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        for command in [
            "apply \(Self.sandbox) --approve loosens", "rollback --sandbox home-cluster",
        ] {
            let errors = try await Self.run(
                "{ meshctl \(command) --yes; echo $? > code; } \(streams)", meshctl)
            #expect(errors.isEmpty, "\(errors)")
            #expect(try meshctl.bytes("code") == Data("0\n".utf8))
        }
        let runs = try JournalReading.runs(meshctl).compactMap { RunState(replaying: $0) }
        #expect(runs.map(\.status) == [.finished(.done), .finished(.done)])
        #expect(runs.first?.rollout.steps.isEmpty == false)
        // What was meant for a person is in no file.
        for file in ["state/meshctl.db", "state/sandbox-home-cluster.lock"] {
            #expect(try meshctl.bytes(file).range(of: Data("Apply complete".utf8)) == nil)
        }
    }
}
