import HTTPTypes
import JSON
import Testing

@testable import KubernetesSandbox

@Suite struct RolloutTests {
    private let path = "/apis/apps/v1/namespaces/shop"
    private let pods = "/api/v1/namespaces/shop/pods"

    @Test("a Deployment's pods become ready, and its status says so")
    func becomesReady() throws {
        var test = try TestCluster()
        try test.create(
            "\(path)/deployments", TestCluster.workload("Deployment", "web", replicas: 3))
        #expect(try test.items(pods).isEmpty)
        test.pass(.seconds(10))
        let found = test.cluster.list("pods", in: "shop")
        #expect(found.count == 3)
        #expect(found.allSatisfy { $0.isReadyPod && $0["status"]?["podIP"] != nil })
        #expect(Set(found.map { $0["spec"]?["nodeName"] }).count == 2)
        let status = try test.get("\(path)/deployments/web")["status"] ?? [:]
        #expect(status["availableReplicas"] == 3)
        #expect(status["updatedReplicas"] == 3)
        #expect(status["observedGeneration"] == 1)
        #expect(status["unavailableReplicas"] == nil)
    }

    @Test("pods for which there is no node wait, at no cost, until one may be used")
    func noNode() throws {
        var test = try TestCluster(nodes: 1)
        let node = "/api/v1/nodes/node-0"
        try test.mergePatch(node, ["spec": ["unschedulable": true]])
        try test.create("\(path)/deployments", TestCluster.workload("Deployment", "web"))
        test.pass(.seconds(3 * 86_400))
        let waiting = test.cluster.list("pods", in: "shop")
        #expect(waiting.count == 2 && waiting.allSatisfy { $0["spec"]?["nodeName"] == nil })
        #expect(test.cluster.pending.next == nil)
        try test.mergePatch(node, ["spec": ["unschedulable": .null]])
        test.pass(.seconds(10))
        #expect(test.cluster.list("pods", in: "shop").count { $0.isReadyPod } == 2)
    }

    @Test("a restart replaces every pod and never has fewer than allowed")
    func restarts() throws {
        var test = try TestCluster()
        try test.create(
            "\(path)/deployments", TestCluster.workload("Deployment", "web", replicas: 4))
        test.pass(.seconds(10))
        let before = Set(try test.items(pods).map(\.uid))
        let patched = try test.mergePatch("\(path)/deployments/web", TestCluster.restart("now"))
        #expect(patched.generation == 2)
        #expect(patched["status"]?["observedGeneration"] == 1)
        var least = 4
        for _ in 0..<300 {
            test.pass(.milliseconds(100))
            least = min(least, test.cluster.list("pods", in: "shop").count { $0.isReadyPod })
        }
        #expect(least == 3)
        let after = try test.items(pods)
        #expect(after.count == 4)
        #expect(before.isDisjoint(with: after.map(\.uid)))
        #expect(after.allSatisfy { $0.isReadyPod })
        let deployment = try test.get("\(path)/deployments/web")
        #expect(deployment["status"]?["observedGeneration"] == 2)
        #expect(deployment["status"]?["replicas"] == 4)
        #expect(deployment.annotations["deployment.kubernetes.io/revision"] == "2")
        #expect(deployment.condition("Progressing")?["reason"] == "NewReplicaSetAvailable")
    }

    @Test("a paused Deployment takes the annotation and does not roll")
    func paused() throws {
        var test = try TestCluster()
        try test.create("\(path)/deployments", TestCluster.workload("Deployment", "web"))
        test.pass(.seconds(10))
        let before = Set(try test.items(pods).map(\.uid))
        try test.mergePatch("\(path)/deployments/web", ["spec": ["paused": true]])
        try test.mergePatch("\(path)/deployments/web", TestCluster.restart("now"))
        test.pass(.seconds(60))
        #expect(Set(try test.items(pods).map(\.uid)) == before)
        try test.mergePatch("\(path)/deployments/web", ["spec": ["paused": .null]])
        test.pass(.seconds(60))
        #expect(before.isDisjoint(with: try test.items(pods).map(\.uid)))
    }

    @Test("a rollout that gets nowhere exceeds its deadline")
    func deadline() throws {
        var test = try TestCluster()
        try test.create("\(path)/deployments", TestCluster.workload("Deployment", "web"))
        test.pass(.seconds(10))
        var patch = TestCluster.restart("now")
        patch.set(["spec", "progressDeadlineSeconds"], 30)
        patch.set(
            ["spec", "template", "metadata", "annotations", SandboxCluster.neverReady], "true")
        try test.mergePatch("\(path)/deployments/web", patch)
        test.pass(.seconds(20))
        let early = try test.get("\(path)/deployments/web")
        #expect(early.condition("Progressing")?["status"] == "True")
        test.pass(.seconds(60))
        let late = try test.get("\(path)/deployments/web")
        #expect(late.condition("Progressing")?["reason"] == "ProgressDeadlineExceeded")
        #expect(late["status"]?["availableReplicas"] == 2)
    }

    @Test("a deleted pod of a controller comes back, a bare one does not")
    func comesBack() throws {
        var test = try TestCluster()
        try test.create(
            "\(path)/deployments", TestCluster.workload("Deployment", "web", replicas: 1))
        try test.create(
            pods,
            [
                "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "bare"],
                "spec": ["containers": [["name": "a", "image": "a:1"]]],
            ])
        test.pass(.seconds(10))
        let before = try test.items(pods)
        #expect(before.count == 2)
        for pod in before { #expect(try test.send(.delete, "\(pods)/\(pod.name)").status == 200) }
        #expect(try test.items(pods).allSatisfy { $0.isTerminating })
        test.pass(.seconds(10))
        let after = try test.items(pods)
        #expect(after.count == 1)
        #expect(after.first?.name.hasPrefix("web-") == true)
        #expect(after.first?.isReadyPod == true)
    }

    @Test("a StatefulSet is replaced from its highest ordinal down, one at a time")
    func statefulSet() throws {
        var test = try TestCluster()
        try test.create(
            "\(path)/statefulsets", TestCluster.workload("StatefulSet", "db", replicas: 3))
        test.pass(.seconds(30))
        #expect(try test.items(pods).map(\.name) == ["db-0", "db-1", "db-2"])
        let old = Dictionary(uniqueKeysWithValues: try test.items(pods).map { ($0.name, $0.uid) })
        try test.mergePatch("\(path)/statefulsets/db", TestCluster.restart("now"))
        var order: [String] = []
        for _ in 0..<600 {
            test.pass(.milliseconds(100))
            let found = test.cluster.list("pods", in: "shop")
            #expect(found.count { $0.isReadyPod } >= 2)
            for pod in found where old[pod.name] != pod.uid && !order.contains(pod.name) {
                order.append(pod.name)
            }
        }
        #expect(order == ["db-2", "db-1", "db-0"])
        let status = try test.get("\(path)/statefulsets/db")["status"] ?? [:]
        #expect(status["currentRevision"] == status["updateRevision"])
        #expect(status["updatedReplicas"] == 3)
        #expect(status["observedGeneration"] == 2)
    }

    @Test("a partition keeps the low ordinals on the old template")
    func partition() throws {
        var test = try TestCluster()
        var set = TestCluster.workload("StatefulSet", "db", replicas: 3)
        set.set(
            ["spec", "updateStrategy"],
            ["type": "RollingUpdate", "rollingUpdate": ["partition": 2]])
        try test.create("\(path)/statefulsets", set)
        test.pass(.seconds(30))
        let old = Dictionary(uniqueKeysWithValues: try test.items(pods).map { ($0.name, $0.uid) })
        try test.mergePatch("\(path)/statefulsets/db", TestCluster.restart("now"))
        test.pass(.seconds(60))
        let changed = try test.items(pods).filter { old[$0.name] != $0.uid }.map(\.name)
        #expect(changed == ["db-2"])
    }

    @Test("a DaemonSet has one pod on each node, and rolls over them")
    func daemonSet() throws {
        var test = try TestCluster(nodes: 3)
        try test.create("\(path)/daemonsets", TestCluster.workload("DaemonSet", "agent"))
        test.pass(.seconds(10))
        let before = try test.items(pods)
        #expect(
            Set(before.map { $0["spec"]?["nodeName"]?.string }) == ["node-0", "node-1", "node-2"])
        try test.mergePatch("\(path)/daemonsets/agent", TestCluster.restart("now"))
        var least = 3
        for _ in 0..<400 {
            test.pass(.milliseconds(100))
            least = min(least, test.cluster.list("pods", in: "shop").count { $0.isReadyPod })
        }
        #expect(least == 2)
        let after = try test.items(pods)
        #expect(after.count == 3)
        #expect(Set(before.map(\.uid)).isDisjoint(with: after.map(\.uid)))
        let status = try test.get("\(path)/daemonsets/agent")["status"] ?? [:]
        #expect(status["updatedNumberScheduled"] == 3)
        #expect(status["numberReady"] == 3)
    }

    @Test("Recreate stops the old pods before the new ones start")
    func recreate() throws {
        var test = try TestCluster()
        var deployment = TestCluster.workload("Deployment", "web")
        deployment.set(["spec", "strategy"], ["type": "Recreate"])
        try test.create("\(path)/deployments", deployment)
        test.pass(.seconds(10))
        let before = Set(try test.items(pods).map(\.uid))
        #expect(before.count == 2)
        try test.mergePatch("\(path)/deployments/web", TestCluster.restart("now"))
        for _ in 0..<200 {
            test.pass(.milliseconds(100))
            let uids = Set(test.cluster.list("pods", in: "shop").map(\.uid))
            #expect(uids.isDisjoint(with: before) || uids.isSubset(of: before))
        }
        let after = try test.items(pods)
        #expect(after.count == 2)
        #expect(after.allSatisfy { $0.isReadyPod && !before.contains($0.uid) })
    }

    @Test("a deleted Deployment takes its ReplicaSets and pods along")
    func garbage() throws {
        var test = try TestCluster()
        try test.create("\(path)/deployments", TestCluster.workload("Deployment", "web"))
        test.pass(.seconds(10))
        #expect(try test.send(.delete, "\(path)/deployments/web").status == 200)
        test.pass(.seconds(10))
        #expect(try test.items(pods).isEmpty)
        #expect(try test.items("\(path)/replicasets").isEmpty)
    }

    @Test("an orphaning delete leaves the dependents")
    func orphan() throws {
        var test = try TestCluster()
        try test.create("\(path)/deployments", TestCluster.workload("Deployment", "web"))
        test.pass(.seconds(10))
        let options: JSONValue = ["kind": "DeleteOptions", "propagationPolicy": "Orphan"]
        #expect(try test.send(.delete, "\(path)/deployments/web", options).status == 200)
        test.pass(.seconds(10))
        #expect(try test.items(pods).count == 2)
    }

    @Test("scaling through the scale subresource adds pods without a rollout")
    func scale() throws {
        var test = try TestCluster()
        try test.create("\(path)/deployments", TestCluster.workload("Deployment", "web"))
        test.pass(.seconds(10))
        let before = Set(try test.items(pods).map(\.uid))
        try test.mergePatch("\(path)/deployments/web/scale", ["spec": ["replicas": 4]])
        test.pass(.seconds(10))
        let after = Set(try test.items(pods).map(\.uid))
        #expect(after.count == 4)
        #expect(after.isSuperset(of: before))
        let tooMany: JSONValue = ["spec": ["replicas": 2_147_483_648]]
        let (status, _) = try test.send(
            .patch, "\(path)/deployments/web/scale", tooMany, type: "application/merge-patch+json")
        #expect(status == 400)
    }

    @Test("a sandbox holds 500 pods, however many are asked for")
    func podLimit() throws {
        var test = try TestCluster()
        try test.create("\(path)/deployments", TestCluster.workload("Deployment", "web"))
        try test.mergePatch("\(path)/deployments/web/scale", ["spec": ["replicas": 65_536]])
        test.pass(.seconds(30))
        #expect(test.cluster.allObjects.keys.count { $0.resource == "pods" } == 500)
        let pod: JSONValue = [
            "metadata": ["name": "one-more"],
            "spec": ["containers": [["name": "app", "image": "app:1"]]],
        ]
        let (status, body) = try test.send(.post, pods, pod)
        #expect(status == 403)
        #expect(
            body["message"]
                == "pods \"one-more\" is forbidden: the sandbox holds at most 500 pods")
    }

    @Test("a Job's pod runs to its end")
    func job() throws {
        var test = try TestCluster()
        try test.create(
            "/apis/batch/v1/namespaces/shop/jobs",
            [
                "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": "once"],
                "spec": [
                    "template": [
                        "spec": [
                            "restartPolicy": "Never",
                            "containers": [["name": "a", "image": "a:1"]],
                        ]
                    ]
                ],
            ])
        test.pass(.seconds(20))
        #expect(try test.items(pods).map(\.podPhase) == ["Succeeded"])
        let job = try test.get("/apis/batch/v1/namespaces/shop/jobs/once")
        #expect(job.condition("Complete")?["status"] == "True")
    }

    @Test("a Service's endpoints are the ready pods on the target port")
    func endpoints() throws {
        var test = try TestCluster()
        try test.create(
            "/api/v1/namespaces/shop/services",
            [
                "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"],
                "spec": ["selector": ["app": "web"], "ports": [["port": 80, "targetPort": 8080]]],
            ])
        try test.create("\(path)/deployments", TestCluster.workload("Deployment", "web"))
        test.pass(.seconds(10))
        let slices = try test.items("/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices")
        #expect(slices.count == 1)
        #expect(slices.first?["ports"]?.array?.first?["port"] == 8080)
        let endpoints = slices.first?["endpoints"]?.array ?? []
        #expect(endpoints.count == 2)
        #expect(endpoints.allSatisfy { $0["conditions"]?["ready"] == true })
    }
}
