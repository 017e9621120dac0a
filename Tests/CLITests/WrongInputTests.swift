import Foundation
import JSON
import Synchronization
import Testing
import Timing

/// Wrong input changes nothing, and says what is wrong, where, why, and what to do next.
@Suite("Wrong input")
struct WrongInputTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        var name: String
        var arguments: [String]
        var plan: String?
        var kubeconfig: String?
        var code: Int32 = 1
        /// Each is somewhere in what is said.
        var says: [String]

        var testDescription: String { name }
    }

    static let mistakes = [
        Mistake(
            name: "a plan file that is not there", arguments: ["-f", "nowhere.yaml"],
            says: ["nowhere.yaml", "No such file"]),
        Mistake(
            name: "YAML that cannot be read", arguments: [], plan: "spec: [1, 2\nmetadata: x",
            says: ["plans/plan.yaml:2", "nothing was changed"]),
        Mistake(
            name: "an unknown key", arguments: [],
            plan: plan("mesh: {mtsl: STRICT}"),
            says: ["plans/plan.yaml:5:10", "mtsl", "mtls", "^"]),
        Mistake(
            name: "a value out of its set", arguments: [], plan: plan("mesh: {mtls: STRCT}"),
            says: ["plans/plan.yaml:5:16", "STRICT"]),
        Mistake(
            name: "text that is not UTF-8", arguments: ["-f", ".kube/../latin1.yaml"],
            says: ["not UTF-8"]),
        Mistake(
            name: "a namespace that the cluster does not have", arguments: [],
            plan: plan("namespaces: [{name: defualt, mtls: STRICT}]"), code: 9,
            says: ["defualt", "default"]),
        Mistake(
            name: "no plan file at all", arguments: ["-f", "plans"], says: ["plans"]),
        Mistake(
            name: "a server that is not there", arguments: [],
            kubeconfig: kubeconfig("server: http://127.0.0.1:1"),
            says: ["http://127.0.0.1:1", "kubectl cluster-info"]),
        Mistake(
            name: "a server whose name nobody knows", arguments: [],
            kubeconfig: kubeconfig("server: https://api.invalid:6443"),
            says: ["api.invalid"]),
        Mistake(
            name: "a server that is no URL", arguments: [],
            kubeconfig: kubeconfig("server: ftp://example.com"), says: ["ftp"]),
        Mistake(
            name: "an empty kubeconfig", arguments: [], kubeconfig: "", says: ["kubeconfig"]),
        Mistake(
            name: "a kubeconfig that is no YAML", arguments: [], kubeconfig: "clusters: [",
            says: [".kube/config", "line"]),
        Mistake(
            name: "a kubeconfig that is not there", arguments: ["--kubeconfig", "none"],
            says: ["none", "No such file"]),
        Mistake(
            name: "an unknown context", arguments: ["--context", "prod"],
            kubeconfig: kubeconfig("server: http://127.0.0.1:1"),
            says: ["context prod", "--context: here"]),
        Mistake(
            name: "a token file that is not there", arguments: [],
            kubeconfig: kubeconfig("server: https://127.0.0.1:1", user: "tokenFile: /none/t"),
            says: ["/none/t"]),
        Mistake(
            name: "a certificate that is none", arguments: [],
            kubeconfig: kubeconfig(
                "server: https://127.0.0.1:1",
                user: "client-certificate-data: aGVsbG8=, client-key-data: aGVsbG8="),
            says: ["user u", "client-certificate", "PEM"]),
        Mistake(
            name: "an unknown sandbox", arguments: ["--sandbox", "home-clutser"],
            says: ["home-clutser", "Did you mean home-cluster?"]),
        Mistake(
            name: "a time that is none", arguments: ["--request-timeout", "soon"], code: 64,
            says: ["--request-timeout", "30s"]),
        Mistake(
            name: "an unknown stage", arguments: ["--stage", "strickt"], code: 64,
            says: ["strickt", "enroll"]),
        Mistake(
            name: "an unknown option", arguments: ["--stgae", "strict"], code: 64,
            says: ["--stgae", "--help"]),
    ]

    @Test("is told, and nothing is changed", arguments: mistakes)
    func mistake(_ mistake: Mistake) async throws {
        try await LiveSandbox.with("home-cluster", plan: mistake.plan) { meshctl, sandbox in
            try Data([0x6B, 0xE9, 0x0A]).write(
                to: meshctl.folder.appendingPathComponent("latin1.yaml"))
            if let kubeconfig = mistake.kubeconfig {
                try meshctl.write(kubeconfig, to: ".kube/config")
            }
            let before = try sandbox.objects()
            for command in ["plan", "apply"] {
                let yes = command == "apply" ? ["--yes"] : []
                let result = await meshctl.run([command] + mistake.arguments + yes)
                #expect(result.code == mistake.code, "\(command): \(result.errors)")
                for words in mistake.says {
                    let said = result.errors + result.output
                    #expect(said.contains(words), "\(command) said: \(said)")
                }
            }
            #expect(try sandbox.objects() == before)
            #expect(try Self.runs(meshctl) == 0)
        }
    }

    @Test("manifests that cannot be read are told once, by name")
    func manifests() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        try meshctl.write("a: [", to: "bad/one.yaml")
        for (path, says) in [("none.yaml", "No such file"), ("bad", "one.yaml:2:1")] {
            let result = await meshctl("status", "--manifests", path)
            #expect(result.code == 1)
            #expect(result.errors.hasPrefix("Error: the manifests cannot be used\n"))
            #expect(result.errors.contains(says), "\(result.errors)")
        }
    }

    @Test("several plan files are listed, and one is asked for")
    func severalPlans() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, _ in
            try meshctl.write("", to: "plans/another.yml")
            let several = await meshctl("apply", "--yes")
            #expect(several.code == 64)
            #expect(several.errors.contains("  -f plans/another.yml\n  -f plans/plan.yaml"))
            try FileManager.default.removeItem(atPath: meshctl.path("plans"))
            let none = await meshctl("plan")
            #expect(none.code == 64)
            #expect(none.errors.contains("no plan file in plans/"))
        }
    }

    @Test("without a terminal and without --yes, nothing is asked and nothing done")
    func nobodyToAsk() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let before = try sandbox.objects()
            let mute = await meshctl("apply")
            #expect(mute.code == 64)
            #expect(mute.errors.contains("--yes"))
            let no = await meshctl.run(["apply"], interactive: true, answer: "y")
            #expect(no.code == 1)
            #expect(no.errors.contains("cancelled, nothing was changed"))
            let end = await meshctl.run(["apply"], interactive: true, answer: nil)
            #expect(end.code == 1)
            #expect(try sandbox.objects() == before)
            #expect(try Self.runs(meshctl) == 0)
        }
    }

    @Test("a server that cannot be reached is told at once")
    func atOnce() async throws {
        var meshctl = try TestCommand()
        defer { meshctl.remove() }
        try meshctl.write(Self.kubeconfig("server: http://127.0.0.1:1"), to: ".kube/config")
        let clock = WaitingClock()
        meshctl.clock = clock
        #expect(await meshctl("status").code == 1)
        #expect(clock.waits == 0)
    }

    private static func runs(_ meshctl: TestCommand) throws -> Int {
        meshctl.exists("state/meshctl.db") ? try JournalReading.runs(meshctl).count : 0
    }

    private static func plan(_ spec: String) -> String {
        "apiVersion: meshctl.dev/v1alpha1\nkind: MeshPlan\nmetadata: {name: wrong}\nspec:\n  \(spec)\n"
    }

    static func kubeconfig(_ cluster: String, user: String = "token: t") -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts: [{name: here, context: {cluster: c, user: u}}]
        clusters: [{name: c, cluster: {\(cluster)}}]
        users: [{name: u, user: {\(user)}}]
        """
    }
}

/// Counts waits, and jumps over them.
private final class WaitingClock: RunClock {
    private let count = Mutex(0)

    var waits: Int { count.withLock { $0 } }

    func now() -> Timestamp { Timestamp(milliseconds: 1_763_629_200_000) }

    func sleep(for _: Duration) async throws { count.withLock { $0 += 1 } }

    func standBy(for _: Duration) async throws { try await Task.sleep(for: .seconds(600)) }
}
