import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Ambient label steps that cut connections")
struct CaptureCutsConnectionsTests {
    private func found(
        _ dataplane: DesiredDataplane, plane: PodDataplane = .none, labels: [String: String] = [:],
        replicas: Int = 3
    ) -> [Diagnostic] {
        told(
            by: CaptureCutsConnections.self, plan(entry("shop", dataplane)),
            on: mesh(
                namespace("shop", labels: labels),
                deployment("shop/cart", labels: ["app": "cart"], plane: plane, replicas: replicas)))
    }

    @Test("entering and leaving are noted, with the step and the number of pods")
    func notes() throws {
        let entering = try #require(found(.ambient).first)
        #expect(entering.code == .captureCutsConnections && entering.severity == .note)
        #expect(
            entering.message
                == "step 1 cuts the open TCP connections of 3 pods entering the ambient mesh in shop"
        )
        let leaving = found(DesiredDataplane.none, plane: .ambient, labels: ambientLabels)
        #expect(leaving.first?.message.contains("3 pods leaving") == true)
    }

    @Test("restarts drain: nothing is cut between sidecars and the ambient mesh")
    func restarts() {
        #expect(found(.ambient, plane: .sidecar, labels: sidecarLabels).isEmpty)
        #expect(found(.sidecar, plane: .ambient, labels: ambientLabels).isEmpty)
    }

    @Test("without pods, or without a label step, there is nothing to cut")
    func nothing() {
        #expect(found(.ambient, replicas: 0).isEmpty)
        #expect(found(.ambient, plane: .ambient, labels: ambientLabels).isEmpty)
        #expect(found(.sidecar).isEmpty)
    }
}
