import Foundation
import JSON
import MeshPlanning
import SandboxServer
import Synchronization
import Testing

/// Processes that die while they ask gates, and what the next one makes of it.
@Suite("A process killed at a gate", .timeLimit(.minutes(60)))
struct GateResumeTests {
    @Test(
        "with the fault gone, the same command goes on with the run, and both askings are shown with their evidence"
    )
    func resumed() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            try sandbox.switchOn("ztunnel-not-ready", "kube-1")
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 3, "\(stopped.errors)")
            try await Self.kill(["apply", "--yes"], at: "/proxy/ready", meshctl, sandbox)
            #expect(sandbox.writesDone == 0)

            try sandbox.clearFaults()
            try await sandbox.pass(.seconds(60))
            let rest = await meshctl("apply", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            let ids = try JournalReading.ids(meshctl)
            let run = try #require(ids.first)
            #expect(ids.count == 1 && rest.errors.contains("Going on with run \(run)"))
            try await Self.expectBothAskings(run, meshctl)
        }
    }

    private static func expectBothAskings(_ run: String, _ meshctl: TestCommand) async throws {
        let text = await meshctl("show", run).output
        let places = text.split(separator: "\n").map(String.init).filter {
            $0.hasPrefix("  Before step 1,")
        }
        #expect(
            places.count == 2 && places.allSatisfy { $0.contains("asked 2026-11-20 09:") },
            "\(text)")
        let failed = try #require(text.firstRange(of: "× ztunnel-ready: node kube-1: "))
        let passed = try #require(text.firstRange(of: "✓ ztunnel-ready: 2 nodes: "))
        #expect(failed.lowerBound < passed.lowerBound)
        #expect(text.contains("        $ kubectl get pods"))

        let report = try JSONValue(
            parsing: Array(await meshctl("show", run, "-o", "json").output.utf8))
        let asked = (report["gates"]?.array ?? []).filter { $0["steps"] == ["1"] }
        #expect(asked.count == 2)
        let times = asked.compactMap { $0["askedAt"]?.string }
        #expect(times.count == 2 && times == times.sorted())
        let findings = asked.map { $0["findings"]?.array ?? [] }
        #expect(findings.first?.contains { $0["verdict"] == "fail" && $0["hint"] != .null } == true)
        #expect(findings.last?.allSatisfy { $0["verdict"] == "pass" } == true)
        #expect(
            findings.last?.contains {
                $0["gate"] == "ztunnel-ready" && $0["evidence"]?.array?.count == 2
            } == true)
    }

    @Test("the pod that its probe left is deleted by the next probe there, once its time is over")
    func leftover() async throws {
        let plan = try ExamplePlan.text("home-cluster").withGates(
            """
            probe:
                  - from: {namespace: default, image: curlimages/curl}
                    to: http://mirai-api:8080
            """)
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            let command = ["check", "--category", "probe"]
            func pods() throws -> [String] {
                let selector = "app.kubernetes.io/managed-by=meshctl,meshctl.dev/probe=true"
                let list = try sandbox.get("/api/v1/pods?labelSelector=\(selector)")
                return (list?["items"]?.array ?? []).compactMap {
                    $0[path: "metadata", "name"]?.string
                }
            }
            try await Self.kill(command, at: "/pods/meshctl-probe-", meshctl, sandbox)
            #expect(try pods().count == 1)
            // It may be another person's, who still waits for it.
            let early = await meshctl.run(command)
            #expect(early.code == 0, "\(early.output)")
            try await sandbox.pass(.seconds(5))
            #expect(try pods().count == 1)
            try await sandbox.pass(.seconds(300))
            let late = await meshctl.run(command)
            #expect(late.code == 0, "\(late.output)")
            try await sandbox.pass(.seconds(5))
            #expect(try pods() == [])
        }
    }

    /// Runs the program until it asks for such a path, and kills it before the cluster sees that.
    private static func kill(
        _ command: [String], at path: String, _ meshctl: TestCommand, _ sandbox: LiveSandbox
    ) async throws {
        let victim = Mutex<MeshctlProcess?>(nil)
        let relay = try RelayServer(
            to: sandbox.session.port,
            RelayServer.Hooks(request: { line in
                guard line.hasPrefix("GET "), line.contains(path) else { return true }
                // The process may have come this far before the test knows it.
                while true {
                    if let process = victim.withLock(\.self) {
                        process.kill()
                        return false
                    }
                    usleep(1000)
                }
            }))
        defer { relay.stop() }
        let direct = try meshctl.bytes(".kube/config")
        try meshctl.write(
            WrongInputTests.kubeconfig(
                "server: http://127.0.0.1:\(relay.port)", user: "token: sandbox"),
            to: ".kube/config")
        let process = try MeshctlProcess(command, folder: meshctl.folder)
        victim.withLock { $0 = process }
        #expect(try await process.ended() == 128 + SIGKILL)
        try meshctl.write(String(decoding: direct, as: UTF8.self), to: ".kube/config")
    }
}
