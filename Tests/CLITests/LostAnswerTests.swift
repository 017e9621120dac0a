import SandboxServer
import Synchronization
import Testing

/// The server does a write and its answer gets lost: what happened is read back, never written again.
@Suite("Lost answers")
struct LostAnswerTests {
    /// Loses the first answer to each write, by method and path.
    private final class Loser: Sendable {
        private let seen = Mutex<Set<String>>([])

        var hooks: RelayServer.Hooks {
            var hooks = RelayServer.Hooks()
            hooks.answer = { line, bytes in
                guard !line.hasPrefix("GET ") else { return bytes }
                return self.seen.withLock { $0.insert(line).inserted } ? nil : bytes
            }
            return hooks
        }

        var count: Int { seen.withLock(\.count) }
    }

    @Test(
        "an apply and a rollback come through, and nothing is done twice",
        arguments: ScenarioTests.names)
    func readBack(name: String) async throws {
        try await LiveSandbox.with(name) { meshctl, sandbox in
            let before = try sandbox.promised()
            for command in ["apply", "rollback"] {
                let loser = Loser()
                let relay = try RelayServer(to: sandbox.session.port, loser.hooks)
                defer { relay.stop() }
                try meshctl.write(
                    WrongInputTests.kubeconfig("server: http://127.0.0.1:\(relay.port)"),
                    to: ".kube/config")
                let writes = sandbox.writesDone
                let result = await meshctl(command, "--yes")
                #expect(result.code == 0, "\(result.errors)")
                #expect(loser.count > 3)
                let steps = result.output.split(separator: "\n")
                    .count { $0.contains(/^ +\d+\.\s/) }
                #expect(sandbox.writesDone - writes == steps, "\(result.errors)")
            }
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("a server that is gone in mid-run stops it with 10, and the same command goes on")
    func gone() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let isGone = Mutex(false)
            var hooks = RelayServer.Hooks()
            hooks.request = { _ in !isGone.withLock(\.self) }
            let relay = try RelayServer(to: sandbox.session.port, hooks)
            defer { relay.stop() }
            try meshctl.write(
                WrongInputTests.kubeconfig("server: http://127.0.0.1:\(relay.port)"),
                to: ".kube/config")
            meshctl.onErrors = { text in
                if text.contains("[4/") { isGone.withLock { $0 = true } }
            }
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 10, "\(stopped.errors)")
            #expect(stopped.errors.contains("Go on with the same command."))
            meshctl.onErrors = { _ in }
            isGone.withLock { $0 = false }
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
        }
    }
}
