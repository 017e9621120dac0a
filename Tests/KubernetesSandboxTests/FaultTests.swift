import Diagnostics
import HTTPTypes
import JSON
import Testing
import Timing

@testable import KubernetesSandbox

@Suite struct FaultTests {
    @Test("a fault is read from its words, or it is said how it is written")
    func reading() throws {
        for words in [
            ["dns-down"], ["ztunnel-not-ready", "kube-1"], ["xds-errors"], ["api-reset"],
            ["certificate-errors", "kube-1"], ["pods-never-ready", "default/mirai-api"],
            ["resets", "ingress/cloudflared", "default/mirai-frontend"],
            ["api-status", "429", "3", "PATCH,POST", "/apis/security.istio.io"],
            ["api-status", "503", "/api"], ["api-slow", "100", "GET"], ["lost-responses", "1"],
        ] {
            #expect(try Fault(words).text == words.joined(separator: " "))
        }
        for words in [
            [], ["dns"], ["dns-down", "x"], ["ztunnel-not-ready"], ["resets", "a"],
            ["pods-never-ready", "default"], ["api-status"], ["api-status", "200"],
            ["api-status", "500", "0"], ["api-status", "500", "FETCH"], ["api-slow", "no"],
            ["lost-responses", "/api", "3"],
        ] {
            #expect(throws: FaultError.self, "\(words)") { try Fault(words) }
        }
        let error = #expect(throws: FaultError.self) { try Fault(["dns-dwn"]) }
        #expect(error?.why.contains("did you mean dns-down?") == true)
    }

    private func readiness(_ test: inout TestCluster, _ namespace: String, _ workload: String)
        throws -> [Bool]
    {
        try test.items("/api/v1/namespaces/\(namespace)/pods")
            .filter { $0.workloadName == workload }.map(\.isReadyPod)
    }

    @Test("ztunnel is not ready on one node and says so; its readiness comes back")
    func ztunnel() throws {
        var test = try TestCluster(scenario: "home-cluster")
        try test.cluster.switchOn(Fault(["ztunnel-not-ready", "kube-1"]))
        test.pass(.seconds(5))
        #expect(
            try readiness(&test, "istio-system", "ztunnel").sorted { !$0 && $1 } == [false, true])
        let pages = try test.names("istio-system", of: "ztunnel").map { name in
            try test.text("/api/v1/namespaces/istio-system/pods/\(name):15021/proxy/healthz/ready")
        }
        #expect(Set(pages.map(\.status)) == [200, 500])
        #expect(Set(pages.map(\.text)) == ["ready\n", "not ready, pending: state manager\n"])
        // A ztunnel that is made anew on that node is no better.
        try test.mergePatch(
            "/apis/apps/v1/namespaces/istio-system/daemonsets/ztunnel", TestCluster.restart("now"))
        test.pass(.seconds(60))
        #expect(try readiness(&test, "istio-system", "ztunnel").contains(false))
        #expect(test.cluster.switchOff(nil) == 1)
        test.pass(.seconds(60))
        #expect(try readiness(&test, "istio-system", "ztunnel") == [true, true])
        #expect(throws: FaultError.self) {
            try test.cluster.switchOn(Fault(["ztunnel-not-ready", "kube-9"]))
        }
    }

    @Test("DNS down: its pods are not ready, and no Service endpoint is")
    func dns() throws {
        var test = try TestCluster(scenario: "home-cluster")
        let page = "/api/v1/namespaces/kube-system/pods/"
        let name = try #require(try test.names("kube-system", of: "coredns").first)
        #expect(try test.text(page + "\(name):8181/proxy/ready").text == "OK")
        try test.cluster.switchOn(Fault(["dns-down"]))
        test.pass(.seconds(1))
        #expect(try readiness(&test, "kube-system", "coredns") == [false, false])
        #expect(try test.text(page + "\(name):8181/proxy/ready").status == 503)
        let slices = try test.items(
            "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices")
        let ready = slices.flatMap { $0["endpoints"]?.array ?? [] }
            .map { $0["conditions"]?["ready"] == true }
        #expect(ready == [false, false])
        #expect(test.cluster.switchOff(try Fault(["dns-down"])) == 1)
        test.pass(.seconds(5))
        #expect(try readiness(&test, "kube-system", "coredns") == [true, true])
    }

    @Test(
        "pods of a workload that are made from now on never get ready; those that are there stay so"
    )
    func neverReady() throws {
        var test = try TestCluster(scenario: "home-cluster")
        try test.cluster.switchOn(Fault(["pods-never-ready", "default/mirai-api"]))
        test.pass(.seconds(5))
        #expect(try readiness(&test, "default", "mirai-api") == [true, true])
        try test.mergePatch(
            "/apis/apps/v1/namespaces/default/deployments/mirai-api", TestCluster.restart("now"))
        test.pass(.seconds(60))
        #expect(try readiness(&test, "default", "mirai-api").contains(false))
        test.cluster.switchOff(nil)
        test.pass(.seconds(60))
        #expect(try readiness(&test, "default", "mirai-api") == [true, true])
    }

    @Test(
        "resets refuse a flow that nothing else refuses: in metrics, in logs, for as long as they are on"
    )
    func resets() throws {
        var test = try TestCluster(scenario: "home-cluster")
        test.pass(.seconds(60))
        try test.cluster.switchOn(
            Fault(["resets", "default/mirai-frontend", "default/mirai-api:8080"]))
        test.pass(.seconds(60))
        test.cluster.switchOff(nil)
        test.pass(.seconds(60))
        let page = try test.ztunnelPages()
        let flow = ["destination_service_name": "mirai-api", "reporter": "destination"]
        let denied = flow.merging(["response_flags": "DENY"]) { $1 }
        #expect(test.sum(page, "istio_tcp_connections_closed_total", denied) == 120)
        #expect(test.sum(page, "istio_tcp_connections_failed_total", denied) == 120)
        #expect(
            test.sum(
                page, "istio_tcp_connections_closed_total",
                flow.merging(["response_flags": "-"]) { $1 }) == 240)
        let log = try test.logs("istio-system", "ztunnel", "")
        #expect(log.contains("policy rejection: allow policies exist, but none allowed"))
        #expect(
            try test.logs("default", "mirai-frontend", "").contains("curl: (56) Recv failure"))
        let error = #expect(throws: FaultError.self) {
            try test.cluster.switchOn(
                Fault(["resets", "default/mirai-frontend", "media/jellyfin"]))
        }
        #expect(error?.why.contains("ingress/cloudflared default/mirai-frontend") == true)
    }

    @Test("xDS and certificate errors are in the logs of one node's proxies, and end with a word")
    func errors() throws {
        var test = try TestCluster(scenario: "home-cluster")
        test.pass(.seconds(60))
        try test.cluster.switchOn(Fault(["xds-errors", "kube-1"]))
        try test.cluster.switchOn(Fault(["certificate-errors"]))
        test.pass(.seconds(60))
        test.cluster.switchOff(try Fault(["xds-errors"]))
        let logs = try test.names("istio-system", of: "ztunnel").map { name in
            try test.text("/api/v1/namespaces/istio-system/pods/\(name)/log?sinceSeconds=70").text
        }
        #expect(
            logs.count { $0.contains("XDS client connection error: gRPC connection error") } == 1)
        #expect(logs.count { $0.contains("Stream established") } == 1)
        #expect(logs.allSatisfy { $0.contains("certificate fetch failed (signing gRPC error") })
        test.pass(.seconds(60))
        #expect(try !test.logs("istio-system", "ztunnel", "sinceSeconds=30").contains("XDS client"))
        #expect(test.cluster.presentFaults.map(\.text) == ["certificate-errors"])
    }

    @Test("API faults meet as many requests as they say, of the methods and paths that they say")
    func apiFaults() throws {
        var test = try TestCluster(scenario: "home-cluster")
        let media = "/api/v1/namespaces/media"
        try test.cluster.switchOn(Fault(["api-status", "429", "2", "PATCH", media]))
        #expect(try test.send(.get, media).status == 200)
        let patch: JSONValue = ["metadata": ["labels": ["a": "b"]]]
        let type = "application/merge-patch+json"
        for _ in 0..<2 {
            let (status, body) = try test.send(.patch, media, patch, type: type)
            #expect(status == 429)
            #expect(body["reason"] == "TooManyRequests" && body["kind"] == "Status")
        }
        #expect(try test.send(.patch, media, patch, type: type).status == 200)
        try test.cluster.switchOn(Fault(["lost-responses", "1"]))
        let request = SandboxRequest(
            .patch, media, fields: [.contentType: type],
            body: (["metadata": ["labels": ["a": "lost"]]] as JSONValue).canonicalBytes)
        guard case .lost = test.cluster.handle(request) else {
            Issue.record("the response came")
            return
        }
        #expect(try test.get(media).labels["a"] == "lost")
        try test.cluster.switchOn(Fault(["api-reset", "1"]))
        guard case .lost = test.cluster.handle(request) else {
            Issue.record("the response came")
            return
        }
    }

    @Test("a scenario may begin with faults, and with traffic that makes sense")
    func scenario() throws {
        let head = """
            kind: SandboxScenario
            name: broken
            start: 2026-11-20T09:00:00Z
            nodes: [kube-1]
            namespaces: {}

            """
        func cluster(_ rest: String) throws -> SandboxCluster {
            let scenario = try Scenario(SourceText(name: "broken.yaml", text: head + rest))
            return try SandboxCluster(scenario, seed: 1)
        }
        #expect(
            try cluster("faults: [dns-down, api-status 500 3]\n").presentFaults.map(\.text)
                == ["dns-down", "api-status 500 3"])
        for wrong in [
            "faults: [dns]\n", "faults: [resets a/b c/d]\n", "traffic: [{from: external}]\n",
        ] {
            #expect(throws: ScenarioError.self) { try cluster(wrong) }
        }
    }
}
