import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Annotations of a sidecar on ambient pods")
struct AmbientExclusionsTests {
    private func found(_ plane: DesiredDataplane, mtls: MTLSMode? = nil) -> [Diagnostic] {
        told(
            by: AmbientExclusions.self, plan(entry("shop", plane, mtls: mtls)),
            on: mesh(
                namespace("shop", labels: sidecarLabels),
                deployment(
                    "shop/web", labels: ["app": "web"],
                    annotations: ["traffic.sidecar.istio.io/excludeInboundPorts": "9091"],
                    plane: .sidecar)))
    }

    @Test("moved to ambient they do nothing, and under STRICT refuse the port")
    func moved() {
        let found = found(.ambient, mtls: .strict)
        #expect(
            found.said == [
                "warning: shop/Deployment/web is in ambient, where "
                    + "traffic.sidecar.istio.io/excludeInboundPorts does nothing"
            ])
        #expect(found.first?.detail.contains("ports: {9091: PERMISSIVE}") == true)
    }

    @Test("where plaintext is taken nothing is refused, and a sidecar reads them")
    func others() {
        #expect(self.found(.ambient).first?.detail.contains("refused") == false)
        #expect(self.found(.sidecar) == [])
    }
}
