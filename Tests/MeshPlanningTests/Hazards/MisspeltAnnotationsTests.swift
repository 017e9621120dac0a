import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Annotations that Istio does not read")
struct MisspeltAnnotationsTests {
    @Test(
        "the key that Istio reads is named",
        arguments: [
            "traffic.istio.io/excludeInboundPorts": "traffic.sidecar.istio.io/excludeInboundPorts",
            "traffic.sidecar.istio.io/excludeInboundPort":
                "traffic.sidecar.istio.io/excludeInboundPorts",
            "sidecar.istio.io/excludeOutboundPorts":
                "traffic.sidecar.istio.io/excludeOutboundPorts",
            "sidecar.istio.io/Inject": "sidecar.istio.io/inject",
            "traffic.sidecar.istio.io/interceptionMode": "sidecar.istio.io/interceptionMode",
        ])
    func misspelt(key: String, meant: String) {
        #expect(MisspeltAnnotations.meant(by: key) == meant)
    }

    @Test(
        "right ones, and those that are not like Istio's, are left alone",
        arguments: [
            "traffic.sidecar.istio.io/excludeInboundPorts", "sidecar.istio.io/status",
            "traffic.istio.io/nodeSelector", "sidecar.istio.io/somethingQuiteNew",
            "example.com/excludeInboundPorts", "istio.io/rev", "prometheus.io/scrape", "/", "",
        ])
    func right(key: String) {
        #expect(MisspeltAnnotations.meant(by: key) == nil)
    }

    @Test("each key is said once, with its workloads")
    func said() {
        let annotations = ["traffic.istio.io/excludeInboundPorts": "9091"]
        let found = told(
            by: MisspeltAnnotations.self, plan(),
            on: mesh(
                namespace("shop"), deployment("shop/a", annotations: annotations),
                deployment("shop/b", annotations: annotations, replicas: 0)))
        #expect(
            found.said == [
                "warning: annotation traffic.istio.io/excludeInboundPorts of shop/Deployment/a, "
                    + "shop/Deployment/b does nothing: Istio reads "
                    + "traffic.sidecar.istio.io/excludeInboundPorts"
            ])
    }
}
