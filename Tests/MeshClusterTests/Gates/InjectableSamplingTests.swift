import KubernetesClient
import MeshCluster
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Asking the API server for a pod of a workload's template, in a dry run")
struct InjectableSamplingTests {
    private static let cart = WorkloadID(namespace: "shop", kind: .deployment, name: "cart")
    private static let deployment = """
        {"kind": "Deployment", "metadata": {"name": "cart", "namespace": "shop"},
         "spec": {"template": {
           "metadata": {"creationTimestamp": null, "labels": {"app": "cart"}},
           "spec": {"containers": [{"name": "app", "image": "app:1"}]}}}}
        """
    private static let injected = """
        {"kind": "Pod", "metadata": {"name": "cart-x"},
         "spec": {"containers": [{"name": "app"}],
                  "initContainers": [{"name": "istio-proxy", "restartPolicy": "Always"}]}}
        """
    private static let quota = """
        {"metadata": {}, "items": [{"metadata": {"name": "q"},
          "status": {"hard": {"limits.cpu": "4", "pods": "9"}, "used": {"limits.cpu": "3"}}}]}
        """

    private func sampled(
        _ answer: (Int, String)
    ) async throws -> (Injectable.Sample, [AnsweringCluster.Request]) {
        let cluster = AnsweringCluster([
            "GET /apis/apps/v1/namespaces/shop/deployments/cart": (200, Self.deployment),
            "POST /api/v1/namespaces/shop/pods": answer,
            "GET /api/v1/namespaces/shop/resourcequotas": (200, Self.quota),
        ])
        let state = mesh(
            namespace("shop"), TestSupport.deployment("shop/cart"), revisions: ["default"])
        let rule = Injectable(
            workloads: [Self.cart], labels: ["shop": ["istio-injection": "enabled"]])
        let sample = await rule.sample(with: try cluster.reader(state))
        return (sample, cluster.requests)
    }

    private func admission(
        _ code: Int, _ message: String
    ) async throws -> Reading<Injectable.Admission>? {
        let body = AnsweringCluster.status(code, "x", message)
        return try await sampled((code, body)).0.admissions[Self.cart]
    }

    @Test(
        "the pod has the template's contents and the label that calls the injector, and is not kept"
    )
    func request() async throws {
        let (sample, requests) = try await sampled((201, Self.injected))
        #expect(sample.admissions[Self.cart] == .seen(.admitted(hasSidecar: true)))
        #expect(sample.quotas["shop"] == .seen(["ResourceQuota q: limits.cpu 3 of 4, pods ? of 9"]))
        let post = try #require(requests.first { $0.line.hasPrefix("POST") })
        #expect(post.line.contains("dryRun=All"))
        #expect(post.body.contains(#""app":"cart""#) && post.body.contains("app:1"))
        #expect(post.body.contains(#""istio.io/rev":"default""#))
        #expect(post.body.contains(#""generateName":"cart-""#))
        #expect(requests.filter { $0.line.hasPrefix("POST") }.count == 1)
    }

    @Test(
        "Pod Security, quotas, webhooks and an istiod that is down refuse the pod",
        arguments: [
            (403, "pods is forbidden: violates PodSecurity"),
            (403, "pods is forbidden: exceeded quota: q, requested: pods=1"),
            (400, "admission webhook denied the request"), (422, "Pod is invalid"),
            (500, "Internal error occurred: failed calling webhook: no endpoints"),
        ])
    func refused(code: Int, message: String) async throws {
        #expect(try await admission(code, message) == .seen(.refused(message)))
    }

    @Test(
        "missing rights, webhooks that take no dry run, and failures of the server say nothing of the pod"
    )
    func unseen() async throws {
        let rbac = "pods is forbidden: User x cannot create resource \\\"pods\\\" in API group"
        guard case .unseen(let why)? = try await admission(403, rbac) else {
            Issue.record("it was seen")
            return
        }
        #expect(why.contains("the verb create on pods in namespace shop"))
        let webhook = "admission webhook \\\"a\\\" does not support dry run"
        #expect(try await admission(400, webhook).flatMap(\.value) == nil)
        #expect(try await admission(500, "etcd is slow").flatMap(\.value) == nil)
        #expect(try await admission(404, "namespaces shop not found").flatMap(\.value) == nil)
    }
}
