import Foundation
import JSON
import SandboxServer
import Testing

@testable import CLI

/// What commands print: in every format, also when there is nothing to tell.
@Suite("Output")
struct OutputTests {
    static let formats = ["text", "json", "yaml", "markdown"]

    @Test("every format prints something for an empty result, and JSON parses", arguments: formats)
    func empty(format: String) async throws {
        let plan = """
            apiVersion: meshctl.dev/v1alpha1
            kind: MeshPlan
            metadata: {name: empty}
            spec: {}
            """
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, _ in
            try meshctl.write("kind: List\nitems: []\n", to: "empty.yaml")
            let commands = [
                ["plan"], ["apply", "--yes"], ["rollback", "--yes"], ["history"],
                ["state", "list"],
                ["status", "--manifests", "empty.yaml"], ["plan", "--manifests", "empty.yaml"],
            ]
            for command in commands {
                let result = await meshctl.run(command + ["-o", format])
                #expect(result.code == 0, "\(command): \(result.errors)")
                #expect(!result.output.isEmpty, "\(command)")
                #expect(result.output.hasSuffix("\n"), "\(command)")
                if format == "json" { try Self.expectReport(result.output, command) }
            }
        }
    }

    @Test("every format tells a full result, and JSON parses", arguments: formats)
    func full(format: String) async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            var commands = [["plan"], ["status"], ["apply", "--yes"], ["status"], ["history"]]
            for command in commands {
                let result = await meshctl.run(command + ["-o", format])
                #expect(result.code == 0, "\(command): \(result.errors)")
                if format == "json" { try Self.expectReport(result.output, command) }
            }
            let run = try #require(try JournalReading.ids(meshctl).first)
            try sandbox.patch(
                LiveSandbox.policy("media/default"), ["spec": ["mtls": ["mode": "DISABLE"]]])
            commands = [
                ["state", "list"], ["state", "show", "ns/media"], ["state", "check"],
                ["show", run], ["rollback", "--yes"], ["history"], ["show", run],
            ]
            for command in commands {
                let result = await meshctl.run(command + ["-o", format])
                #expect(result.code == (command[0] == "rollback" ? 5 : 0), "\(result.errors)")
                if format == "json" { try Self.expectReport(result.output, command) }
            }
        }
    }

    @Test("an apply that goes on tells the rollout that it goes on with", arguments: formats)
    func goingOn(format: String) async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, _ in
            for command in [["apply", "--yes"], ["rollback", "--yes"]] {
                meshctl.onErrors = { [stop = meshctl.stop] text in
                    if text.contains("settling") { stop.press() }
                }
                #expect(await meshctl.run(command).code == 130)
                meshctl.onErrors = { _ in }
                let rest = await meshctl.run(command + ["-o", format])
                #expect(rest.code == 0, "\(rest.errors)")
                #expect(rest.output.contains("default/default"))
                if format == "json" { try Self.expectReport(rest.output, command) }
            }
        }
    }

    private static func expectReport(_ text: String, _ command: [String]) throws {
        let report = try JSONValue(parsing: Array(text.utf8))
        #expect(report["formatVersion"]?.string?.hasPrefix("1.") == true, "\(command)")
        #expect(report["kind"]?.string?.isEmpty == false, "\(command)")
    }

    @Test("JSON of a blocked plan says that it is blocked and why")
    func blocked() async throws {
        let plan = """
            apiVersion: meshctl.dev/v1alpha1
            kind: MeshPlan
            metadata: {name: blocked}
            spec: {namespaces: [{name: nowhere, mtls: STRICT}]}
            """
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, _ in
            for command in [["plan"], ["apply", "--yes"], ["plan", "--detailed-exitcode"]] {
                let result = await meshctl.run(command + ["-o", "json"])
                #expect(result.code == 9)
                let report = try JSONValue(parsing: Array(result.output.utf8))
                #expect(report["blocked"] == true)
                #expect(report["hazards"]?.array?.isEmpty == false)
            }
        }
    }

    static let commands = [
        [], ["plan"], ["apply"], ["rollback"], ["status"], ["observe"], ["explain"], ["validate"],
        ["history"], ["show"],
        ["state"], ["state", "list"], ["state", "show"], ["state", "check"], ["state", "export"],
        ["state", "import"],
        ["demo"], ["sandbox"], ["sandbox", "list"], ["sandbox", "reset"], ["sandbox", "serve"],
        ["sandbox", "fault"],
        ["schema"], ["completion"],
    ]

    @Test("--help shows examples that are this command's own", arguments: commands)
    func help(command: [String]) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        for asked in [command + ["--help"], ["help"] + command] {
            let result = await meshctl.run(asked)
            #expect(result.code == 0)
            #expect(result.errors.isEmpty)
            let examples = try #require(result.output.range(of: "EXAMPLES"))
            let lines = result.output[examples.upperBound...].split(separator: "\n")
            let name = (["meshctl"] + command).joined(separator: " ")
            #expect(lines.contains { $0.contains(name) }, "\(result.output)")
        }
    }

    @Test("a completion script is printed for each shell", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let result = await meshctl("completion", shell)
        #expect(result.code == 0)
        #expect(result.output.contains("rollback"))
        #expect(await meshctl("completion", "csh").code == 64)
    }

    @Test("the plan file's schema is JSON, and the example plans name only what it knows")
    func schema() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let result = await meshctl("schema", "plan-file")
        #expect(result.code == 0)
        let schema = try JSONValue(parsing: Array(result.output.utf8))
        #expect(schema["$schema"] != nil)
        #expect(await meshctl("schema", "nothing").code == 64)
    }

    @Test("the version is one line, and no command at all shows the help")
    func version() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let version = await meshctl("--version")
        #expect(version.code == 0)
        #expect(version.output.split(separator: "\n").count == 1)
        let bare = await meshctl.run([])
        #expect(bare.code == 0)
        #expect(bare.output.contains("SUBCOMMANDS"))
        let unknown = await meshctl("aply")
        #expect(unknown.code == 64)
        #expect(unknown.output.isEmpty)
    }

    @Test("sandboxes are listed and reset, and one in use says so")
    func sandboxes() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let list = await meshctl("sandbox", "list")
            #expect(list.code == 0)
            #expect(list.output.contains("home-cluster\t"))
            #expect(list.output.contains("resilient-platform\t"))
            let state = ["--state", "cluster/meshctl.db"]
            for command in [
                ["sandbox", "reset", "home-cluster"], ["plan", "--sandbox", "home-cluster"],
            ] {
                let used = await meshctl.run(command + state)
                #expect(used.code == 6, "\(used.errors)")
                #expect(used.errors.contains(sandbox.session.url), "\(used.errors)")
            }
            let unknown = await meshctl("sandbox", "reset", "home")
            #expect(unknown.code == 1)
            #expect(unknown.errors.contains("home-cluster"))
            for port in ["70000", "-1"] {
                let serve = await meshctl("sandbox", "serve", "home-cluster", "--port", port)
                #expect(serve.code == 64, "\(serve.errors)")
            }
            let busy = await meshctl(
                "sandbox", "serve", "resilient-platform", "--port", "\(sandbox.session.port)")
            #expect(busy.code == 1)
            #expect(busy.errors.contains("\(sandbox.session.port)"), "\(busy.errors)")
            #expect(!busy.errors.contains("error 1"), "\(busy.errors)")
        }
    }

    @Test("a reset sandbox is another cluster: old runs do not apply to it")
    func resetSandbox() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        try meshctl.write(ExamplePlan.text("home-cluster"), to: "plans/plan.yaml")
        let sandbox = ["--sandbox", "home-cluster"]
        #expect(await meshctl.run(["apply", "--yes"] + sandbox).code == 0)
        #expect(await meshctl("sandbox", "reset", "home-cluster").code == 0)
        let rollback = await meshctl.run(["rollback", "--yes"] + sandbox)
        #expect(rollback.code == 0)
        #expect((rollback.output + rollback.errors).contains("Nothing to roll back"))
        let plan = await meshctl.run(["plan", "--detailed-exitcode"] + sandbox)
        #expect(plan.code == 2)
    }
}
