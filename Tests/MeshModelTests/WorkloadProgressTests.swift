import MeshModel
import Testing

@Suite("How far a rollout is")
struct WorkloadProgressTests {
    private func progress(
        _ kind: WorkloadKind = .deployment, updated: Int = 3, available: Int = 3, total: Int = 3,
        _ edit: (inout Workload) -> Void = { _ in }
    ) -> RolloutProgress {
        var workload = Workload(
            kind: kind, meta: ObjectMeta(name: "cart", namespace: "shop"), replicas: 3,
            status: RolloutStatus(
                generation: 2, observedGeneration: 2, updatedReplicas: updated,
                availableReplicas: available, totalReplicas: total))
        edit(&workload)
        return workload.progress
    }

    @Test("it is complete when all pods are new and available, and no old one is left")
    func complete() {
        #expect(progress() == .complete)
        #expect(progress(updated: 2) == .waiting(done: 2, why: "2 of 3 pods are new, 3 available"))
        #expect(
            progress(available: 1) == .waiting(done: 1, why: "3 of 3 pods are new, 1 available"))
        #expect(progress(total: 4) != .complete)
    }

    @Test("a status of an older generation says nothing of this one; without any, nothing is known")
    func generation() {
        let unseen = progress { $0.status.generation = 3 }
        #expect(unseen == .waiting(done: 0, why: "its controller has not seen it yet"))
        #expect(progress { $0.status = RolloutStatus() } == .unknown)
    }

    @Test("past its progress deadline waiting does not help; while it is paused it is said")
    func stuck() {
        let late = progress { $0.status.deadlineExceeded = true }
        #expect(late == .stuck(why: "exceeded its progress deadline"))
        let paused = progress(updated: 0) { $0.isPaused = true }
        #expect(
            paused == .waiting(done: 0, why: "it is paused; 0 of 3 pods are new, 3 available"))
        #expect(progress { $0.isPaused = true } == .complete)
    }

    @Test("pods that only a deletion replaces are not waited for")
    func heldBack() {
        #expect(progress(.daemonSet, updated: 0) { $0.updateStrategy = "OnDelete" } == .complete)
        #expect(progress(.statefulSet, updated: 1) { $0.partition = 2 } == .complete)
        #expect(progress(.statefulSet, updated: 0) { $0.partition = 2 } != .complete)
        #expect(progress(.replicaSet, updated: 0) == .complete)
    }

    @Test("an image's tag, past the registry's port and before the digest")
    func imageTag() {
        #expect(
            Container.tag(ofImage: "registry:5000/istio/pilot:1.27.1@sha256:00") == "1.27.1")
        #expect(
            Container(name: "app", image: "istio/ztunnel:1.27.1-distroless").imageTag
                == "1.27.1-distroless")
        #expect(Container.tag(ofImage: "registry:5000/istio/pilot@sha256:00") == "")
    }
}
