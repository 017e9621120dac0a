import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Gate workloads-ready")
struct WorkloadsReadyTests {
    private let rule = WorkloadsReady(namespaces: ["shop"])

    private var state: MeshState {
        mesh(
            namespace("shop"), rolledOut(deployment("shop/cart", labels: ["app": "cart"])),
            rolledOut(controller(.statefulSet, "shop/db", labels: ["app": "db"])),
            pod("shop/lone", labels: ["app": "lone"]))
    }

    private func editing(_ name: String, _ edit: (inout Workload) -> Void) -> MeshState {
        var state = state
        for index in state.workloads.indices where state.workloads[index].meta.name == name {
            edit(&state.workloads[index])
        }
        return state
    }

    @Test("complete rollouts with ready pods pass")
    func pass() {
        let found = rule.findings(in: state)
        #expect(found.lines == ["pass namespace shop: 2 workloads rolled out, 5 pods ready"])
    }

    @Test("a rollout on its way, past its deadline, or paused fails, and is named so")
    func fail() {
        let waiting = editing("cart") { $0.status.updatedReplicas = 1 }
        #expect(
            rule.findings(in: waiting).lines == [
                "fail Deployment shop/cart: 1 of 2 pods are new, 2 available"
            ])
        let stuck = editing("cart") { $0.status.deadlineExceeded = true }
        #expect(rule.findings(in: stuck)[0].reason == "exceeded its progress deadline")
        let paused = editing("cart") {
            $0.isPaused = true
            $0.status.updatedReplicas = 0
        }
        let found = rule.findings(in: paused)[0]
        #expect(found.verdict == .fail && found.reason.hasPrefix("it is paused"))
        #expect(found.command == "kubectl -n shop rollout resume deployment/cart")
        let unseen = editing("db") { $0.status.generation = 3 }
        #expect(rule.findings(in: unseen)[0].reason == "its controller has not seen it yet")
    }

    @Test("a pod that is not ready fails its workload; a bare pod fails alone")
    func pods() {
        func unready(_ name: String) -> [String] {
            rule.findings(in: state.editingPods { if $0.meta.name == name { $0.isReady = false } })
                .lines
        }
        #expect(unready("db-1") == ["fail StatefulSet shop/db: 1 of 2 pods not ready: db-1"])
        #expect(unready("lone") == ["fail pod shop/lone: 1 of 1 pod not ready: lone"])
    }

    @Test("pods that only a deletion would replace are not waited for")
    func onDelete() {
        let onDelete = editing("db") {
            $0.updateStrategy = "OnDelete"
            $0.status.updatedReplicas = 0
        }
        #expect(rule.findings(in: onDelete).letPass)
        let partition = editing("db") {
            $0.partition = 1
            $0.status.updatedReplicas = 1
        }
        #expect(rule.findings(in: partition).letPass)
    }

    @Test("Jobs are not counted, and said not to be")
    func jobs() {
        var state = state
        let job = controller(.job, "shop/batch")
        state.workloads += job.workloads
        state.pods += job.pods.map { pod in
            var pod = pod
            pod.isReady = false
            return pod
        }
        let found = rule.findings(in: state.sorted)
        #expect(found.letPass && found[0].evidence.contains("Jobs and CronJobs are not counted: 1"))
    }

    @Test("it does not pass when something that it needs is missing")
    func missing() {
        expectNoPass(
            of: rule, from: state,
            without: [
                Missing("the namespace") { $0.namespaces = [] },
                Missing("status") { state in
                    for index in state.workloads.indices {
                        state.workloads[index].status = RolloutStatus()
                    }
                },
                .status(ofPods: "app", "cart"), .status(ofPods: "app", "lone"),
            ])
        #expect(WorkloadsReady(namespaces: []).findings(in: state).verdicts == [.inconclusive])
    }
}
