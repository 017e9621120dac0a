import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("The mesh-wide flip")
struct MeshFlipCoverageTests {
    static let root = namespace("istio-system")

    @Test("is blocked while it would flip a workload without a step of its own")
    func uncovered() {
        let result = planned(
            plan(mtls: .strict, entry("a", mtls: .strict)),
            on: mesh(
                Self.root, namespace("a"), namespace("b"), namespace("c"),
                deployment("a/x", plane: .sidecar), deployment("b/x", plane: .ambient),
                deployment("c/x")))
        #expect(result.isBlocked)
        #expect(
            result.diagnostics.filter { $0.severity == .error }.map(\.code) == [.meshFlipNotCovered]
        )
        #expect(result.diagnostics[0].remedy == "- name: b\n  mtls: STRICT   # or PERMISSIVE")
    }

    @Test("passes once every meshed namespace has a mode of its own")
    func covered() {
        let result = planned(
            plan(mtls: .strict, entry("a", mtls: .strict), entry("b", mtls: .permissive)),
            on: mesh(
                Self.root, namespace("a"), namespace("b"), deployment("a/x", plane: .sidecar),
                deployment("b/x", plane: .ambient)))
        #expect(!result.isBlocked)
    }

    @Test("is not asked about before its stage")
    func earlierStage() {
        let state = mesh(Self.root, namespace("b"), deployment("b/x", plane: .ambient))
        #expect(!planned(plan(mtls: .strict), on: state, through: .permissive).isBlocked)
    }

    @Test("is itself the step of the root namespace's own workloads")
    func rootWorkloads() {
        let result = planned(
            plan(mtls: .strict),
            on: mesh(Self.root, deployment("istio-system/prometheus", plane: .ambient)))
        #expect(!result.isBlocked)
    }
}
