import JSON
import MeshCluster
import MeshPlanning
import Testing
import Timing

/// Looks at the sandbox's proxies, read as a cluster's are.
@Suite("Looking for refusals in the sandbox")
struct GuardSandboxTests {
    private static let frontend = TrafficGuard(
        batch: 3,
        targets: [
            .init(
                workload: "default/Deployment/mirai-frontend",
                required: ["ingress/Deployment/cloudflared"],
                services: ["default/mirai-frontend"])
        ])
    private static let gateway = TrafficGuard(
        batch: 1,
        targets: [
            .init(
                workload: "app/Deployment/sg-cloud-gateway",
                required: ["cloudflare/Deployment/cloudflared"],
                services: ["app/sg-cloud-gateway"])
        ])

    /// The reports of looks half a minute apart, after something happens.
    private func watch(
        _ cluster: EmbeddedCluster, _ guarded: TrafficGuard, looks: Int = 2,
        after happening: (EmbeddedCluster) throws -> Void
    ) async throws -> [GuardReport] {
        cluster.pass(.seconds(60))
        let reader = GuardReader(try cluster.client(), clock: cluster)
        var watch = GuardWatch(
            [guarded], rule: AbortRule(), base: await reader.look(at: [guarded]))
        try happening(cluster)
        var reports: [GuardReport] = []
        for _ in 0..<looks {
            cluster.pass(.seconds(30))
            reports.append(
                watch.add(await reader.look(at: [guarded], since: watch.logsSince)))
        }
        return reports
    }

    private func strict(_ cluster: EmbeddedCluster) throws {
        try cluster.create(
            "/apis/security.istio.io/v1/namespaces/default/peerauthentications",
            [
                "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
                "metadata": ["name": "default", "namespace": "default"],
                "spec": ["mtls": ["mode": "STRICT"]],
            ])
    }

    @Test("nothing is refused, and nothing is said", arguments: [true, false])
    func quiet(isAmbient: Bool) async throws {
        let cluster = try EmbeddedCluster(isAmbient ? "home-cluster" : "cloudflare-actuator")
        let reports = try await watch(cluster, isAmbient ? Self.frontend : Self.gateway) { _ in }
        for report in reports {
            #expect(report == GuardReport(batch: isAmbient ? 3 : 1), "\(report)")
        }
    }

    @Test("ambient: resets of a required flow are counted by ztunnel and trip at the first look")
    func ambientResets() async throws {
        let cluster = try EmbeddedCluster("home-cluster")
        let reports = try await watch(cluster, Self.frontend) {
            try $0.switchOn("resets", "ingress/cloudflared", "default/mirai-frontend")
        }
        let first = try #require(reports.first)
        #expect(first.trips && first.regressions.isEmpty && first.doubts.isEmpty, "\(first)")
        let refusal = try #require(first.refusals.first)
        #expect(first.refusals.count == 1, "\(first)")
        #expect(refusal.source == "ingress/Deployment/cloudflared" && refusal.excuse == nil)
        #expect(refusal.destination == "default/Deployment/mirai-frontend")
        // One a second.
        #expect((28...31).contains(refusal.count), "\(refusal)")
        #expect(refusal.evidence.contains { $0.contains("with the flag DENY") })
        #expect(refusal.evidence.contains { $0.contains("access log: refused at port 3000") })
        #expect((56...62).contains(reports[1].refusals.first?.count ?? 0), "\(reports[1])")
    }

    @Test("ambient: STRICT refuses who is outside the mesh, and that it may be refused is heeded")
    func givenUp() async throws {
        var guarded = Self.frontend
        guarded.targets[0].required = ["default/Deployment/mirai-api"]
        guarded.targets[0].givenUp = ["ingress/Deployment/cloudflared"]
        let cluster = try EmbeddedCluster("home-cluster")
        let report = try #require(try await watch(cluster, guarded, after: strict).last)
        #expect(!report.trips && report.regressions.isEmpty, "\(report)")
        #expect(report.refusals.map(\.source) == ["ingress/Deployment/cloudflared"])
        #expect(report.refusals.allSatisfy { $0.excuse != nil && $0.count > 20 })
    }

    @Test("ambient: STRICT refuses a client that nobody knows: it is listed")
    func unknownWorkload() async throws {
        var guarded = Self.frontend
        guarded.targets[0].required = ["default/Deployment/mirai-api"]
        let cluster = try EmbeddedCluster("home-cluster")
        let report = try #require(try await watch(cluster, guarded, after: strict).last)
        #expect(!report.trips)
        #expect(report.refusals.map(\.source) == ["ingress/cloudflared"], "\(report)")
        #expect(report.refusals.map(\.excuse) == ["not a known flow"])
    }

    @Test(
        "sidecars: resets of a required flow are counted at the client, and not once more at the server"
    )
    func sidecarResets() async throws {
        let cluster = try EmbeddedCluster("cloudflare-actuator")
        let reports = try await watch(cluster, Self.gateway) {
            try $0.switchOn("resets", "cloudflare/cloudflared", "app/sg-cloud-gateway")
        }
        let first = try #require(reports.first)
        #expect(first.trips && first.doubts.isEmpty, "\(first)")
        let refusal = try #require(first.refusals.first)
        #expect(first.refusals.count == 1, "\(first)")
        #expect(refusal.source == "cloudflare/Deployment/cloudflared" && refusal.excuse == nil)
        // Two a second.
        #expect((56...63).contains(refusal.count), "\(refusal)")
        #expect(refusal.evidence.contains { $0.contains("with the flag UC") })
    }

    @Test(
        "sidecars: a look before the step reads pages only, and a later one the logs of who refused"
    )
    func base() async throws {
        let cluster = try EmbeddedCluster("cloudflare-actuator")
        let reader = GuardReader(try cluster.client(), clock: cluster)
        let look = await reader.look(at: [Self.gateway])
        #expect(look.lines.isEmpty && look.unseen.isEmpty)
        #expect(
            look.pods.map(\.workload)
                == Array(repeating: Self.gateway.targets[0].workload, count: 2))
        #expect(look.pods.allSatisfy { $0.isReady && !$0.isCaptured && $0.restarts == 0 })
        #expect(look.proxies.count == 4 && look.proxies.allSatisfy { $0.counts != nil })
        let carried = look.carried[Self.gateway.targets[0].workload] ?? []
        #expect(carried.contains("cloudflare/cloudflared"))
        #expect(look.proxies.map(\.name) == look.proxies.map(\.name).sorted())
    }

    @Test("a node's ztunnel that may not be asked is a doubt")
    func forbidden() async throws {
        let cluster = try EmbeddedCluster("home-cluster")
        try cluster.switchOn("api-status", "403", "GET", "/api/v1/namespaces/istio-system")
        let reader = GuardReader(try cluster.client(), clock: cluster)
        let look = await reader.look(at: [Self.frontend])
        #expect(look.unseen.count == 2, "\(look.unseen)")
        #expect(look.unseen.allSatisfy { $0.contains("port 15020 of pod istio-system/ztunnel-") })
        #expect(look.proxies.count == 2 && look.proxies.allSatisfy { $0.counts == nil })
    }
}
