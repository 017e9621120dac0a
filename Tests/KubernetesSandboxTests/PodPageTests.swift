import HTTPTypes
import JSON
import Testing
import Timing

@testable import KubernetesSandbox

/// `pods/proxy` and `pods/log` as an API server gives them.
@Suite struct PodPageTests {
    private func path(_ test: inout TestCluster, _ namespace: String, _ workload: String) throws
        -> String
    {
        let name = try #require(try test.names(namespace, of: workload).first)
        return "/api/v1/namespaces/\(namespace)/pods/\(name)"
    }

    @Test("Istio's parts are ready where Istio has them say so")
    func readiness() throws {
        var test = try TestCluster(scenario: "home-cluster")
        for (workload, page, text) in [
            ("istiod", ":8080/proxy/ready", ""), ("istio-cni-node", ":8000/proxy/readyz", ""),
            ("ztunnel", ":15021/proxy/healthz/ready", "ready\n"),
            ("istiod", ":15014/proxy/version", "1.24.0-\(String(repeating: "0", count: 40))-Clean"),
        ] {
            let answer = try test.text(try path(&test, "istio-system", workload) + page)
            #expect(answer.status == 200 && answer.text == text, "\(workload) \(answer)")
        }
        let metrics = try test.text(
            try path(&test, "istio-system", "istiod") + ":15014/proxy/metrics")
        #expect(metrics.type == "text/plain; version=0.0.4; charset=utf-8")
        #expect(metrics.text.contains("\npilot_xds{version=\"1.24.0\"} 2\n"))
        #expect(metrics.text.contains("\n# TYPE pilot_proxy_convergence_time histogram\n"))
        let pages = try path(&test, "istio-system", "ztunnel")
        #expect(try test.text(pages + ":15020/proxy/nothing").status == 404)
        #expect(
            try test.text(pages + ":15020/proxy/metrics").type
                == "application/openmetrics-text;charset=utf-8;version=1.0.0")
    }

    @Test("an application's port answers the API server's plaintext until STRICT refuses it")
    func application() throws {
        var test = try TestCluster(scenario: "home-cluster")
        let pod = try path(&test, "default", "mirai-api")
        #expect(try test.text(pod + ":8080/proxy/").text == "ok\n")
        #expect(try test.text(pod + "/proxy/").text == "ok\n")
        #expect(try test.text(pod + ":8080/proxy/nothing").status == 404)
        let closed = try test.send(.get, pod + ":9999/proxy/")
        #expect(closed.status == 503 && closed.body["reason"] == "ServiceUnavailable")
        #expect(
            closed.body["message"]?.string?.hasSuffix(":9999: connect: connection refused") == true)
        var policy = TestCluster.peerAuthentication("STRICT")
        policy.set(["metadata", "namespace"], "default")
        try test.create(
            "/apis/security.istio.io/v1/namespaces/default/peerauthentications", policy)
        #expect(try test.text(pod + ":8080/proxy/").status == 200)
        test.pass(.seconds(3))
        let refused = try test.send(.get, pod + ":8080/proxy/")
        #expect(refused.status == 503)
        let message = refused.body["message"]?.string ?? ""
        #expect(message.hasPrefix("error trying to reach service: read tcp "))
        #expect(message.hasSuffix("read: connection reset by peer"))
        // What the proxies say of themselves is not theirs to refuse.
        #expect(try test.ztunnelPages().contains("istio_build"))
        #expect(try test.send(.get, "\(pod):0/proxy/").status == 400)
        #expect(try test.send(.get, "/api/v1/namespaces/default/pods/none:80/proxy/").status == 404)
    }

    @Test("a log is cut as its parameters say")
    func parameters() throws {
        var test = try TestCluster(scenario: "home-cluster")
        test.pass(.seconds(3600))
        let log = try path(&test, "istio-system", "ztunnel") + "/log"
        let whole = try test.text(log).text.split(separator: "\n")
        #expect(whole.count > 40)
        #expect(whole.first?.hasSuffix("version: version.BuildInfo{Version:\"1.24.0\"}") == true)
        #expect(try test.text(log + "?tailLines=3").text.split(separator: "\n") == whole.suffix(3))
        #expect(try test.text(log + "?tailLines=0").text.isEmpty)
        #expect(try test.text(log + "?limitBytes=10").text.utf8.count == 10)
        let recent = try test.text(log + "?sinceSeconds=600").text.split(separator: "\n")
        #expect(
            !recent.isEmpty && recent.count < whole.count
                && whole.suffix(recent.count) == recent[...])
        let since = (test.cluster.now + .seconds(-600)).rfc3339
        #expect(try test.text(log + "?sinceTime=\(since)").text.split(separator: "\n") == recent)
        let stamped = try test.text(log + "?timestamps=true&tailLines=1").text
        let time = try #require(stamped.split(separator: " ").first)
        #expect(Timestamp(rfc3339: String(time)) != nil && time.utf8.count == 30)
        for wrong in [
            "sinceSeconds=0", "tailLines=-1", "limitBytes=0", "sinceSeconds=5&sinceTime=\(since)",
        ] {
            let answer = try test.send(.get, log + "?" + wrong)
            #expect(answer.status == 422 && answer.body["reason"] == "Invalid", "\(wrong)")
        }
        #expect(try test.send(.get, log + "?previous=true").status == 400)
    }

    @Test("of several containers one has to be named")
    func containers() throws {
        var test = try TestCluster(scenario: "cloudflare-actuator")
        let pod = try path(&test, "app", "orders")
        let answer = try test.send(.get, pod + "/log")
        #expect(answer.status == 400)
        let name = pod.split(separator: "/").last ?? ""
        #expect(
            answer.body["message"]?.string
                == "a container name must be specified for pod \(name), choose one of: "
                + "[orders istio-proxy] or one of the init containers: [istio-init]")
        #expect(try test.text(pod + "/log?container=istio-init").status == 200)
        #expect(try test.text(pod + "/log?container=orders").text.hasSuffix(" started\n"))
        let wrong = try test.send(.get, pod + "/log?container=app")
        #expect(wrong.body["message"]?.string == "container app is not valid for pod \(name)")
    }
}
