import Foundation
import JSON
import Journal
import SandboxServer
import Testing
import Timing

/// `meshctl observe` on the scenarios, and what the other commands make of it.
@Suite("observe")
struct ObserveTests {
    /// Flows as `client -> server security`.
    private func flows(_ report: JSONValue) -> [String] {
        (report["flows"]?.array ?? []).map { flow in
            let ends = ["client", "server"].map { flow[$0]?.string ?? "" }
            return ends.joined(separator: " -> ") + " " + (flow["security"]?.string ?? "")
        }
    }

    private func observe(_ meshctl: TestCommand, _ options: String...) async throws -> JSONValue {
        let result = await meshctl.run(["observe", "-o", "json"] + options)
        #expect(result.code == 0, "\(result.errors)")
        return try JSONValue(parsing: Array(result.output.utf8))
    }

    private func count(_ report: JSONValue, _ client: String) -> Int64 {
        let found = report["flows"]?.array?.first { $0["client"]?.string == client }
        return found?["connections"]?.integer ?? 0
    }

    /// The last sample begins once the time is over, by the requests that it takes to get there.
    private func covered(_ report: JSONValue, _ goal: Int64) -> Bool {
        (goal..<goal + 1000).contains(report["coveredMilliseconds"]?.integer ?? 0)
    }

    private static let cloudflared = "ingress/deployment/cloudflared"

    @Test("the flows of each scenario are found, with their security, at the side that counts them")
    func scenarios() async throws {
        let expected = [
            "home-cluster": [
                "ingress/deployment/cloudflared -> default/service/mirai-frontend:80 plaintext",
                "monitoring/statefulset/prometheus -> media/service/jellyfin:8096 plaintext",
                "default/deployment/mirai-frontend -> default/service/mirai-api:8080 mutual-tls",
                "monitoring/deployment/grafana -> monitoring/service/prometheus:9090 mutual-tls",
            ],
            "cloudflare-actuator": [
                "app/deployment/sg-cloud-gateway -> app/service/orders:8080 mutual-tls",
                "cloudflare/deployment/cloudflared -> app/service/sg-cloud-gateway:8080 mutual-tls",
            ],
            // No pod has a proxy that could tell.
            "resilient-platform": [],
        ]
        for (name, flows) in expected {
            let meshctl = try TestCommand()
            defer { meshctl.remove() }
            let report = try await observe(meshctl, "--for", "10m", "--sandbox", name)
            #expect(self.flows(report) == flows)
            #expect(report["isComplete"] == true && covered(report, 600_000))
            #expect(report["withoutPort"] == [] && report["unseen"] == [])
        }
    }

    @Test(
        "one interrupted observation, gone on with, counts what one that was not interrupted counts"
    )
    func resumed() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            meshctl.errorIsTerminal = true
            meshctl.onErrors = { [stop = meshctl.stop] text in
                if text.contains("55m") { stop.press() }
            }
            let stopped = await meshctl("observe", "--for", "1h")
            #expect(stopped.code == 130, "\(stopped.errors)")
            #expect(stopped.errors.contains("what was seen is stored"))
            #expect(stopped.output.contains(Self.cloudflared))
            meshctl.onErrors = { _ in }
            meshctl.errorIsTerminal = false

            // What was sent in between is counted, too; the time in between is not covered.
            try await sandbox.pass(.seconds(600))
            let begun = sandbox.session.clock.now()
            let rest = await meshctl("observe", "--for", "1h", "-o", "json")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(rest.errors.contains("Going on with the observation"))
            let span = (sandbox.session.clock.now() - begun).wholeMilliseconds / 60_000
            #expect((50...56).contains(span))
            let report = try JSONValue(parsing: Array(rest.output.utf8))
            #expect(report["coveredMilliseconds"]?.integer ?? 0 >= 3_600_000)

            // 60 a minute, since an hour before the sandbox began.
            let path = "/api/v1/namespaces/istio-system/pods"
            let names =
                try sandbox.get(path)?["items"]?.array?
                .compactMap { $0[path: "metadata", "name"]?.string }
                .filter { $0.hasPrefix("ztunnel") } ?? []
            var counted: Int64 = 0
            for name in names {
                let page = try sandbox.http.page("\(path)/\(name):15020/proxy/stats/prometheus")
                for line in page.split(separator: "\n")
                where line.hasPrefix("istio_tcp_connections_opened_total")
                    && line.contains("reporter=\"destination\"")
                    && line.contains("source_workload=\"cloudflared\"")
                {
                    counted += line.split(separator: " ").last.flatMap { Int64($0) } ?? 0
                }
            }
            #expect(counted > 3600)
            #expect((counted - 3...counted).contains(count(report, Self.cloudflared)))

            let again = try await observe(meshctl, "--for", "10m", "--restart")
            #expect(covered(again, 600_000))
        }
    }

    @Test(
        "plaintext that no object shows blocks the plan once it was observed, and is in the status")
    func undeclared() async throws {
        let plan = try ExamplePlan.text("home-cluster")
        let start = try #require(plan.range(of: "      exceptions:\n"))
        let end = try #require(plan.range(of: "    - name: monitoring"))
        let without = plan.replacingCharacters(in: start.lowerBound..<end.lowerBound, with: "")
        try await LiveSandbox.with("home-cluster", plan: without) { meshctl, sandbox in
            let container: JSONValue = [
                "name": "cloudflared", "image": "cloudflare/cloudflared:2024.10.0", "args": [],
            ]
            try sandbox.patch(
                "/apis/apps/v1/namespaces/ingress/deployments/cloudflared",
                ["spec": ["template": ["spec": ["containers": [container]]]]])
            try await sandbox.pass(.seconds(120))
            let before = await meshctl("plan")
            #expect(before.code == 0, "\(before.output)")
            #expect(await !meshctl("status").output.contains("PLAINTEXT SEEN"))

            _ = try await observe(meshctl, "--for", "5m")
            for command in [["plan"], ["apply", "--yes"]] {
                let result = await meshctl.run(command)
                #expect(result.code == 9, "\(command): \(result.errors)")
                #expect(result.output.contains("flow-would-break"), "\(result.output)")
                #expect(
                    result.output.contains(
                        "ingress/deployment/cloudflared->default/service/mirai-frontend:80"))
            }
            let status = await meshctl("status")
            #expect(status.output.contains("PLAINTEXT SEEN"))
            #expect(
                status.output.contains(
                    "ingress/deployment/cloudflared → default/service/mirai-frontend:80"))
            #expect(status.output.contains("none seen"))
            #expect(status.output.contains("Watched for 5m between"))
            let json = try JSONValue(
                parsing: Array(
                    await meshctl("status", "-n", "monitoring", "-o", "json").output.utf8))
            #expect(json["formatVersion"] == "1.1")
            #expect(json["plaintextSeen"]?["flows"] == [])
            let monitoring = json["namespaces"]?.array?.first
            #expect(monitoring?["plaintextSeen"]?["lastSeen"] == .null)
        }
    }

    @Test(
        "without the right to read proxies nothing can be seen, and that is said with what to grant"
    )
    func forbidden() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let fault = ["sandbox", "fault", "home-cluster", "api-status", "403", "GET"]
        let pods = "/api/v1/namespaces/istio-system/pods"
        #expect(await meshctl.run(fault + [pods]).code == 0)
        let blind = await meshctl("observe", "--for", "1m", "--sandbox", "home-cluster")
        #expect(blind.code == 77, "\(blind.errors)")
        #expect(blind.errors.contains("get pods/proxy and get pods/log"))
        #expect(blind.errors.contains("kubectl auth can-i get pods --subresource=proxy"))
    }

    @Test("a second observe is kept out, and an apply is not")
    func locks() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, _ in
            let other = try StateLock.acquire(
                statePath: meshctl.path("state/meshctl.db") + ".observe",
                as: .init(
                    pid: 7, host: "elsewhere", command: "observe",
                    since: meshctl.clock.now()))
            let second = await meshctl("observe", "--for", "1m")
            #expect(second.code == 6, "\(second.errors)")
            #expect(second.errors.contains("meshctl observe, process 7 on elsewhere"))
            #expect(await meshctl("apply", "--stage", "enroll", "--yes").code == 0)
            other.release()
            let held = try StateLock.acquire(
                statePath: meshctl.path("state/meshctl.db"),
                as: .init(pid: 8, host: "elsewhere", command: "apply", since: meshctl.clock.now()))
            #expect(await meshctl("observe", "--for", "1m").code == 0)
            held.release()
        }
    }

    @Test(
        "wrong times are told before anything is read",
        arguments: [
            ["--for", "soon"], ["--for", "91d"], ["--every", "0s"], ["--every", "x"],
        ])
    func usage(options: [String]) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let result = await meshctl.run(["observe"] + options)
        #expect(result.code == 64)
        #expect(result.errors.contains(options[0]), "\(result.errors)")
        #expect(!meshctl.exists("state"))
    }
}
