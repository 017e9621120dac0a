import HTTPTypes
import JSON
import Testing

@testable import KubernetesSandbox

@Suite struct DataPlaneTests {
    private let platform = "/api/v1/namespaces/resilient-platform"

    @Test("a namespace label alone injects nobody; a restart does, for every kind of workload")
    func injection() throws {
        var test = try TestCluster(scenario: "resilient-platform")
        try test.mergePatch(platform, ["metadata": ["labels": ["istio-injection": "enabled"]]])
        test.pass(.seconds(60))
        #expect(try test.items("\(platform)/pods").allSatisfy { !Istio.hasSidecar($0) })
        let apps = "/apis/apps/v1/namespaces/resilient-platform"
        for path in ["deployments/frontend", "deployments/backend", "statefulsets/postgres"] {
            try test.mergePatch("\(apps)/\(path)", TestCluster.restart("now"))
        }
        test.pass(.seconds(60))
        let pods = try test.items("\(platform)/pods")
        #expect(pods.count == 5)
        for pod in pods {
            #expect(pod["spec"]?["containers"]?.array?.map { $0["name"] }.last == "istio-proxy")
            #expect(pod.labels["security.istio.io/tlsMode"] == "istio")
            #expect(pod.annotations["sidecar.istio.io/status"] != nil)
            #expect(pod.annotations["istio.io/rev"] == "default")
            #expect(pod["status"]?["containerStatuses"]?.array?.count == 2)
            #expect(pod.isReadyPod)
        }
        let others = try test.items("/api/v1/namespaces/default/pods")
        #expect(others.count == 1 && others.allSatisfy { !Istio.hasSidecar($0) })
    }

    private func pod(
        _ name: String, labels: [String: String] = [:], annotations: [String: String] = [:],
        hostNetwork: Bool = false
    ) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string(name), "labels": JSONValue(labels),
                "annotations": JSONValue(annotations),
            ],
            "spec": [
                "hostNetwork": .bool(hostNetwork), "containers": [["name": "a", "image": "a:1"]],
            ],
        ]
    }

    @Test("labels of namespace and pod decide about injection as the webhooks' selectors say")
    func selectors() throws {
        var test = try TestCluster(scenario: "resilient-platform")
        for (name, labels) in [
            "plain": [:], "on": ["istio-injection": "enabled"],
            "off": ["istio-injection": "disabled"],
            "rev": ["istio.io/rev": "default"], "other": ["istio.io/rev": "canary"],
        ] {
            try test.create("/api/v1/namespaces", ScenarioObjects.namespace(name, labels))
        }
        let inject = "sidecar.istio.io/inject"
        func isInjected(_ namespace: String, _ pod: JSONValue) throws -> Bool {
            Istio.hasSidecar(try test.create("/api/v1/namespaces/\(namespace)/pods", pod))
        }
        #expect(try !isInjected("plain", pod("a")))
        #expect(try isInjected("plain", pod("b", labels: [inject: "true"])))
        #expect(try !isInjected("plain", pod("c", annotations: [inject: "true"])))
        #expect(try isInjected("plain", pod("d", labels: ["istio.io/rev": "default"])))
        #expect(try isInjected("on", pod("a")))
        #expect(try !isInjected("on", pod("b", labels: [inject: "false"])))
        #expect(try !isInjected("on", pod("c", annotations: [inject: "false"])))
        #expect(try !isInjected("on", pod("d", hostNetwork: true)))
        #expect(try !isInjected("off", pod("a", labels: [inject: "true"])))
        #expect(try isInjected("rev", pod("a")))
        #expect(try !isInjected("other", pod("a", labels: ["istio.io/rev": "default"])))
    }

    @Test("a native sidecar is an init container, and only where the pod asks for it")
    func native() throws {
        var test = try TestCluster(scenario: "resilient-platform")
        try test.mergePatch(platform, ["metadata": ["labels": ["istio-injection": "enabled"]]])
        let made = try test.create(
            "\(platform)/pods",
            pod("n", annotations: ["sidecar.istio.io/nativeSidecar": "true"]))
        #expect(made["spec"]?["containers"]?.array?.count == 1)
        let sidecar = made["spec"]?["initContainers"]?.array?.first { $0["name"] == "istio-proxy" }
        #expect(sidecar?["restartPolicy"] == "Always")
    }

    @Test("without istiod what is Istio's can be deleted, and neither made nor changed")
    func noValidation() throws {
        var test = try TestCluster(scenario: "resilient-platform")
        let policies = "/apis/security.istio.io/v1/namespaces/default/peerauthentications"
        func policy(_ name: String) -> JSONValue {
            [
                "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
                "metadata": ["name": .string(name), "namespace": "default"],
                "spec": ["mtls": ["mode": "STRICT"]],
            ]
        }
        try test.create(policies, policy("a"))
        try test.mergePatch(
            "/apis/apps/v1/namespaces/istio-system/deployments/istiod", ["spec": ["replicas": 0]])
        test.pass(.seconds(10))
        let (status, body) = try test.send(.post, policies, policy("b"))
        #expect(status == 500)
        #expect(body["message"]?.string?.contains("failed calling webhook") == true)
        let patch: JSONValue = ["spec": ["mtls": ["mode": "PERMISSIVE"]]]
        let (changed, _) = try test.send(
            .patch, "\(policies)/a", patch, type: "application/merge-patch+json")
        #expect(changed == 500)
        let (deleted, _) = try test.send(.delete, "\(policies)/a")
        #expect(deleted == 200)
    }

    @Test("without istiod a pod that would be injected is refused")
    func noControlPlane() throws {
        var test = try TestCluster(scenario: "resilient-platform")
        try test.mergePatch(platform, ["metadata": ["labels": ["istio-injection": "enabled"]]])
        try test.mergePatch(
            "/apis/apps/v1/namespaces/istio-system/deployments/istiod", ["spec": ["replicas": 0]])
        test.pass(.seconds(10))
        let (status, body) = try test.send(.post, "\(platform)/pods", pod("x"))
        #expect(status == 500, "\(body.canonicalText)")
        #expect(body["message"]?.string?.contains("failed calling webhook") == true)
        let dry = try test.send(.post, "/api/v1/namespaces/default/pods", pod("x"))
        #expect(dry.status == 201)
    }

    @Test("the ambient label captures running pods a moment later, and its removal frees them")
    func ambient() throws {
        var test = try TestCluster(scenario: "home-cluster")
        let key = "ambient.istio.io/redirection"
        let path = "/api/v1/namespaces/media"
        #expect(try test.items("\(path)/pods").allSatisfy { $0.annotations[key] == nil })
        let before = try test.items("\(path)/pods").map(\.uid)
        try test.mergePatch(path, ["metadata": ["labels": ["istio.io/dataplane-mode": "ambient"]]])
        #expect(try test.items("\(path)/pods").allSatisfy { $0.annotations[key] == nil })
        test.pass(.seconds(2))
        #expect(try test.items("\(path)/pods").allSatisfy { $0.annotations[key] == "enabled" })
        #expect(try test.items("\(path)/pods").map(\.uid) == before)
        try test.mergePatch(path, ["metadata": ["labels": ["istio.io/dataplane-mode": .null]]])
        test.pass(.seconds(2))
        #expect(try test.items("\(path)/pods").allSatisfy { $0.annotations[key] == nil })
    }

    @Test("without a ready ztunnel on its node a pod is not captured")
    func noZtunnel() throws {
        var test = try TestCluster(scenario: "home-cluster")
        let sets = "/apis/apps/v1/namespaces/istio-system/daemonsets/ztunnel"
        #expect(try test.send(.delete, sets).status == 200)
        test.pass(.seconds(5))
        try test.mergePatch(
            "/api/v1/namespaces/media",
            ["metadata": ["labels": ["istio.io/dataplane-mode": "ambient"]]])
        test.pass(.seconds(60))
        let pods = try test.items("/api/v1/namespaces/media/pods")
        #expect(!pods.isEmpty)
        #expect(pods.allSatisfy { $0.annotations["ambient.istio.io/redirection"] == nil })
    }

    @Test("the scenario starts as the story does: who is in the mesh and who is not")
    func homeCluster() throws {
        var test = try TestCluster(scenario: "home-cluster")
        let pods = try test.items("/api/v1/pods")
        #expect(pods.allSatisfy { $0.isReadyPod })
        let captured = Set(
            pods.filter { $0.annotations["ambient.istio.io/redirection"] == "enabled" }
                .map(\.namespaceName))
        #expect(captured == ["default", "monitoring"])
        let policies = try test.get("/apis/security.istio.io/v1/peerauthentications")
        #expect(policies["items"]?.array?.isEmpty == true)
        #expect(test.cluster.istioVersion == "1.24.0")
    }

    @Test("the same scenario and seed give the same cluster")
    func deterministic() throws {
        for name in Scenario.names {
            let scenario = try #require(try Scenario.embedded(name))
            let one = try SandboxCluster(scenario, seed: 5)
            let other = try SandboxCluster(scenario, seed: 5)
            let third = try SandboxCluster(scenario, seed: 6)
            #expect(one.allObjects == other.allObjects)
            #expect(one.bookkeeping == other.bookkeeping)
            let system = ObjectKey(resource: "namespaces", namespace: "", name: "kube-system")
            #expect(one.allObjects[system]?.uid != third.allObjects[system]?.uid)
        }
    }
}
