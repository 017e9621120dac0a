import HTTPTypes
import JSON
import Testing
import Timing

@testable import KubernetesSandbox

@Suite struct APITests {
    private let policies = "/apis/security.istio.io/v1/namespaces/shop/peerauthentications"

    @Test("the version names a sandbox, and discovery lists what is served")
    func discovery() throws {
        var test = try TestCluster()
        #expect(
            try test.get("/version")["gitVersion"]?.string?.hasSuffix("+meshctl-sandbox") == true)
        for path in ["/readyz", "/livez", "/healthz"] {
            #expect(try test.send(.get, path).status == 200)
        }
        #expect(try test.get("/api")["versions"] == ["v1"])
        let groups = try test.get("/apis")["groups"]?.array ?? []
        #expect(groups.contains { $0["name"] == "security.istio.io" })
        for group in groups {
            for version in group["versions"]?.array ?? [] {
                let path = "/apis/" + (version["groupVersion"]?.string ?? "")
                let list = try test.get(path)
                #expect(list["kind"] == "APIResourceList")
                #expect(list["resources"]?.array?.isEmpty == false)
            }
        }
        let istio = try test.get("/apis/security.istio.io/v1")["resources"]?.array ?? []
        let policy = try #require(istio.first { $0["name"] == "peerauthentications" })
        #expect(policy["kind"] == "PeerAuthentication")
        #expect(policy["singularName"] == "peerauthentication")
        #expect(policy["shortNames"] == ["pa"])
        #expect(policy["namespaced"] == true)
        #expect(istio.contains { $0["name"] == "peerauthentications/status" })
        let absent = SandboxRequest(.get, "/apis/nosuch.example.com/v1/things")
        guard case .response(let response) = test.cluster.handle(absent) else { return }
        #expect(response.status == 404)
        #expect(response.body == Array("404 page not found\n".utf8))
    }

    @Test("the pages of one list show the moment of the first")
    func consistentPages() throws {
        var test = try TestCluster(namespaces: ["a", "b", "c", "d"])
        let first = try test.get("/api/v1/namespaces?limit=2")
        let token = try #require(first.metadata["continue"]?.string)
        #expect(first.metadata["remainingItemCount"] == 2)
        #expect(try test.send(.delete, "/api/v1/namespaces/c").status == 200)
        test.pass(.seconds(10))
        try test.create("/api/v1/namespaces", ScenarioObjects.namespace("bb", [:]))
        let second = try test.get("/api/v1/namespaces?limit=2&continue=\(token)")
        #expect(second["items"]?.array?.map(\.name) == ["c", "d"])
        #expect(second.metadata["resourceVersion"] == first.metadata["resourceVersion"])
        #expect(second.metadata["continue"] == nil)
    }

    @Test("a page that asks for a moment that is too long ago gets 410")
    func expiredPage() throws {
        var test = try TestCluster(namespaces: ["a", "b"])
        let first = try test.get("/api/v1/namespaces?limit=1")
        let token = try #require(first.metadata["continue"]?.string)
        for index in 0..<4200 {
            try test.mergePatch(
                "/api/v1/namespaces/a",
                ["metadata": ["annotations": ["n": .string(String(index))]]])
        }
        let (status, body) = try test.send(.get, "/api/v1/namespaces?limit=1&continue=\(token)")
        #expect(status == 410)
        #expect(body["reason"] == "Expired")
    }

    @Test(
        "two managers that apply the same value own it together, and a new one conflicts with both")
    func sharedOwnership() throws {
        var test = try TestCluster()
        func apply(_ manager: String, _ mode: String) throws -> (status: Int, body: JSONValue) {
            try test.send(
                .patch, "\(policies)/default?fieldManager=\(manager)",
                TestCluster.peerAuthentication(mode), type: "application/apply-patch+yaml")
        }
        #expect(try apply("one", "STRICT").status == 201)
        let second = try apply("two", "STRICT")
        #expect(second.status == 200)
        #expect(
            second.body.metadata["managedFields"]?.array?.map { $0["manager"] } == ["one", "two"])
        let third = try apply("three", "PERMISSIVE")
        #expect(third.status == 409)
        #expect(third.body["details"]?["causes"]?.array?.count == 2)
        #expect(
            third.body["message"]?.string?.hasPrefix(
                "Apply failed with 2 conflicts: conflicts with \"one\":\n- .spec.mtls.mode") == true
        )
        // A plain write asks nobody, and takes the field from both.
        let patched = try test.mergePatch(
            "\(policies)/default?fieldManager=hand", ["spec": ["mtls": ["mode": "PERMISSIVE"]]])
        #expect(patched.metadata["managedFields"]?.array?.map { $0["manager"] } == ["hand"])
    }

    @Test("YAML may be applied")
    func yaml() throws {
        var test = try TestCluster()
        let text =
            "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nspec:\n  mtls: {mode: STRICT}\n"
        var request = SandboxRequest(
            .patch, "\(policies)/default?fieldManager=me", body: Array(text.utf8))
        request.fields[.contentType] = "application/apply-patch+yaml"
        guard case .response(let response) = test.cluster.handle(request) else { return }
        #expect(response.status == 201)
        #expect(try test.get("\(policies)/default")["spec"]?["mtls"]?["mode"] == "STRICT")
    }

    @Test("an exception's ports are owned one by one, and dropping one leaves the other")
    func ports() throws {
        var test = try TestCluster()
        func policy(_ ports: JSONValue) -> JSONValue {
            var policy = TestCluster.peerAuthentication("STRICT", name: "web")
            policy.set(["spec", "selector"], ["matchLabels": ["app": "web"]])
            policy.set(["spec", "portLevelMtls"], ports)
            return policy
        }
        let path = "\(policies)/web?fieldManager=me"
        let type = "application/apply-patch+yaml"
        let permissive: JSONValue = ["mode": "PERMISSIVE"]
        try test.send(.patch, path, policy(["80": permissive, "90": permissive]), type: type)
        let (status, body) = try test.send(.patch, path, policy(["80": permissive]), type: type)
        #expect(status == 200)
        #expect(body["spec"]?["portLevelMtls"] == ["80": permissive])
        #expect(body.generation == 2)
    }

    @Test("other versions of a resource show the same object")
    func versions() throws {
        var test = try TestCluster()
        try test.create(policies, TestCluster.peerAuthentication("STRICT"))
        let old = "/apis/security.istio.io/v1beta1/namespaces/shop/peerauthentications"
        #expect(try test.get("\(old)/default")["apiVersion"] == "security.istio.io/v1beta1")
        #expect(try test.items(old).map { $0["apiVersion"] } == ["security.istio.io/v1beta1"])
    }

    @Test("a finalizer keeps an object until it is taken off")
    func finalizers() throws {
        var test = try TestCluster()
        let path = "/api/v1/namespaces/shop/configmaps"
        try test.create(
            path,
            [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": ["name": "held", "finalizers": ["example.com/hold"]],
            ])
        #expect(try test.send(.delete, "\(path)/held").body.isTerminating)
        #expect(try test.get("\(path)/held").isTerminating)
        #expect(try test.send(.delete, "/api/v1/namespaces/shop").status == 200)
        test.pass(.seconds(60))
        #expect(try test.get("/api/v1/namespaces/shop")["status"]?["phase"] == "Terminating")
        try test.mergePatch("\(path)/held", ["metadata": ["finalizers": .null]])
        #expect(try test.send(.get, "\(path)/held").status == 404)
        test.pass(.seconds(60))
        #expect(try test.send(.get, "/api/v1/namespaces/shop").status == 404)
    }

    @Test("a deleted namespace goes with all that is in it, pods last")
    func namespaceDeletion() throws {
        var test = try TestCluster()
        try test.create(
            "/apis/apps/v1/namespaces/shop/deployments", TestCluster.workload("Deployment", "web"))
        try test.create(policies, TestCluster.peerAuthentication("STRICT"))
        test.pass(.seconds(10))
        #expect(try test.send(.delete, "/api/v1/namespaces/shop").status == 200)
        #expect(try test.get("/api/v1/namespaces/shop")["status"]?["phase"] == "Terminating")
        test.pass(.seconds(30))
        #expect(try test.send(.get, "/api/v1/namespaces/shop").status == 404)
        #expect(test.cluster.allObjects.keys.allSatisfy { $0.namespace != "shop" })
    }

    @Test("a wrong uid or resourceVersion in the body of a PUT is a conflict")
    func putPreconditions() throws {
        var test = try TestCluster()
        var object = try test.create(policies, TestCluster.peerAuthentication("STRICT"))
        object.set(["spec", "mtls", "mode"], "DISABLE")
        var other = object
        other.set(["metadata", "uid"], "00000000-0000-0000-0000-000000000000")
        #expect(try test.send(.put, "\(policies)/default", other).status == 409)
        var blind = object
        blind.set(["metadata", "resourceVersion"], nil)
        #expect(try test.send(.put, "\(policies)/default", blind).status == 422)
        #expect(try test.send(.put, "\(policies)/default", object).status == 200)
        #expect(try test.send(.put, "\(policies)/default", object).status == 409)
    }

    @Test("secrets are closed to everybody")
    func secrets() throws {
        var test = try TestCluster()
        let (status, body) = try test.send(.get, "/api/v1/namespaces/shop/secrets")
        #expect(status == 403)
        #expect(body["reason"] == "Forbidden")
        #expect(try test.send(.get, "/api/v1/namespaces/shop/secrets/a").status == 403)
    }

    @Test(
        "hostile requests get an answer, and it is an error",
        arguments: [
            ("POST", "/api/v1/namespaces", "[]"), ("POST", "/api/v1/namespaces", "null"),
            ("POST", "/api/v1/namespaces", String(repeating: "[", count: 100_000)),
            ("POST", "/api/v1/namespaces", #"{"metadata":7}"#),
            ("POST", "/api/v1/namespaces", #"{"metadata":{"name":7}}"#),
            ("POST", "/api/v1/namespaces/shop/pods", #"{"metadata":{"name":"a"},"spec":[]}"#),
            (
                "POST", "/api/v1/namespaces/shop/pods",
                #"{"metadata":{"name":"a"},"spec":{"containers":[7]}}"#
            ),
            (
                "POST", "/apis/apps/v1/namespaces/shop/deployments",
                #"{"metadata":{"name":"a"},"spec":{"replicas":99999999999999999999}}"#
            ),
            ("PATCH", "/api/v1/namespaces/shop", #"{"metadata":{"labels":{"a":{"b":[1]}}}}{"#),
            ("GET", "/api/v1/namespaces?limit=-9223372036854775808&continue=%00%ff", ""),
            ("GET", "/api/v1/namespaces?labelSelector=((((%2C)", ""),
            ("GET", "/api/v1/namespaces?fieldSelector=%3D%3D", ""),
            ("GET", "/%2e%2e/%00/api", ""), ("DELETE", "/api/v1/namespaces", ""),
            ("BREW", "/api/v1/namespaces", ""),
        ])
    func hostile(_ method: String, _ target: String, _ body: String) throws {
        var test = try TestCluster()
        var request = SandboxRequest(
            try #require(HTTPRequest.Method(rawValue: method)), target, body: Array(body.utf8))
        request.fields[.contentType] =
            method == "PATCH" ? "application/merge-patch+json" : "application/json"
        guard case .response(let response) = test.cluster.handle(request) else { return }
        #expect((400..<500).contains(response.status))
        test.pass(.seconds(60))
    }
}
