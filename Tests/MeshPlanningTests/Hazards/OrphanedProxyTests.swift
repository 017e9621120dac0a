import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Sidecars whose istiod is gone")
struct OrphanedProxyTests {
    private func found(
        _ annotations: [String: String], revisions: [String]? = ["default"],
        isAvailable: Bool = true, parts: MeshPart = MeshPart(), _ plan: MeshPlan = plan()
    ) -> [Diagnostic] {
        let planes = revisions.map {
            $0.map {
                ControlPlane(
                    meta: ObjectMeta(name: "istiod", namespace: "istio-system"), revision: $0,
                    isAvailable: isAvailable)
            }
        }
        let state = mesh(
            namespace("shop", labels: sidecarLabels),
            deployment("shop/cart", labels: injected("cart"), plane: .sidecar), parts
        ).with(around: Surroundings(controlPlanes: planes))
            .editingPods { $0.meta.annotations.merge(annotations) { _, new in new } }
        return told(by: OrphanedProxy.self, plan, on: state)
    }

    static let canary = ["istio.io/rev": "canary"]

    @Test("a sidecar of a revision that nobody serves is named")
    func orphaned() throws {
        let only = try #require(found(Self.canary).first)
        #expect(only.code == .orphanedProxy && only.severity == .warning)
        #expect(only.message.contains("2 sidecars of revision canary"))
        #expect(only.detail.contains("shop/Deployment/cart") && only.detail.contains("(default)"))
    }

    @Test("the injector's status annotation says the revision, too")
    func status() {
        let status = ["sidecar.istio.io/status": #"{"revision":"canary"}"#]
        #expect(found(status).map(\.code) == [.orphanedProxy])
        #expect(found(status, revisions: ["canary"]).isEmpty)
        #expect(found(["sidecar.istio.io/status": "{not json"]).isEmpty)
    }

    @Test("an istiod that lives, as a Deployment or as a pod, has no orphans")
    func living() {
        #expect(found(Self.canary, revisions: ["default", "canary"]).isEmpty)
        let pod = pod(
            "istio-system/istiod-1", labels: ["app": "istiod", "istio.io/rev": "canary"])
        #expect(found(Self.canary, revisions: nil, parts: pod).isEmpty)
    }

    @Test("where no living istiod was found at all, it only says that it cannot judge")
    func unknown() {
        for found in [
            found(Self.canary, revisions: nil), found(Self.canary, revisions: []),
            found(Self.canary, revisions: ["canary"], isAvailable: false),
        ] {
            #expect(found.map(\.code) == [.cannotJudge])
            #expect(found.map(\.severity) == [.note])
        }
        #expect(found([:], revisions: nil).isEmpty)
    }

    @Test("a sidecar that the plan restarts away is not kept")
    func restarted() {
        #expect(found(Self.canary, plan(entry("shop", .ambient))).isEmpty)
    }
}
