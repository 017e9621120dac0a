import JSON
import Testing

/// What explain prints for people, to the letter.
@Suite("The text of explain")
struct ExplainTextTests: ManifestTests {
    /// Every role that a policy can have, and pods of two kinds.
    private var shop: [JSONValue] {
        let app: JSONValue = ["matchLabels": ["app": "cart"]]
        return [
            namespace("shop", ["istio-injection": "enabled"]),
            policy("istio-system/default", ["mtls": ["mode": "STRICT"]]),
            policy("istio-system/younger", ["mtls": ["mode": "DISABLE"]]),
            policy("istio-system/cart", ["selector": app, "mtls": ["mode": "DISABLE"]]),
            policy("shop/default", ["mtls": ["mode": "PERMISSIVE"]]),
            policy("shop/cart", ["selector": app, "portLevelMtls": ["3000": ["mode": "STRICT"]]]),
            policy("shop/cart-late", ["selector": app, "mtls": ["mode": "STRICT"]]),
            workload("StatefulSet", "shop/cart", labels: ["app": "cart"]),
            owned(pod("shop/cart-0", "sidecar", app: "cart"), by: "StatefulSet", "cart"),
            owned(pod("shop/cart-1", "sidecar", app: "cart"), by: "StatefulSet", "cart"),
            owned(pod("shop/cart-2", app: "cart"), by: "StatefulSet", "cart"),
            service("shop/cart", app: "cart"), pod("shop/api-0", "sidecar"),
        ]
    }

    private let plan = """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: shop}
        spec:
          namespaces: [{name: default, dataplane: ambient, mtls: STRICT}]
        """

    /// An ambient pod and a client outside the mesh.
    private var home: [JSONValue] {
        [
            namespace("default", ["istio.io/dataplane-mode": "ambient"]), namespace("ingress"),
            pod("ingress/cloudflared-0"), pod("default/web-0", "ambient", app: "web"),
            service("default/web", app: "web"),
        ]
    }

    @Test("of a flow: what is sent, what happens, why, by which policies, and what one would see")
    func flow() async throws {
        let result = try await run(
            shop + [rule("istio-system/all", host: "*", ["tls": ["mode": "DISABLE"]])],
            "shop/pod/api-0", "shop/service/cart:80")
        try expectGolden(result.output, "explain-flow.txt")
    }

    @Test("of a flow with a plan: after each stage too")
    func stages() async throws {
        let result = try await meshctl(
            ["explain", "--from", "ingress/pod/cloudflared-0", "--to", "default/service/web:80"],
            on: home, plan: plan)
        try expectGolden(result.output, "explain-flow-plan.txt")
        #expect(result.errors.isEmpty)
    }

    @Test("of a workload: data planes, policies, modes, and what each kind of client meets")
    func workload() async throws {
        let result = try await meshctl(["explain", "shop/statefulset/cart"], on: shop)
        try expectGolden(result.output, "explain-workload.txt")
    }

    @Test("of a Service's port with a plan")
    func service() async throws {
        let result = try await meshctl(
            ["explain", "default/service/web:80"], on: home, plan: plan)
        try expectGolden(result.output, "explain-service-plan.txt")
    }

    @Test("of an error text")
    func manual() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        try expectGolden(await meshctl("explain", "503", "UC").output, "explain-text.txt")
    }
}
