import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Gateways that lose their injection")
struct GatewayLosesInjectionTests {
    private func found(
        labels: [String: String] = [:], templates: String? = "gateway",
        _ dataplane: DesiredDataplane = .ambient
    ) -> [Diagnostic] {
        let annotations = templates.map { ["inject.istio.io/templates": $0] } ?? [:]
        let state = mesh(
            namespace("edge", labels: sidecarLabels),
            deployment("edge/gateway", labels: labels, annotations: annotations))
        return told(by: GatewayLosesInjection.self, plan(entry("edge", dataplane)), on: state)
    }

    @Test("one that is injected by the labels that go blocks the plan")
    func loses() throws {
        for dataplane in [DesiredDataplane.ambient, .none] {
            let only = try #require(found(dataplane).first)
            #expect(only.code == .gatewayLosesInjection && only.severity == .error)
            #expect(only.message.contains("edge/Deployment/gateway"))
            #expect(only.remedy?.contains("sidecar.istio.io/inject: \"true\"") == true)
        }
    }

    @Test("one whose own label asks for injection keeps it, and so does a namespace that stays")
    func keeps() {
        #expect(found(labels: ["sidecar.istio.io/inject": "true"]).isEmpty)
        #expect(found(.sidecar).isEmpty)
        #expect(found(templates: nil).isEmpty)
    }
}
