import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

/// What is taken out of ambient by what the cluster shows alone.
@Suite("Leaving ambient in an emergency")
struct UnenrolmentPlannerTests {
    private static let ambient = [LabelKeys.dataplaneMode: "ambient"]

    /// A namespace that meshctl put into ambient.
    private func enrolled(_ name: String) -> MeshPart {
        namespace(
            name, labels: Self.ambient,
            managedFields: [
                owned(by: "meshctl/home", .update, "metadata", "labels", LabelKeys.dataplaneMode)
            ])
    }

    private func line(_ name: String) -> String {
        "restore label Namespace \(name) istio.io/dataplane-mode-"
    }

    @Test("takes the label off where meshctl put it, and tells where others did")
    func ours() {
        let planned = UnenrolmentPlanner.plan(
            on: mesh(
                enrolled("media"), namespace("theirs", labels: Self.ambient),
                namespace("gone", labels: Self.ambient, isTerminating: true), namespace("plain")))
        #expect(planned.lines == [line("media")])
        #expect(
            planned.diagnostics.map(\.message) == ["in ambient by others, and left there: theirs"])
        #expect(
            planned.diagnostics.first?.remedy
                == "kubectl label namespace theirs istio.io/dataplane-mode-")
        #expect(planned.leftAlone == [])
    }

    @Test("servers leave before their clients, those that call each other together")
    func order() {
        let state = mesh(
            enrolled("db"), enrolled("bank"), enrolled("api"), enrolled("web"), enrolled("lone"))
        let flows = [
            flow("web/deployment/web", "api/service/api:80"),
            flow("api/deployment/api", "db/service/db:5432"),
            flow("bank/deployment/bank", "db/service/db:5432"),
            flow("web/deployment/web", "web/service/web:80"),
            flow("external", "web/service/web:80"),
        ]
        let planned = UnenrolmentPlanner.plan(on: state, flows: flows)
        #expect(
            planned.batchLines == [
                [line("db"), line("lone")], [line("api"), line("bank")], [line("web")],
            ])
        let circle = flows + [flow("db/deployment/db", "web/service/web:80")]
        let together = UnenrolmentPlanner.plan(on: state, flows: circle)
        #expect(
            together.batchLines == [[line("lone")], ["api", "bank", "db", "web"].map(line)])
        #expect(UnenrolmentPlanner.plan(on: state).rollout.batches.count == 1)
    }

    @Test("pods with a label of their own are left, with a way that needs no restart")
    func pods() {
        let planned = UnenrolmentPlanner.plan(
            on: mesh(
                enrolled("media"), pod("media/tv-0", labels: Self.ambient, plane: .ambient),
                pod("media/radio-0", plane: .ambient)))
        #expect(planned.leftAlone.map(\.text) == ["Pod media/tv-0"])
        #expect(
            planned.diagnostics.compactMap(\.remedy) == [
                "kubectl -n media label pods -l istio.io/dataplane-mode=ambient istio.io/dataplane-mode-"
            ])
    }

    @Test("sidecars stay, and are told; so are rules that want mTLS of a pod that leaves")
    func sidecars() throws {
        let injected = namespace(
            "shop", labels: [LabelKeys.injection: "enabled"],
            managedFields: [
                owned(by: "meshctl/home", .update, "metadata", "labels", LabelKeys.injection)
            ])
        func rule(_ path: String, _ host: String, _ mode: String) throws -> MeshPart {
            try destinationRule(path, host: host, ["tls": ["mode": .string(mode)]])
        }
        let planned = UnenrolmentPlanner.plan(
            on: mesh(
                enrolled("media"), injected,
                try rule("shop/a", "tv.media.svc.cluster.local", "ISTIO_MUTUAL"),
                try rule("shop/b", "tv.media", "DISABLE"),
                try rule("shop/c", "web", "ISTIO_MUTUAL"), try rule("media/d", "tv", "ISTIO_MUTUAL")
            ))
        #expect(planned.lines == [line("media")])
        #expect(planned.diagnostics.first?.message == "sidecars stay in shop")
        #expect(
            planned.diagnostics.filter { $0.code == .istioMutualWithoutSidecar }
                .compactMap(\.remedy) == [
                    "kubectl -n media edit destinationrule d",
                    "kubectl -n shop edit destinationrule a",
                ])
    }
}
