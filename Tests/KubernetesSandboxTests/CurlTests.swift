import HTTPTypes
import JSON
import Testing
import Timing

@testable import KubernetesSandbox

@Suite("Pods that run curl") struct CurlTests {
    /// As `kubectl run` makes one, and as a probe does: curl's options in both forms.
    private static let words = [
        "curl", "-sS", "-g", "--noproxy", "*", "--max-time", "5.000", "--output", "-",
        "--write-out", "\\nstatus %{http_code}\\n", "--url",
    ]

    private static func pod(
        _ words: [String], annotations: JSONValue = [:], labels: JSONValue = ["run": "ask"]
    ) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": "ask", "labels": labels,
                "annotations": annotations,
            ],
            "spec": [
                "restartPolicy": "Never",
                "containers": [
                    [
                        "name": "ask", "image": "curlimages/curl",
                        "command": .array(words.map(JSONValue.string)),
                    ]
                ],
            ],
        ]
    }

    private static func path(_ namespace: String) -> String {
        "/api/v1/namespaces/\(namespace)/pods"
    }

    private struct Seen: Equatable {
        var exitCode: Int64?
        var phase: String
        var log: String
        var seconds: Double
    }

    /// Creates the pod, and looks at it until its curl has ended.
    private func asked(
        _ url: String, from namespace: String, _ test: inout TestCluster,
        _ words: [String] = Self.words
    ) throws -> Seen {
        let start = test.cluster.now
        try test.create(Self.path(namespace), Self.pod(words + [url]))
        var pod = JSONValue.null
        for _ in 0..<60 {
            test.pass(.milliseconds(250))
            pod = try test.get(Self.path(namespace) + "/ask")
            if code(pod) != nil { break }
        }
        let log = try test.text(Self.path(namespace) + "/ask/log?container=ask").text
        let taken = test.cluster.now - start
        try test.send(.delete, Self.path(namespace) + "/ask")
        test.pass(.seconds(3))
        return Seen(
            exitCode: code(pod), phase: pod.podPhase, log: log,
            seconds: Double(taken.wholeMilliseconds) / 1000)
    }

    private func code(_ pod: JSONValue) -> Int64? {
        (pod["status"]?["containerStatuses"]?.array ?? []).first { $0["name"] == "ask" }?[
            path: "state", "terminated", "exitCode"]?.integer
    }

    private let api = "http://mirai-api.default.svc.cluster.local:8080/"

    @Test("a request that is carried is answered, and its pod has succeeded")
    func carried() throws {
        var test = try TestCluster(scenario: "home-cluster")
        let seen = try asked(api, from: "ingress", &test)
        #expect(seen.exitCode == 0 && seen.phase == "Succeeded")
        #expect(seen.log == "ok\n\nstatus 200\n")
        #expect(seen.seconds > 3 && seen.seconds < 4)
        // The short forms of the name, and a path that is not there.
        #expect(try asked("http://mirai-api.default:8080", from: "ingress", &test).exitCode == 0)
        let other = try asked("http://mirai-api:8080/health?x=1", from: "default", &test)
        #expect(other.log.hasSuffix("status 404\n") && other.exitCode == 0)
    }

    @Test("STRICT refuses it from outside the mesh, as the pod is, and not from a captured pod")
    func refused() throws {
        var test = try TestCluster(scenario: "home-cluster")
        var policy = TestCluster.peerAuthentication("STRICT")
        policy.set(["metadata", "namespace"], "default")
        try test.create(
            "/apis/security.istio.io/v1/namespaces/default/peerauthentications", policy)
        test.pass(.seconds(3))
        let outside = try asked(api, from: "ingress", &test)
        #expect(outside.exitCode == 56 && outside.phase == "Failed")
        #expect(
            outside.log == "curl: (56) Recv failure: Connection reset by peer\n\nstatus 000\n")
        #expect(try asked(api, from: "monitoring", &test).exitCode == 0)
        // Without a ztunnel on its node, the pod is not captured.
        for node in ["kube-1", "kube-2"] {
            try test.cluster.switchOn(Fault(["ztunnel-not-ready", node]))
        }
        test.pass(.seconds(5))
        #expect(try asked(api, from: "monitoring", &test).exitCode == 56)
    }

    @Test("a sidecar answers for the server, and the pod runs on with it")
    func sidecar() throws {
        var test = try TestCluster(scenario: "cloudflare-actuator")
        let orders = "http://orders.app:8080"
        let carried = try asked(orders, from: "cloudflare", &test)
        #expect(
            carried
                == Seen(
                    exitCode: 0, phase: "Running", log: "ok\n\nstatus 200\n",
                    seconds: carried.seconds))
        #expect(try asked(orders, from: "kube-system", &test).exitCode == 0)
        // What a sidecar encrypts for a port that is kept out of the other's cannot be read there.
        let garbled = try asked("http://sg-cloud-gateway.app:9091", from: "cloudflare", &test)
        #expect(garbled.exitCode == 0 && garbled.log.contains("WRONG_VERSION_NUMBER"))
        #expect(garbled.log.hasSuffix("\nstatus 503\n"))
        try test.mergePatch(
            "/apis/apps/v1/namespaces/app/deployments/orders", ["spec": ["replicas": 0]])
        test.pass(.seconds(5))
        #expect(
            try asked(orders, from: "cloudflare", &test).log
                == "no healthy upstream\nstatus 503\n")
        #expect(try asked(orders, from: "kube-system", &test).exitCode == 7)
    }

    @Test(
        "names that nobody knows, DNS that is down, closed ports, TLS and silence end as with curl")
    func failures() throws {
        var test = try TestCluster(scenario: "home-cluster")
        for (url, code, words) in [
            ("http://mirai-apj.default:8080", 6, "Could not resolve host: mirai-apj.default"),
            ("http://www.example.com", 6, "Could not resolve host"),
            ("http://mirai-api.default:81", 7, "Failed to connect to mirai-api.default port 81"),
            ("https://mirai-api.default:8080", 35, "wrong version number"),
            ("http://192.0.2.1", 28, "Connection timed out after 5000 milliseconds"),
        ] {
            let seen = try asked(url, from: "ingress", &test)
            #expect(seen.exitCode == Int64(code), "\(url): \(seen)")
            #expect(seen.log.hasPrefix("curl: (\(code)) ") && seen.log.contains(words), "\(seen)")
            #expect((seen.seconds > 8) == (code == 28), "\(url): \(seen)")
        }
        try test.cluster.switchOn(Fault(["dns-down"]))
        #expect(try asked(api, from: "ingress", &test).exitCode == 6)
    }

    @Test("curl that is silent says nothing, and without --write-out nothing follows")
    func options() throws {
        var test = try TestCluster(scenario: "home-cluster")
        let silent = try asked("http://nobody", from: "ingress", &test, ["curl", "-s"])
        #expect(silent.exitCode == 6 && silent.log == "")
        let plain = try asked(
            api, from: "ingress", &test,
            ["/usr/bin/curl", "-so", "/dev/null", "-w", "%{http_code}"])
        #expect(plain.log == "200\n")
    }

    @Test("other programs, other options of curl, and pods that are made again only run")
    func others() throws {
        for words in [
            ["wget", "-q"], ["curl", "--data", "x"], ["curl", "-k"], ["curl"],
            ["curl", "http://a", "http://b"], ["curl", "ftp://a"], ["curl", "--max-time"],
            ["curl", "-m", "0", "http://a"], ["curl", "http://a:0"], ["curl", "http:///"],
        ] {
            #expect(CurlCommand(of: Self.pod(words)) == nil, "\(words)")
        }
        var owned = Self.pod(["curl", "http://a"])
        #expect(CurlCommand(of: owned)?.host == "a")
        owned.set(["metadata", "ownerReferences"], [["controller": true, "kind": "Job"]])
        #expect(CurlCommand(of: owned) == nil)
        var again = Self.pod(["curl", "http://a"])
        again.set(["spec", "restartPolicy"], "Always")
        #expect(CurlCommand(of: again) == nil)
    }

    @Test("a pod that has succeeded does not run any more, nor do its initial containers")
    func ended() throws {
        var test = try TestCluster(scenario: "home-cluster")
        var pod = Self.pod(["sh", "-c", "true"])
        pod.set(["spec", "initContainers"], [["name": "first", "image": "x:1"]])
        try test.create(Self.path("ingress"), pod)
        test.pass(.seconds(4))
        let running = try test.get(Self.path("ingress") + "/ask")
        #expect(state(running, "containerStatuses") == ["running"])
        #expect(state(running, "initContainerStatuses") == ["terminated"])
        test.pass(.seconds(10))
        let ended = try test.get(Self.path("ingress") + "/ask")
        #expect(ended.podPhase == "Succeeded")
        #expect(state(ended, "containerStatuses") == ["terminated"])
        #expect(code(ended) == 0 && !ended.isReadyPod)
    }

    private func state(_ pod: JSONValue, _ list: String) -> [String] {
        (pod["status"]?[list]?.array ?? []).flatMap { ($0["state"]?.object ?? [:]).map(\.key) }
    }
}
