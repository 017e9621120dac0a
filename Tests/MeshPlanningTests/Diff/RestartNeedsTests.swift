import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

/// The rulings of `docs/restarts.md` that `EnrolmentTests` does not hold.
@Suite("Restarts kind by kind")
struct RestartNeedsTests {
    private func result(
        _ part: MeshPart, accept reason: String? = nil, services: [Service] = []
    ) -> PlannedRollout {
        var entry = entry("shop", .sidecar)
        entry.acceptUnmanaged = reason
        let state = mesh(namespace("shop", labels: sidecarLabels), part).with(services)
        return planned(plan(entry), on: state)
    }

    @Test("bare pods that the plan accepts are a note with the reason")
    func accepted() throws {
        let bare = result(pod("shop/debug"), accept: "restarted by hand")
        #expect(bare.codes == [.unmanagedPod])
        #expect(bare.diagnostics.first?.severity == .note)
        #expect(bare.diagnostics.first?.detail.contains("restarted by hand") == true)
        let warned = try #require(result(pod("shop/debug")).diagnostics.first)
        #expect(warned.severity == .warning && warned.detail.contains("acceptUnmanaged"))
    }

    /// A namespace with sidecars of revision 1-26, and webhooks that lead `prod` to 1-27.
    private func revisions(
        pods: String, asked: String = "prod", knowsWebhooks: Bool = true, planes: [String] = []
    ) -> MeshState {
        var state = mesh(
            namespace("shop", labels: [LabelKeys.revision: asked]),
            deployment("shop/cart", labels: ["app": "cart"], plane: .sidecar),
            revisions: ["prod", "1-26"])
        if knowsWebhooks {
            let webhook = InjectorWebhooks.Webhook(
                name: "rev.namespace.sidecar-injector.istio.io",
                namespaceSelector: PodSelector(matchLabels: [LabelKeys.revision: "prod"]))
            state.injectors.webhooks = [
                InjectorWebhooks(
                    name: "prod", served: "prod", revision: "1-27", webhooks: [webhook])
            ]
        }
        state.surroundings.controlPlanes = planes.map {
            ControlPlane(meta: ObjectMeta(name: "istiod-\($0)"), revision: $0)
        }
        return state.editingPods { $0.meta.annotations[LabelKeys.revision] = pods }
    }

    @Test("sidecars of another revision are restarted before STRICT, those of the right one not")
    func otherRevision() {
        let wanted = plan(entry("shop", .sidecar, revision: "prod", mtls: .strict))
        let restart = "enroll restart Deployment shop/cart sidecar"
        let lines = planned(wanted, on: revisions(pods: "1-26")).lines
        #expect(lines.first == restart && lines.last?.hasPrefix("strict ") == true, "\(lines)")
        #expect(!planned(wanted, on: revisions(pods: "1-27")).lines.contains(restart))
        // Once they are restarted there is nothing left to restart.
        let done = applied(wanted, on: revisions(pods: "1-26")).state
        #expect(planned(wanted, on: done).lines == [])
    }

    @Test("what a label stands for is not guessed: a tag's revision has to be read")
    func unknownRevision() {
        let wanted = plan(entry("shop", .sidecar, revision: "prod"))
        let unread = revisions(pods: "1-26", knowsWebhooks: false)
        #expect(planned(wanted, on: unread).lines == [])
        let noTag = revisions(pods: "1-26", knowsWebhooks: false, planes: ["prod"])
        #expect(planned(wanted, on: noTag).lines.count == 1)
        let silent = unread.editingPods { $0.meta.annotations[LabelKeys.revision] = nil }
        #expect(planned(wanted, on: silent).lines == [])
    }

    @Test("a way back to another revision restarts the pods that have the new one's sidecars")
    func wayBack() {
        let before = revisions(pods: "1-26", asked: "1-26")
        var run = applied(plan(entry("shop", .sidecar, revision: "prod")), on: before)
        #expect(run.run.rollout.steps.count == 2)
        run.state = run.state.editingPods { $0.meta.annotations[LabelKeys.revision] = "1-27" }
        run.state.surroundings.controlPlanes = [
            ControlPlane(meta: ObjectMeta(name: "istiod-1-26"), revision: "1-26")
        ]
        #expect(
            undoing(run).lines == [
                "restore label Namespace shop istio.io/rev=1-26",
                "restore restart Deployment shop/cart sidecar",
            ])
    }

    @Test("a reason accepts pods, not workloads that a person has to restart")
    func acceptsPodsAlone() {
        let paused = result(deployment("shop/cart", isPaused: true), accept: "by hand")
        #expect(paused.isBlocked)
    }

    @Test(
        "a workload that another controller owns is named with it, and left to a person",
        arguments: [WorkloadKind.deployment, .statefulSet, .daemonSet, .replicaSet])
    func owned(kind: WorkloadKind) throws {
        let result = result(
            controller(kind, "shop/db", owner: OwnerReference(kind: "Postgres", name: "main")))
        #expect(result.lines.isEmpty && !result.isBlocked)
        let only = try #require(result.diagnostics.first)
        #expect(only.code == .restartByPerson && only.severity == .warning)
        #expect(only.message.contains("belongs to Postgres main"))
        #expect(only.remedy == "kubectl -n shop delete pod db-0 db-1")
    }

    @Test("Argo Rollouts and DeploymentConfigs are named with their own command")
    func knownOwners() {
        func remedy(_ owner: String, _ name: String = "web") -> String? {
            result(
                controller(
                    .replicaSet, "shop/web-1", owner: OwnerReference(kind: owner, name: name))
            ).diagnostics.first?.remedy
        }
        #expect(
            remedy("Rollout")?.hasPrefix("kubectl -n shop patch rollouts.argoproj.io web ") == true)
        #expect(remedy("Rollout")?.contains("restartAt") == true)
        #expect(remedy("DeploymentConfig") == "oc -n shop rollout latest dc/web")
        #expect(remedy("Rollout", "a; rm -rf")?.contains("rm -rf") == false)
    }

    @Test("a pod whose Rollout alone is known gets the same command")
    func podOfRollout() {
        let result = result(
            pod("shop/odd", owner: OwnerReference(kind: "Rollout", name: "odd")))
        #expect(result.codes == [.unmanagedPod])
        #expect(result.diagnostics.first?.remedy?.contains("rollouts.argoproj.io odd ") == true)
    }

    @Test("a Job that runs is waited for, a CronJob changes with its next run")
    func jobs() {
        let job = result(controller(.job, "shop/once", replicas: 1))
        #expect(job.lines.isEmpty)
        #expect(job.diagnostics.first?.message.contains("until it has finished") == true)
        #expect(job.diagnostics.first?.detail.contains("before STRICT") == true)
        let cron = result(controller(.cronJob, "shop/nightly", replicas: 1))
        #expect(cron.diagnostics.first?.message.contains("next run") == true)
    }

    @Test("the way in from outside the cluster restarts disruptively, others do not")
    func door() {
        func marks(_ type: String, labels: [String: String]) -> [StepMark]? {
            result(
                deployment("shop/web", labels: labels),
                services: [service("shop/web", type: type)]
            ).rollout.steps.first?.marks
        }
        #expect(marks("LoadBalancer", labels: ["app": "web"]) == [.disruptive])
        #expect(marks("LoadBalancer", labels: ["app": "db"]) == [])
        #expect(marks("ClusterIP", labels: ["app": "web"]) == [])
    }

    @Test("Istio's gateways and waypoints are not restarted")
    func gateways() {
        let gateway = deployment(
            "shop/gw", labels: ["gateway.istio.io/managed": "istio.io-gateway-controller"])
        #expect(result(gateway).lines.isEmpty)
        let waypoint = deployment(
            "shop/wp", labels: ["gateway.istio.io/managed": "istio.io-mesh-controller"])
        #expect(result(waypoint).lines.isEmpty)
    }
}
