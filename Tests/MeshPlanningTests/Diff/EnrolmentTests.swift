import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Enrolment: labels, restarts and their order")
struct EnrolmentTests {
    static let injected = ["istio-injection": "enabled"]
    static let ambient = ["istio.io/dataplane-mode": "ambient"]

    func lines(
        _ dataplane: DesiredDataplane, _ labels: [String: String] = [:], revision: String? = nil,
        plane: PodDataplane = .none
    ) -> [String] {
        planned(
            plan(entry("shop", dataplane, revision: revision)),
            on: mesh(namespace("shop", labels: labels), deployment("shop/cart", plane: plane))
        ).lines
    }

    @Test("sidecar: the label, then the restarts of pods without one")
    func sidecar() {
        #expect(
            lines(.sidecar) == [
                "enroll label Namespace shop istio-injection=enabled",
                "enroll restart Deployment shop/cart sidecar",
            ])
        #expect(lines(.sidecar, Self.injected, plane: .sidecar).isEmpty)
        #expect(lines(.sidecar, Self.injected) == ["enroll restart Deployment shop/cart sidecar"])
    }

    @Test("a revision takes istio-injection away in the same patch, whatever it said")
    func revision() {
        for value in ["enabled", "disabled"] {
            #expect(
                lines(.sidecar, ["istio-injection": value], revision: "canary").first
                    == "enroll label Namespace shop istio-injection- istio.io/rev=canary")
        }
        #expect(
            lines(.sidecar, ["istio.io/rev": "old"]).first
                == "enroll label Namespace shop istio-injection=enabled istio.io/rev-")
    }

    @Test("ambient: only the label; running pods are captured as they are")
    func intoAmbient() {
        #expect(lines(.ambient) == ["enroll label Namespace shop istio.io/dataplane-mode=ambient"])
        #expect(lines(.ambient, Self.ambient, plane: .ambient).isEmpty)
    }

    @Test("none: labels go, sidecars are restarted away, captured pods are let go")
    func leaving() {
        #expect(
            lines(.none, Self.injected, plane: .sidecar) == [
                "enroll label Namespace shop istio-injection-",
                "enroll restart Deployment shop/cart none",
            ])
        #expect(
            lines(.none, ["istio.io/rev": "canary"], plane: .sidecar).first
                == "enroll label Namespace shop istio.io/rev-")
        #expect(
            lines(.none, Self.ambient, plane: .ambient)
                == ["enroll label Namespace shop istio.io/dataplane-mode-"])
    }

    @Test("istio-injection=disabled stays as somebody's written intention")
    func disabledStays() {
        #expect(lines(.none, ["istio-injection": "disabled"]).isEmpty)
        #expect(
            lines(.ambient, ["istio-injection": "disabled"])
                == ["enroll label Namespace shop istio.io/dataplane-mode=ambient"])
    }

    @Test("sidecar to ambient: the ambient label is there before injection goes, then restarts")
    func sidecarToAmbient() {
        #expect(
            lines(.ambient, Self.injected, plane: .sidecar) == [
                "enroll label Namespace shop istio.io/dataplane-mode=ambient",
                "enroll label Namespace shop istio-injection-",
                "enroll restart Deployment shop/cart ambient",
            ])
    }

    @Test("ambient to sidecar: injection, restarts, and only then the ambient label goes")
    func ambientToSidecar() {
        let expected = [
            "enroll label Namespace shop istio-injection=enabled",
            "enroll restart Deployment shop/cart sidecar",
            "enroll label Namespace shop istio.io/dataplane-mode-",
        ]
        #expect(lines(.sidecar, Self.ambient, plane: .ambient) == expected)
    }

    @Test("ambient to a revision: all injection labels change before the restarts")
    func ambientToRevision() {
        let labels = Self.ambient.merging(["istio-injection": "disabled"]) { a, _ in a }
        #expect(
            lines(.sidecar, labels, revision: "canary", plane: .ambient) == [
                "enroll label Namespace shop istio-injection- istio.io/rev=canary",
                "enroll restart Deployment shop/cart sidecar",
                "enroll label Namespace shop istio.io/dataplane-mode-",
            ])
    }

    @Test("ambient to sidecar goes on half-way: pods not restarted keep ztunnel until they are")
    func ambientToSidecarHalfWay() {
        let labels = Self.ambient.merging(Self.injected) { a, _ in a }
        #expect(
            lines(.sidecar, labels, plane: .ambient) == [
                "enroll restart Deployment shop/cart sidecar",
                "enroll label Namespace shop istio.io/dataplane-mode-",
            ])
    }

    /// As the plan has it where the namespace is labelled, and this is its Deployment's only pod.
    private func restarts(
        of phase: String = "Running", nodeName: String = "node-1", isTerminating: Bool = false
    ) -> [String] {
        let owner = OwnerReference(kind: "ReplicaSet", name: "cart-rs")
        let part = pod(
            "shop/p", owner: owner, phase: phase, nodeName: nodeName, isTerminating: isTerminating)
        let state = mesh(
            namespace("shop", labels: Self.injected), deployment("shop/cart", replicas: 0), part)
        return planned(plan(entry("shop", .sidecar)), on: state).lines
    }

    @Test("pods that are finished or on their way out need no restart")
    func leavingPods() {
        #expect(restarts(of: "Succeeded") == [])
        #expect(restarts(isTerminating: true) == [])
    }

    @Test("a pod that was made without a sidecar and has not started yet needs a restart, too")
    func comingPods() {
        let restart = ["enroll restart Deployment shop/cart sidecar"]
        #expect(restarts(of: "Pending") == restart)
        #expect(restarts(nodeName: "") == restart)
        #expect(restarts() == restart)
    }

    @Test("pods that opt out of injection are not restarted")
    func optOut() {
        let result = planned(
            plan(entry("shop", .sidecar)),
            on: mesh(
                namespace("shop", labels: Self.injected),
                deployment("shop/cart", labels: ["sidecar.istio.io/inject": "false"])))
        #expect(result.lines.isEmpty)
    }

    @Test("a revision, or the default injector, without a webhook blocks the plan")
    func unknownRevision() {
        let state = mesh(namespace("shop"), revisions: ["canary"])
        let slip = planned(plan(entry("shop", .sidecar, revision: "canery")), on: state)
        #expect(slip.codes == [.unknownRevision])
        #expect(slip.diagnostics[0].detail.contains("Did you mean canary?"))
        #expect(planned(plan(entry("shop", .sidecar)), on: state).codes == [.unknownRevision])
        #expect(!planned(plan(entry("shop", .sidecar, revision: "canary")), on: state).isBlocked)
        #expect(
            !planned(plan(entry("shop", .sidecar)), on: mesh(namespace("shop"))).isBlocked)
    }

    @Test("paused, OnDelete and partitioned workloads block, with the command a person runs")
    func blocked() {
        let parts = [
            deployment("shop/cart", isPaused: true),
            controller(.daemonSet, "shop/agent", updateStrategy: "OnDelete"),
            controller(.statefulSet, "shop/db", updateStrategy: "OnDelete"),
            controller(.statefulSet, "shop/db", partition: 1),
        ]
        for part in parts {
            let result = planned(plan(entry("shop", .sidecar)), on: mesh(namespace("shop"), part))
            #expect(result.codes == [.restartByPerson])
            #expect(result.isBlocked)
            #expect(result.diagnostics.first?.remedy?.hasPrefix("kubectl -n shop ") == true)
        }
    }

    @Test("StatefulSets and DaemonSets are restarted as Deployments are")
    func kinds() {
        let result = planned(
            plan(entry("shop", .sidecar)),
            on: mesh(
                namespace("shop", labels: Self.injected), controller(.daemonSet, "shop/agent"),
                controller(.statefulSet, "shop/db")))
        #expect(
            result.lines == [
                "enroll restart DaemonSet shop/agent sidecar",
                "enroll restart StatefulSet shop/db sidecar",
            ])
    }

    @Test("Jobs and CronJobs are named and left to their next run")
    func jobs() {
        let result = planned(
            plan(entry("shop", .sidecar)),
            on: mesh(
                namespace("shop", labels: Self.injected), controller(.job, "shop/once"),
                controller(.cronJob, "shop/nightly", replicas: 0),
                controller(
                    .job, "shop/nightly-1", owner: OwnerReference(kind: "CronJob", name: "nightly"))
            ))
        #expect(result.lines.isEmpty)
        #expect(result.codes == [.restartByPerson, .restartByPerson])
        #expect(
            result.diagnostics.map { String($0.message.prefix { $0 != ":" }) }
                == ["shop/CronJob/nightly", "shop/Job/once"])
        #expect(result.diagnostics.allSatisfy { $0.severity == .note })
    }

    @Test(
        "bare pods, lone ReplicaSets and pods of controllers that meshctl does not know are named")
    func unmanaged() {
        let result = planned(
            plan(entry("shop", .sidecar)),
            on: mesh(
                [
                    namespace("shop", labels: Self.injected), pod("shop/bare"),
                    pod("shop/odd", owner: OwnerReference(kind: "Rollout", name: "odd")),
                    pod("shop/lost", owner: OwnerReference(kind: "ReplicaSet", name: "unread")),
                    controller(.replicaSet, "shop/alone", labels: ["app": "alone"]),
                    controller(
                        .replicaSet, "shop/argo-rs",
                        owner: OwnerReference(kind: "Rollout", name: "argo")),
                ]))
        #expect(result.lines.isEmpty && !result.isBlocked)
        let text = result.diagnostics.map(\.message).joined(separator: "\n")
        for name in ["shop/bare", "shop/odd", "shop/lost", "shop/ReplicaSet/alone", "Rollout argo"]
        {
            #expect(text.contains(name), "\(name) in \(text)")
        }
        let remedies = result.diagnostics.compactMap(\.remedy)
        #expect(remedies.contains("kubectl -n shop delete pod alone-0 alone-1"))
        #expect(remedies.contains { $0.contains("patch rollouts.argoproj.io argo ") })
    }

    @Test("a restart without a spare pod is marked disruptive")
    func disruptive() {
        func marks(_ part: MeshPart) -> [StepMark]? {
            planned(plan(entry("shop", .sidecar)), on: mesh(namespace("shop"), part))
                .rollout.steps.last?.marks
        }
        #expect(marks(deployment("shop/cart", replicas: 1)) == [.disruptive])
        #expect(marks(deployment("shop/cart", updateStrategy: "Recreate")) == [.disruptive])
        #expect(marks(deployment("shop/cart")) == [])
    }

    @Test("where enrolment would inherit STRICT, PERMISSIVE is written first")
    func protective() {
        let strict = policy("istio-system/default", .strict, labels: madeBy(plan: "home"))
        let result = planned(
            plan(entry("shop", .ambient, mtls: .strict)),
            on: mesh(namespace("istio-system"), namespace("shop"), deployment("shop/cart"), strict))
        #expect(
            result.batchLines == [
                ["enroll create PeerAuthentication shop/default PERMISSIVE"],
                ["enroll label Namespace shop istio.io/dataplane-mode=ambient"],
                ["strict update PeerAuthentication shop/default STRICT"],
            ])
    }

    @Test("a namespace whose pods have a data plane already needs no protection")
    func noProtection() {
        let strict = policy("istio-system/default", .strict)
        let result = planned(
            plan(entry("shop", .ambient, mtls: .strict)),
            on: mesh(
                namespace("istio-system"), namespace("shop", labels: Self.injected),
                deployment("shop/cart", plane: .sidecar), strict))
        #expect(!result.lines.contains { $0.contains("PERMISSIVE") })
    }

    @Test(
        "enrolment under a STRICT that the plan does not replace is blocked",
        arguments: [
            nil, MTLSMode.unset,
        ])
    func inheritsStrict(mtls: MTLSMode?) {
        let result = planned(
            plan(entry("shop", .ambient, mtls: mtls)),
            on: mesh(
                namespace("istio-system"), namespace("shop"), deployment("shop/cart"),
                policy("istio-system/default", .strict)))
        #expect(result.codes == [.enrolmentInheritsStrict])
        #expect(result.isBlocked)
    }

    @Test("enrolment under a STRICT workload policy of somebody else is blocked, and names it")
    func workloadStrict() {
        let result = planned(
            plan(entry("shop", .ambient, mtls: .permissive)),
            on: mesh(
                namespace("shop"), deployment("shop/cart", labels: ["app": "cart"]),
                policy("shop/theirs", .strict, selector: ["app": "cart"])))
        #expect(result.codes == [.enrolmentInheritsStrict])
        #expect(result.diagnostics.first?.detail.contains("shop/theirs") == true)
    }
}
