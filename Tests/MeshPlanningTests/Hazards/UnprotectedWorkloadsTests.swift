import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Workloads that STRICT does not protect")
struct UnprotectedWorkloadsTests {
    private func found(
        _ parts: MeshPart..., plane: DesiredDataplane = .sidecar,
        entry wanted: NamespaceEntry? = nil,
        services: [Service] = []
    ) -> [Diagnostic] {
        let isAmbient = plane == .ambient
        let state = mesh(
            [
                meshRoot, namespace("shop", labels: isAmbient ? ambientLabels : sidecarLabels),
                deployment(
                    "shop/web", labels: injected("web"), plane: isAmbient ? .ambient : .sidecar),
            ] + parts
        ).with(services)
        return told(
            by: UnprotectedWorkloads.self,
            plan(wanted ?? strictEntry("shop", plane)), on: state)
    }

    private func agent(_ annotations: [String: String], ports: [Int] = []) -> MeshPart {
        var part = deployment(
            "shop/agent", labels: injected("agent"), annotations: annotations, plane: .sidecar)
        for index in part.pods.indices {
            part.pods[index].containers[0].ports = ports.map { Container.Port(number: $0) }
        }
        return part
    }

    @Test("all protected, nothing is said")
    func quiet() {
        #expect(found() == [])
        #expect(found(plane: .ambient) == [])
    }

    @Test("a pod on the host network blocks, and is a note with its reason once it is listed")
    func hostNetwork() {
        let agent = pod("shop/agent", labels: ["app": "agent"], hostNetwork: true)
        let blocking = found(agent)
        #expect(
            blocking.said == [
                "error: shop/Pod/agent uses the host network, where no proxy stands in front of it"
            ])
        #expect(
            blocking.first?.remedy
                == "unprotected:\n  - {selector: {app: agent}, reason: TEXT}")
        let listed = entry("shop", .sidecar, mtls: .strict)
            .leaving(["app": "agent"], because: "reads the node's counters")
        #expect(
            found(agent, entry: listed).said == [
                "note: shop/Pod/agent uses the host network, where no proxy stands in front of it, "
                    + "as the plan says: reads the node's counters"
            ])
    }

    @Test("opting out blocks, of injection and of ambient")
    func optOut() {
        let labels = ["app": "job", "sidecar.istio.io/inject": "false"]
        #expect(
            found(deployment("shop/job", labels: labels)).said == [
                "error: shop/Deployment/job opts out of the mesh (sidecar.istio.io/inject=false)"
            ])
        let none = ["app": "job", "istio.io/dataplane-mode": "none"]
        #expect(found(deployment("shop/job", labels: none), plane: .ambient).severities == [.error])
    }

    @Test("a pod that nobody restarts is told, and accepted with `acceptUnmanaged`")
    func bare() {
        let bare = pod("shop/bare", labels: ["app": "bare"])
        #expect(found(bare).severities == [.error])
        var wanted = entry("shop", .sidecar, mtls: .strict)
        wanted.acceptUnmanaged = "until Monday"
        #expect(found(bare, entry: wanted).severities == [.note])
    }

    @Test("what ambient is about to capture is protected")
    func pending() {
        #expect(found(pod("shop/late", phase: "Pending", nodeName: ""), plane: .ambient) == [])
        #expect(found(pod("shop/uncaptured"), plane: .ambient) == [])
    }

    @Test(
        "ports kept out of a sidecar block, but for its own and for those that an exception opens")
    func excludedPorts() {
        let key = "traffic.sidecar.istio.io/excludeInboundPorts"
        #expect(
            found(agent([key: "9091, 15020"])).said == [
                "error: shop/Deployment/agent keeps port 9091 out of its sidecar (excludeInboundPorts)"
            ])
        #expect(found(agent([key: "15020,15090"])) == [])
        let open = entry(
            "shop", .sidecar, mtls: .strict,
            exceptions: [exception("agent", ["app": "agent"], [9091: .disable])])
        #expect(found(agent([key: "9091"]), entry: open) == [])
    }

    @Test("a list of included ports leaves the others out")
    func includedPorts() {
        let key = "traffic.sidecar.istio.io/includeInboundPorts"
        #expect(found(agent([key: ""])).first?.message.contains("keeps every port out") == true)
        #expect(
            found(agent([key: "80"], ports: [80, 90])).first?.message.contains("keeps port 90 out")
                == true)
        #expect(found(agent([key: "80,90"], ports: [80, 90])) == [])
        #expect(found(agent([key: "*"])) == [])
    }

    @Test("a sidecar that intercepts nothing blocks")
    func interceptionNone() {
        #expect(
            found(agent(["sidecar.istio.io/interceptionMode": "NONE"])).severities == [.error])
    }

    @Test("a Job is a client and a note, unless a Service leads to it")
    func jobs() {
        let labels = ["app": "load", "sidecar.istio.io/inject": "false"]
        let job = controller(.job, "shop/load", labels: labels)
        #expect(found(job).severities == [.note])
        #expect(found(job, services: [service("shop/load")]).severities == [.error])
    }

    @Test("what is scaled to nothing, and a namespace that is not STRICT, say nothing")
    func outside() {
        let labels = ["app": "x", "sidecar.istio.io/inject": "false"]
        #expect(found(deployment("shop/x", labels: labels, replicas: 0)) == [])
        let permissive = entry("shop", .sidecar, mtls: .permissive)
        #expect(found(deployment("shop/x", labels: labels), entry: permissive) == [])
    }

    @Test("labels are pasted as YAML that reads back as the same text")
    func hostileLabels() {
        let odd = pod(
            "shop/odd", labels: ["app": "yes\"}\n- evil", "pod-template-hash": "x"],
            hostNetwork: true)
        #expect(
            found(odd).first?.remedy
                == #"unprotected:\#n  - {selector: {app: "yes\"}\x0a- evil"}, reason: TEXT}"#)
    }
}
