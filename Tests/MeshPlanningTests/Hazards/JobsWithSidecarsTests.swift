import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Jobs that a sidecar would keep from finishing")
struct JobsWithSidecarsTests {
    static let modern = [ClusterNode(name: "n1", kubeletVersion: "v1.33.2")]

    static func istiod(_ version: String, native: String? = nil) -> ControlPlane {
        ControlPlane(
            meta: ObjectMeta(name: "istiod", namespace: "istio-system"), version: version,
            nativeSidecars: native)
    }

    private func found(
        nodes: [ClusterNode]? = modern, istiod: ControlPlane? = istiod("1.27.1"),
        template: [String: String] = [:], labels: [String: String] = [:],
        _ dataplane: DesiredDataplane = .sidecar, namespaceLabels: [String: String] = [:]
    ) -> [Diagnostic] {
        var state = mesh(
            namespace("shop", labels: namespaceLabels),
            controller(.cronJob, "shop/nightly", labels: labels, replicas: 0)
        ).with(around: Surroundings(nodes: nodes, controlPlanes: istiod.map { [$0] }))
        state.workloads[0].template.annotations = template
        return told(by: JobsWithSidecars.self, plan(entry("shop", dataplane)), on: state)
    }

    @Test("with native sidecars, which every kubelet from 1.33 brings, nothing is said")
    func native() {
        #expect(found().isEmpty)
        #expect(found(nodes: nil, istiod: Self.istiod("1.24.0", native: "true")).isEmpty)
        #expect(found(template: ["sidecar.istio.io/nativeSidecar": "true"]).isEmpty)
    }

    @Test("one old kubelet, an older Istio, istiod's environment or the annotation turn them off")
    func notNative() throws {
        let old = [ClusterNode(name: "n2", kubeletVersion: "v1.32.9+k3s1")]
        let cases = [
            found(nodes: Self.modern + old), found(istiod: Self.istiod("1.26.4-distroless")),
            found(istiod: Self.istiod("1.27.1", native: "false")),
            found(template: ["sidecar.istio.io/nativeSidecar": "false"]),
        ]
        for found in cases {
            let only = try #require(found.first)
            #expect(found.count == 1 && only.severity == .error)
            #expect(only.code == .jobsWithSidecars)
            #expect(only.message.contains("shop/CronJob/nightly"))
            #expect(only.remedy?.contains("nativeSidecar: \"true\"") == true)
        }
    }

    @Test("where istiod, its version or the kubelets are not known, it says that it cannot judge")
    func unknown() {
        let cases = [
            found(nodes: nil), found(nodes: []), found(istiod: nil), found(istiod: Self.istiod("")),
            found(nodes: [ClusterNode(name: "n1", kubeletVersion: "")]),
        ]
        for found in cases {
            #expect(found.map(\.severity) == [.warning])
            #expect(found.first?.message.hasPrefix("cannot judge") == true)
        }
    }

    @Test("a Job that is not injected, or is already, is not the plan's doing")
    func notConcerned() {
        let off = Self.istiod("1.27.1", native: "false")
        #expect(found(istiod: off, labels: ["sidecar.istio.io/inject": "false"]).isEmpty)
        #expect(found(istiod: off, .ambient).isEmpty)
        #expect(found(istiod: off, namespaceLabels: sidecarLabels).isEmpty)
    }

    @Test("a finished Job is none; one that still runs is")
    func finished() {
        func found(phase: String) -> [Diagnostic] {
            let state = mesh(
                namespace("shop"), controller(.job, "shop/once", replicas: 1)
            ).with(around: Surroundings(controlPlanes: [Self.istiod("1.20.0")]))
                .editingPods { $0.phase = phase }
            return told(by: JobsWithSidecars.self, plan(entry("shop", .sidecar)), on: state)
        }
        #expect(found(phase: "Succeeded").isEmpty)
        #expect(found(phase: "Running").count == 1)
    }

    @Test("the istiod of the namespace's revision decides, where there are several")
    func revision() {
        var old = Self.istiod("1.20.0")
        old.revision = "old"
        let state = mesh(
            namespace("shop"), controller(.cronJob, "shop/nightly", replicas: 0)
        ).with(
            around: Surroundings(nodes: Self.modern, controlPlanes: [old, Self.istiod("1.28.0")]))
        let entries = [entry("shop", .sidecar), entry("shop", .sidecar, revision: "old")]
        #expect(
            entries.map { told(by: JobsWithSidecars.self, plan($0), on: state).count } == [0, 1])
    }
}
