import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Flows of Prometheus")
struct ScrapeRuleTests {
    private let asked = ["prometheus.io/scrape": "true", "prometheus.io/port": "9090"]
    private let prometheus = deployment(
        "monitoring/prometheus", labels: ["app.kubernetes.io/name": "prometheus"])

    private func texts(_ state: MeshState, _ desired: MeshPlan = plan()) -> [String] {
        FlowCatalogue(plan: desired, state: state).flows.map { "\($0.certainty) \($0.text)" }
    }

    private let sure = ["sure monitoring/deployment/prometheus->shop/deployment/cart:9090"]

    @Test(
        "Prometheus calls the pods of a template that asks for it; somebody does where it is not known"
    )
    func known() {
        let cart = deployment("shop/cart", annotations: asked)
        #expect(texts(mesh(namespace("shop"), cart, prometheus)) == sure)
        #expect(
            texts(mesh(namespace("shop"), cart))
                == ["doubtful external->shop/deployment/cart:9090"])
        let silent = deployment("shop/cart", annotations: ["prometheus.io/scrape": "false"])
        #expect(texts(mesh(namespace("shop"), silent, prometheus)).isEmpty)
    }

    @Test("an exporter of Prometheus' chart is not the server")
    func components() {
        let exporter = deployment(
            "monitoring/pushgateway", labels: ["app": "prometheus", "component": "pushgateway"])
        let cart = deployment("shop/cart", annotations: asked)
        #expect(
            texts(mesh(namespace("shop"), cart, exporter))
                == ["doubtful external->shop/deployment/cart:9090"])
    }

    @Test(
        "metrics of pods that have or get a sidecar are merged, unless merging is off or the pod opts out"
    )
    func merged() {
        let injected = namespace("shop", labels: ["istio-injection": "enabled"])
        let running = deployment("shop/cart", annotations: asked, plane: .sidecar)
        let waiting = deployment("shop/cart", annotations: asked)
        #expect(texts(mesh(injected, running, prometheus)).isEmpty)
        #expect(texts(mesh(injected, waiting, prometheus)).isEmpty)
        #expect(texts(mesh(namespace("shop"), running, prometheus)).isEmpty)
        let planned = plan(entry("shop", .sidecar))
        #expect(texts(mesh(namespace("shop"), waiting, prometheus), planned).isEmpty)

        var off = mesh(injected, running, prometheus)
        off.flows.settings.mergesMetrics = false
        #expect(texts(off) == sure)
        var own = asked
        own["prometheus.istio.io/merge-metrics"] = "false"
        let alone = deployment("shop/cart", annotations: own, plane: .sidecar)
        #expect(texts(mesh(injected, alone, prometheus)) == sure)
    }

    @Test("a move to ambient ends the merging")
    func ambient() {
        let state = mesh(
            namespace("shop", labels: ["istio-injection": "enabled"]),
            deployment("shop/cart", annotations: asked, plane: .sidecar), prometheus)
        #expect(texts(state, plan(entry("shop", .ambient))) == sure)
    }

    @Test("without a port every declared one is asked, and a port that is none is not read")
    func ports() {
        var state = mesh(
            namespace("shop"),
            deployment("shop/cart", annotations: ["prometheus.io/scrape": "true"]), prometheus)
        for place in state.pods.indices where state.pods[place].meta.namespace == "shop" {
            state.pods[place].containers[0].ports = [8080, 9091].map {
                Container.Port(number: $0)
            }
        }
        let server = "monitoring/deployment/prometheus->shop/deployment/cart"
        #expect(texts(state) == ["sure \(server):8080", "sure \(server):9091"])
        let wrong = deployment(
            "shop/cart",
            annotations: ["prometheus.io/scrape": "true", "prometheus.io/port": "99999"])
        #expect(texts(mesh(namespace("shop"), wrong, prometheus)).isEmpty)
    }

    @Test("bare pods and the pods behind a Service are asked, these also with a sidecar")
    func others() {
        #expect(
            texts(mesh(namespace("shop"), pod("shop/one", annotations: asked), prometheus))
                == ["sure monitoring/deployment/prometheus->shop/pod/one:9090"])
        var state = mesh(
            namespace("shop"), service("shop/cart", ["app": "cart"]),
            deployment("shop/cart", labels: ["app": "cart"], plane: .sidecar), prometheus)
        state.flows.services[0].meta.annotations = asked
        #expect(texts(state) == sure)
    }
}
