import Foundation
import JSON
import KubernetesSandbox
import SandboxServer
import Testing

/// The gate no-plaintext with a real Prometheus, which scrapes a sandbox at wall speed.
@Suite(
    "Plaintext as Prometheus saw it",
    .enabled(
        if: RealPrometheus.isInstalled && TLSFront.isPossible
            || ProcessInfo.processInfo.environment["CI"] != nil,
        "prometheus, nginx and openssl are needed"))
struct PrometheusEvidenceTests {
    /// - Parameter isExcepted: whether the plan leaves open what cloudflared calls.
    private func plan(isExcepted: Bool) throws -> String {
        let example = try ExamplePlan.text("home-cluster")
        let plan = isExcepted ? example : try CheckTests.planWithoutException()
        return plan.replacing(
            "  gates:\n",
            with: """
                  gates:
                    no-plaintext: {window: 12s}
                    prometheusServer: {namespace: monitoring, service: prometheus}

                """)
    }

    private func findings(_ result: TestCommand.Result) throws -> [JSONValue] {
        let report = try JSONValue(parsing: Array(result.output.utf8))
        return (report["gates"]?.array ?? []).flatMap { $0["findings"]?.array ?? [] }
    }

    private func text(_ findings: [JSONValue], _ verdict: String) -> String {
        findings.filter { $0["verdict"]?.string == verdict }.map { "\($0)" }.joined()
    }

    @Test(
        "nothing is judged that it did not scrape; then plaintext fails with its sender, and a scrape that failed is a gap"
    )
    func wholeStory() async throws {
        let open = try plan(isExcepted: false)
        try await LiveSandbox.with("home-cluster", plan: open, realTime: true) { meshctl, sandbox in
            let ztunnels =
                try sandbox.get("/api/v1/pods?labelSelector=app%3Dztunnel")?["items"]?
                .array ?? []
            try #require(!ztunnels.isEmpty)
            let prometheus = try RealPrometheus(
                scraping: ztunnels, at: sandbox.session.port,
                in: meshctl.folder.appendingPathComponent("prometheus"))
            defer { prometheus.stop() }
            let folder = meshctl.folder.appendingPathComponent("front")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let front = try TLSFront(
                before: sandbox.session.port, in: folder,
                prometheus.directives(namespace: "monitoring", service: "prometheus"))
            defer { front.stop() }
            try meshctl.write(front.kubeconfig(user: "token: sandbox"), to: ".kube/config")
            try meshctl.write(plan(isExcepted: true), to: "plans/plan-with-exception.yaml")
            let check = [
                "check", "--category", "no-plaintext", "-o", "json", "-f", "plans/plan.yaml",
            ]

            try await prometheus.reaches(Double(ztunnels.count), "count(istio_build)")
            let early = await meshctl.run(check)
            #expect(early.code == 3, "\(early.errors)")
            let unjudged = text(try findings(early), "inconclusive")
            #expect(unjudged.contains("Prometheus has it since"), "\(early.output)")
            let judged = text(try findings(early), "pass")
            #expect(judged.isEmpty)

            // The window with a sample at either end.
            try await prometheus.reaches(15, "min(count_over_time(istio_build[1m]))")
            let late = await meshctl.run(check)
            #expect(late.code == 3, "\(late.errors)")
            let failed = text(try findings(late), "fail")
            #expect(failed.contains("mirai-frontend"), "\(late.output)")
            #expect(failed.contains("from ingress/cloudflared"), "\(late.output)")
            let free = text(try findings(late), "pass")
            #expect(free.contains("no plaintext reached"), "\(late.output)")
            let passed = await meshctl.run(
                check.dropLast() + ["plans/plan-with-exception.yaml"])
            #expect(passed.code == 0, "\(passed.output)\(passed.errors)")
            #expect(passed.output.contains("as prometheus.monitoring:9090 has scraped them"))

            // One failed scrape of each.
            try sandbox.session.withCluster {
                try $0.switchOn(
                    Fault(["api-status", "503", "GET", "/api/v1/namespaces/istio-system/pods/"]))
            }
            try await prometheus.reaches(1, "min(1-up)")
            try sandbox.session.withCluster { _ = $0.switchOff(nil) }
            try await prometheus.reaches(1, "min(up)")
            let gap = await meshctl.run(check.dropLast() + ["plans/plan-with-exception.yaml"])
            #expect(gap.code == 3, "\(gap.output)\(gap.errors)")
            #expect(gap.output.contains("Prometheus misses scrapes of it"), "\(gap.output)")
        }
    }
}
