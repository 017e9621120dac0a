import KubernetesClient
import MeshCluster
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Asking pods of the control plane and the data plane")
struct ReadinessSamplingTests {
    private static let page = "GET /api/v1/namespaces/istio-system/pods/istiod-0:8080/proxy/ready"

    private var istiod: MeshState {
        var state = mesh(deployment("istio-system/istiod", replicas: 1), revisions: ["default"])
        state.surroundings.controlPlanes = [
            ControlPlane(meta: ObjectMeta(name: "istiod", namespace: "istio-system"))
        ]
        return state
    }

    private func sampled(_ answer: (Int, String)?) async throws -> Reading<Readiness>? {
        let cluster = AnsweringCluster(answer.map { [Self.page: $0] } ?? [:])
        let rule = ControlPlaneReady(revisions: ["default"])
        return await rule.sample(with: try cluster.reader(istiod)).answers
            .byPod["istio-system/istiod-0"]
    }

    @Test(
        "istiod's /ready is asked on port 8080, and what it answers itself is told from what the API server does"
    )
    func istiodReady() async throws {
        #expect(try await sampled((200, "")) == .seen(.ready))
        #expect(try await sampled((503, "")) == .seen(.notReady("503")))
        let unreachable = AnsweringCluster.status(
            503, "ServiceUnavailable", "error trying to reach service: dial tcp 10.0.0.1:8080")
        #expect(try await sampled((503, unreachable))?.value == nil)
        #expect(try await sampled((502, "<html>")).flatMap(\.value) == nil)
        #expect(try await sampled(nil).flatMap(\.value) == nil)
    }

    @Test("what may not be asked names the verb that it takes")
    func forbidden() async throws {
        let refused = AnsweringCluster.status(403, "Forbidden", "no")
        guard case .unseen(let why)? = try await sampled((403, refused)) else {
            Issue.record("it was seen")
            return
        }
        #expect(why.contains("the verb get on pods/proxy in namespace istio-system"))
    }

    @Test("ready ztunnels are asked for /healthz/ready on port 15021, and nobody else")
    func ztunnel() async throws {
        var state = mesh(
            namespace("shop"), pod("istio-system/zt-1", labels: ["app": "ztunnel"]),
            pod("istio-system/zt-2", labels: ["app": "ztunnel"], nodeName: "node-2"),
            pod("shop/lone"))
        for index in state.pods.indices where state.pods[index].meta.name == "zt-2" {
            state.pods[index].isReady = false
        }
        let cluster = AnsweringCluster([
            "GET /api/v1/namespaces/istio-system/pods/zt-1:15021/proxy/healthz/ready": (
                500, "not ready, pending: state manager\n"
            )
        ])
        let sample = await ZtunnelReady(namespaces: ["shop"]).sample(
            with: try cluster.reader(state))
        #expect(
            sample.answers.byPod == [
                "istio-system/zt-1": .seen(.notReady("500 not ready, pending: state manager"))
            ])
        #expect(cluster.requests.count == 1)
    }
}
