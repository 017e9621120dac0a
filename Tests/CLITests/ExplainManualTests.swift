import JSON
import Testing

/// Codes and error texts need neither a cluster nor a kubeconfig.
@Suite("explain TEXT")
struct ExplainManualTests {
    private func explain(_ arguments: String...) async throws -> TestCommand.Result {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        return await meshctl.run(["explain"] + arguments)
    }

    @Test(
        "a code, an error text in words, and a line of a log",
        arguments: [
            (["shadowed-policy"], "docs/diagnostics.md"),
            (["strict-refuses-plaintext"], "docs/flows.md"),
            (["auto-mtls"], "docs/flows.md"), (["no-webhook"], "docs/flows.md"),
            (["WRONG_VERSION_NUMBER"], "docs/errors.md"), (["503", "UC"], "docs/errors.md"),
            (["upstream_reset_before_response_started{connection_termination}"], "docs/errors.md"),
            (
                ["error=\"... explicitly denied by: istio-system/istio_converted_static_strict\""],
                "docs/errors.md"
            ),
        ])
    func found(words: [String], page: String) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let text = await meshctl.run(["explain"] + words)
        #expect(text.code == 0, "\(text.errors)")
        #expect(text.output.contains(page))
        let json = await meshctl.run(["explain"] + words + ["-o", "json"])
        let report = try JSONValue(parsing: Array(json.output.utf8))
        #expect(report["kind"] == "ManualExplanation")
        #expect(report["asked"] == .string(words.joined(separator: " ")))
        #expect(report["sections"]?.array?.first?["page"] == .string(page))
        #expect(report["sections"]?.array?.first?["text"]?.string?.isEmpty == false)
    }

    @Test("a near miss is suggested, as a command to copy")
    func nearMiss() async throws {
        let result = try await explain("shadowd-policy")
        #expect(result.code == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("Did you mean: meshctl explain 'shadowed-policy'"))
    }

    @Test(
        "hostile words are told harmlessly",
        arguments: ["\u{1B}[2Jnothing", "'; rm -rf /; '", "%s%n", "\u{202E}cba", "a/\u{1B}[2J/c"])
    func hostile(text: String) async throws {
        let result = try await explain(text)
        #expect([1, 64].contains(result.code))
        #expect(!result.errors.contains("\u{1B}") && !result.errors.contains("\u{202E}"))
    }

    @Test(
        "what cannot go together is a mistake of usage",
        arguments: [
            ([], "say what to explain"), (["--from", "external"], "--from needs --to"),
            (["--to", "default/service/web:80"], "--to needs --from"),
            (
                ["x", "--from", "external", "--to", "default/service/web:80"],
                "leave out the rest"
            ),
        ])
    func usage(arguments: [String], words: String) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let result = await meshctl.run(["explain"] + arguments)
        #expect(result.code == 64)
        #expect(result.errors.contains(words), "\(result.errors)")
    }
}
