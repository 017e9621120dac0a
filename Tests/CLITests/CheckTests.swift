import Foundation
import JSON
import KubernetesSandbox
import SandboxServer
import Synchronization
import Testing
import Timing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// `meshctl check` against sandboxes.
@Suite("check")
struct CheckTests {
    private static let home = "home-cluster"

    /// The example plan without the exception that it makes for cloudflared.
    static func planWithoutException() throws -> String {
        try withoutException(ExamplePlan.text(home))
    }

    static func withoutException(_ example: String) throws -> String {
        let open = try #require(example.range(of: "      exceptions:\n"))
        let next = try #require(
            example.range(of: "    - name: monitoring", range: open.upperBound..<example.endIndex))
        return example.replacingCharacters(in: open.lowerBound..<next.lowerBound, with: "")
    }

    private func found(_ result: TestCommand.Result) throws -> [JSONValue] {
        let report = try JSONValue(parsing: Array(result.output.utf8))
        #expect(report["kind"] == "GateCheck")
        return (report["gates"]?.array ?? []).flatMap { $0["findings"]?.array ?? [] }
    }

    @Test("plaintext into the mesh is told with its sender, ends with 3, and nothing is written")
    func plaintext() async throws {
        let plan = try Self.planWithoutException()
        try await LiveSandbox.with(Self.home, plan: plan) { meshctl, sandbox in
            let before = try sandbox.objects()
            for words in [["check"], ["check", "-f", "plans/plan.yaml"]] {
                let result = await meshctl.run(words)
                #expect(result.code == 3, "\(result.errors)")
                #expect(result.errors.isEmpty, "\(result.errors)")
                let lines = result.output.split(separator: "\n")
                let at = try #require(
                    lines.firstIndex { $0.contains("×") && $0.contains("default/mirai-frontend") },
                    "\(result.output)")
                #expect(
                    lines[at...].prefix(4).contains { $0.contains("cloudflared") },
                    "\(result.output)")
                #expect(result.output.contains("✓"), "\(result.output)")
            }
            #expect(sandbox.writesDone == 0)
            #expect(try sandbox.objects() == before)
            #expect(!meshctl.exists("state/meshctl.db"))
        }
    }

    @Test("what the plan leaves open is no reason to fail")
    func excepted() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, _ in
            let result = await meshctl("check", "--category", "no-plaintext")
            #expect(!result.output.contains("mirai-frontend"), "\(result.output)")
            #expect(result.code == 0, "\(result.output)")
        }
    }

    @Test("calls that the plan gives up are no reason to fail")
    func givenUp() async throws {
        let plan = try Self.planWithoutException().replacing(
            "  namespaces:\n",
            with: """
                  ignoreFlows:
                    - from: {namespace: ingress, workload: cloudflared}
                      to: {namespace: default}
                      reason: the tunnel is closed tonight
                  namespaces:

                """)
        try await LiveSandbox.with(Self.home, plan: plan) { meshctl, _ in
            let result = await meshctl("check", "--category", "no-plaintext", "-o", "json")
            let own = try found(result).filter {
                $0["subject"]?.string?.contains("mirai-frontend") == true
            }
            #expect(!own.isEmpty && !own.contains { $0["verdict"] == "fail" }, "\(result.output)")
        }
    }

    @Test("one gate alone is asked with --category, and ends with 0 where it passes")
    func category() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, _ in
            let dns = await meshctl("check", "--category", "dns-ready")
            #expect(dns.code == 0, "\(dns.output)\(dns.errors)")
            let two = await meshctl(
                "check", "--category", "dns-ready", "--category", "ztunnel-ready", "-o", "json")
            #expect(two.code == 0, "\(two.output)\(two.errors)")
            let gates = Set(try found(two).compactMap { $0["gate"]?.string })
            #expect(gates == ["dns-ready", "ztunnel-ready"])
        }
    }

    @Test("a gate that nobody knows is a mistake of the command, and so is a wait that is none")
    func mistakes() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let gate = await meshctl("check", "--category", "dns-redy", "--sandbox", Self.home)
        #expect(gate.code == 64)
        #expect(gate.errors.contains("dns-redy") && gate.errors.contains("dns-ready"))
        let wait = await meshctl("check", "--wait", "soon", "--sandbox", Self.home)
        #expect(wait.code == 64 && wait.errors.contains("'soon' is no duration"), "\(wait.errors)")
    }

    @Test("a plan that was named and cannot be used is an error: nothing passes without its gates")
    func wrongPlan() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, _ in
            try meshctl.write("kind: MeshPlan\n", to: "broken.yaml")
            for name in ["gone.yaml", "broken.yaml"] {
                let result = await meshctl("check", "-f", name, "--category", "dns-ready")
                #expect(result.code == 1 && result.output.isEmpty, "\(result.output)")
                #expect(result.errors.contains(name), "\(result.errors)")
            }
        }
    }

    @Test("what asks nothing passes nothing")
    func nothing() async throws {
        try await LiveSandbox.with("resilient-platform") { meshctl, _ in
            let result = await meshctl("check", "--category", "ztunnel-ready")
            #expect(result.code == 3 && result.output == "Nothing to check.\n", "\(result.output)")
        }
    }

    @Test("each format tells the same, and the same code")
    func formats() async throws {
        try await LiveSandbox.with(Self.home, plan: Self.planWithoutException()) { meshctl, _ in
            let json = await meshctl("check", "-o", "json")
            #expect(json.code == 3)
            let cases = try found(json)
            let sent = cases.first { $0["verdict"] == "fail" && $0["gate"] == "no-plaintext" }
            #expect(
                sent?["evidence"]?.array?.contains { $0.string?.contains("cloudflared") == true }
                    == true || sent?["reason"]?.string?.contains("cloudflared") == true)
            let junit = await meshctl("check", "-o", "junit")
            #expect(junit.code == 3)
            let counter = Counter()
            let parser = XMLParser(data: Data(junit.output.utf8))
            parser.delegate = counter
            #expect(parser.parse(), "\(junit.output)")
            #expect(counter.cases == cases.count && counter.failures > 0)
            for format in ["yaml", "markdown"] {
                let result = await meshctl("check", "-o", format)
                #expect(result.code == 3 && result.output.contains("mirai-frontend"))
            }
        }
    }

    private final class Counter: NSObject, XMLParserDelegate {
        var cases = 0
        var failures = 0

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) {
            if name == "testcase" { cases += 1 }
            if name == "failure" { failures += 1 }
        }
    }

    @Test("--wait asks again until what was wrong is right, and no longer than it says")
    func waits() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, sandbox in
            try sandbox.session.withCluster { try $0.switchOn(Fault(["dns-down"])) }
            let start = sandbox.session.clock.now()
            let given = await meshctl("check", "--category", "dns-ready", "--wait", "2m")
            #expect(given.code == 3 && given.output.contains("×"), "\(given.output)")
            let waited = sandbox.session.clock.now() - start
            #expect(waited > .seconds(110) && waited < .seconds(125), "\(waited)")

            meshctl.errorIsTerminal = true
            let repaired = Repair(sandbox, after: .seconds(40))
            meshctl.clock = repaired
            let result = await meshctl("check", "--category", "dns-ready", "--wait", "2m")
            #expect(result.code == 0, "\(result.output)\(result.errors)")
            #expect(repaired.slept < .seconds(100))
            #expect(result.errors.contains("waiting: 3 of 3 do not pass yet"), "\(result.errors)")
            #expect(result.errors.hasSuffix("\r\u{1B}[K"), "\(result.errors)")
        }
    }

    @Test("proxies are not watched on where another gate does not pass, which is told")
    func hurries() async throws {
        let plan = try Self.planWithoutException().replacing(
            "  gates:\n", with: "  gates:\n    no-plaintext: {window: 12h}\n")
        try await LiveSandbox.with(Self.home, plan: plan) { meshctl, sandbox in
            let plain = [
                "check", "-f", "plans/plan.yaml", "-o", "json", "--category", "no-plaintext",
            ]
            try sandbox.session.withCluster { try $0.switchOn(Fault(["dns-down"])) }
            let start = sandbox.session.clock.now()
            let hurried = await meshctl.run(plain + ["--category", "dns-ready"])
            #expect(sandbox.session.clock.now() - start < .seconds(60))
            #expect(hurried.code == 3)
            let own = try found(hurried).filter {
                $0["subject"]?.string?.contains("mirai-frontend") == true
            }
            #expect(own.map { $0["verdict"] } == ["inconclusive"], "\(hurried.output)")
            #expect(
                hurried.output.contains("is not watched on, because dns-ready does not pass"),
                "\(hurried.output)")
            // Alone, it is watched until it knows.
            let alone = await meshctl.run(plain)
            #expect(alone.code == 3 && !alone.output.contains("is not watched on"))
            #expect(sandbox.session.clock.now() - start > .seconds(240))
        }
    }

    @Test("without --wait it is asked once")
    func once() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, sandbox in
            try sandbox.session.withCluster { try $0.switchOn(Fault(["dns-down"])) }
            let clock = Repair(sandbox, after: .zero)
            meshctl.clock = clock
            #expect(await meshctl("check", "--category", "dns-ready").code == 3)
            #expect(clock.slept == .zero)
        }
    }

    @Test("a cluster that cannot be read is not judged")
    func unreadable() async throws {
        try await LiveSandbox.with(Self.home) { meshctl, sandbox in
            try sandbox.session.withCluster {
                try $0.switchOn(Fault(["api-status", "403", "GET", "/api/v1/pods"]))
            }
            let result = await meshctl("check")
            #expect(result.code == 77, "\(result.output)\(result.errors)")
            #expect(result.output.isEmpty)
        }
    }
}

/// The sandbox's clock, on which faults end after a time.
private final class Repair: RunClock {
    private let sandbox: LiveSandbox
    private let after: Duration
    private let state = Mutex(Duration.zero)

    init(_ sandbox: LiveSandbox, after: Duration) {
        self.sandbox = sandbox
        self.after = after
    }

    var slept: Duration { state.withLock { $0 } }

    func now() -> Timestamp { sandbox.session.clock.now() }

    func standBy(for duration: Duration) async throws {
        try await sandbox.session.clock.standBy(for: duration)
    }

    func sleep(for duration: Duration) async throws {
        try await sandbox.session.clock.sleep(for: duration)
        let total = state.withLock { total in
            total += duration
            return total
        }
        if total >= after {
            try sandbox.session.withCluster { _ = $0.switchOff(nil) }
        }
    }
}
