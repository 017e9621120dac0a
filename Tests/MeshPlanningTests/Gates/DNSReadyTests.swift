import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Gate dns-ready")
struct DNSReadyTests {
    private let rule = DNSReady(
        namespace: "kube-system", selector: LabelSelector(["k8s-app": "kube-dns"]))

    private var state: MeshState {
        mesh(
            namespace("kube-system"),
            rolledOut(deployment("kube-system/coredns", labels: ["k8s-app": "kube-dns"])))
    }

    private func editing(_ edit: (inout Workload) -> Void) -> MeshState {
        var state = state
        for index in state.workloads.indices { edit(&state.workloads[index]) }
        return state
    }

    @Test("ready pods of a Deployment at strength pass")
    func pass() {
        let found = rule.findings(in: state)
        #expect(found.lines == ["pass DNS in namespace kube-system: 2 pods ready"])
        #expect(found[0].evidence.first == "Deployment kube-system/coredns is at strength")
    }

    @Test("a pod that is not ready, a Deployment below strength or scaled to zero fail")
    func fail() {
        let unready = state.editingPods { if $0.meta.name == "coredns-1" { $0.isReady = false } }
        #expect(rule.findings(in: unready).lines == ["fail pod kube-system/coredns-1: not ready"])
        let weak = editing { $0.status.availableReplicas = 1 }
        #expect(
            rule.findings(in: weak).lines == [
                "fail Deployment kube-system/coredns: 2 of 2 pods are new, 1 available"
            ])
        var none = editing {
            $0.replicas = 0
            $0.status = RolloutStatus(generation: 3, observedGeneration: 3)
        }
        none.pods = []
        #expect(rule.findings(in: none).verdicts == [.fail])
    }

    @Test("pods of no known controller are judged by themselves")
    func bare() {
        let bare = mesh(pod("kube-system/dns", labels: ["k8s-app": "kube-dns"]))
        #expect(rule.findings(in: bare).letPass)
    }

    @Test("labels that no pod has are a doubt in the namespace of the plan file's setting")
    func others() {
        let found = DNSReady(namespace: "kube-system", selector: LabelSelector(["app": "dns"]))
            .findings(in: state)
        #expect(found.verdicts == [.inconclusive] && found[0].namespace == "kube-system")
        #expect(found[0].hint?.contains("gates.dns-ready") == true)
    }

    @Test("it does not pass when something that it needs is missing")
    func missing() {
        expectNoPass(
            of: rule, from: state,
            without: [
                Missing("pods") { $0.pods = [] },
                Missing("pods and Deployment") {
                    $0.pods = []
                    $0.workloads = []
                },
                Missing("status") { state in
                    for index in state.workloads.indices {
                        state.workloads[index].status = RolloutStatus()
                    }
                },
                .status(ofPods: "k8s-app", "kube-dns"),
            ])
    }
}
