import Foundation
import JSON
import SandboxServer
import Testing

/// A cluster whose answers are hostile, and what every command makes of them in every format.
@Suite("Hostile text of the cluster", .timeLimit(.minutes(20)))
struct HostileTextTests {
    private static func with(
        _ salt: HostileText.Salt, plan: String? = nil,
        _ body: (inout TestCommand, LiveSandbox) async throws -> Void
    ) async throws {
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            let front = try SaltingServer(to: sandbox.session.port) { salt.change($0, $1) }
            defer { front.stop() }
            try meshctl.write(
                WrongInputTests.kubeconfig("server: http://127.0.0.1:\(front.port)"),
                to: ".kube/config")
            try await body(&meshctl, sandbox)
        }
    }

    /// Runs a command that only looks, in every format; returns its text and its errors.
    @discardableResult
    private static func look(_ command: [String], _ meshctl: TestCommand) async throws -> String {
        let name = command.joined(separator: " ")
        let text = await meshctl.run(command + ["--color", "always"])
        HarmlessOutput.expectText(text.output, name, isColored: true)
        HarmlessOutput.expectText(text.errors, "\(name), errors")
        let markdown = await meshctl.run(command + ["-o", "markdown"])
        HarmlessOutput.expectMarkdown(markdown.output, "\(name), Markdown")
        let json = await meshctl.run(command + ["-o", "json"])
        let yaml = await meshctl.run(command + ["-o", "yaml"])
        let said = text.output + text.errors
        guard !json.output.isEmpty || !yaml.output.isEmpty else { return said }
        let document = try HarmlessOutput.expectJSON(json.output, "\(name), JSON")
        #expect(try HarmlessOutput.expectYAML(yaml.output, "\(name), YAML") == document, "\(name)")
        return said
    }

    @Test("is harmless in what looks at it, in every format", arguments: HostileText.Salt.allCases)
    func looking(salt: HostileText.Salt) async throws {
        try await Self.with(salt) { meshctl, _ in
            var said = ""
            for command in [
                ["plan"], ["status"],
                ["explain", "default/service/mirai-frontend:80"],
                [
                    "explain", "--from", "ingress/deployment/cloudflared", "--to",
                    "default/service/mirai-frontend:80",
                ],
            ] { said += try await Self.look(command, meshctl) }
            // Otherwise nothing was tried.
            if let mark = salt.mark { #expect(said.contains(mark), "\(said.prefix(2000))") }
        }
    }

    @Test(
        "is harmless in what the gates and the proxies tell",
        arguments: [HostileText.Salt.names, .texts, .pages, .failures])
    func asking(salt: HostileText.Salt) async throws {
        try await Self.with(salt, plan: CheckTests.planWithoutException()) { meshctl, _ in
            for format in ["text", "markdown", "json", "junit"] {
                let check = await meshctl("check", "-o", format)
                switch format {
                case "text": HarmlessOutput.expectText(check.output, "check")
                case "markdown": HarmlessOutput.expectMarkdown(check.output, "check, Markdown")
                default: HarmlessOutput.expect(check.output, "check, \(format)")
                }
                HarmlessOutput.expectText(check.errors, "check, errors")
            }
            for terminal in [false, true] {
                meshctl.errorIsTerminal = terminal
                let observe = await meshctl("observe", "--for", "1m", "--restart")
                HarmlessOutput.expectText(observe.output, "observe")
                HarmlessOutput.expectText(observe.errors, "observe, errors", isColored: terminal)
            }
            meshctl.errorIsTerminal = false
            try await Self.look(["status"], meshctl)
        }
    }

    @Test(
        "is harmless in what a run tells, journals and shows afterwards",
        arguments: [HostileText.Salt.names, .texts, .length, .refusals], [false, true])
    func running(salt: HostileText.Salt, terminal: Bool) async throws {
        try await Self.with(salt, plan: SilentPlans.home("settle: 0s")) { meshctl, _ in
            meshctl.errorIsTerminal = terminal
            for command in [["apply", "--yes"], ["rollback", "--yes"]] {
                let result = await meshctl.run(command)
                HarmlessOutput.expectText(result.output, command[0])
                HarmlessOutput.expectText(
                    result.errors, "\(command[0]), errors", isColored: terminal)
                if salt == .refusals { #expect(result.code != 0 || command[0] == "rollback") }
            }
            try await Self.look(["history"], meshctl)
            for id in try JournalReading.ids(meshctl) {
                try await Self.look(["show", id], meshctl)
            }
        }
    }
}
