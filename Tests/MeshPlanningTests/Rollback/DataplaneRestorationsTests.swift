import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("A rollback of data planes")
struct DataplaneRestorationsTests {
    static let injected = mesh(
        namespace("shop", labels: ["istio-injection": "enabled"]), namespace("other"),
        deployment("shop/web", plane: .sidecar), deployment("other/web"))

    @Test("brings the sidecars back before the ambient label goes")
    func sidecarsFirst() {
        let run = applied(plan(entry("shop", .ambient)), on: Self.injected)
        #expect(
            undoing(run).batchLines == [
                ["restore label Namespace shop istio-injection=enabled"],
                ["restore restart Deployment shop/web sidecar"],
                ["restore label Namespace shop istio.io/dataplane-mode-"],
            ])
    }

    @Test("puts the ambient label back before the injection label goes")
    func ambientFirst() {
        let state = mesh(
            namespace("shop", labels: ["istio.io/dataplane-mode": "ambient"]),
            deployment("shop/web", plane: .ambient))
        let run = applied(plan(entry("shop", .sidecar)), on: state)
        #expect(
            undoing(run).batchLines == [
                ["restore label Namespace shop istio.io/dataplane-mode=ambient"],
                ["restore label Namespace shop istio-injection-"],
                ["restore restart Deployment shop/web ambient"],
            ])
    }

    @Test("relaxes all policies before anything leaves the mesh, and tightens after all is back")
    func betweenPolicies() {
        let state = mesh(
            [MeshPart].of(Self.injected) + [
                policy("shop/default", .disable, labels: madeBy(plan: "home"))
            ])
        let run = applied(
            plan(entry("other", .sidecar, mtls: .strict), entry("shop", .ambient, mtls: .strict)),
            on: state)
        #expect(undoing(run).rollout.steps.map(\.phase).runs == [.relax, .restore, .retighten])
    }

    @Test("restarts again what is just being restarted: its new pods are in no list yet")
    func underRestart() {
        let before = mesh(namespace("shop"), deployment("shop/web"))
        let run = applied(plan(entry("shop", .sidecar)), on: before)
        var state = run.state
        state.pods = before.pods
        #expect(!undoing(run, on: state).lines.contains { $0.contains("restart") })
        for index in state.workloads.indices where state.workloads[index].kind == .deployment {
            state.workloads[index].status = RolloutStatus(
                generation: 2, observedGeneration: 2, totalReplicas: 2)
        }
        #expect(
            undoing(run, on: state).lines == [
                "restore label Namespace shop istio-injection-",
                "restore restart Deployment shop/web none",
            ])
    }

    @Test("restarts workloads only in namespaces whose labels go back")
    func onlyWhereLabelsGoBack() {
        let stale = mesh(
            namespace("shop", labels: ["istio-injection": "enabled"]), namespace("other"),
            deployment("shop/web", plane: .sidecar), deployment("other/web", plane: .sidecar))
        let run = applied(plan(entry("shop", .ambient), entry("other", mtls: .strict)), on: stale)
        #expect(
            undoing(run).lines.filter { $0.contains("restart") }
                == ["restore restart Deployment shop/web sidecar"])
    }

    @Test("lets the namespaces that leave the mesh go last")
    func leavingLast() {
        let run = applied(
            plan(entry("other", .ambient), entry("shop", .ambient)), on: Self.injected)
        #expect(
            undoing(run).lines == [
                "restore label Namespace shop istio-injection=enabled",
                "restore restart Deployment shop/web sidecar",
                "restore label Namespace shop istio.io/dataplane-mode-",
                "restore label Namespace other istio.io/dataplane-mode-",
            ])
    }

    @Test("goes back to the first of the values that a run wrote over")
    func writtenTwice() {
        let state = mesh(namespace("shop", labels: ["istio.io/rev": "old"]))
        let run = run(
            labelChange("shop", ["istio.io/rev": "old"], ["istio.io/rev": "new"]),
            labelChange("shop", ["istio.io/rev": "new"], ["istio.io/rev": nil]), on: state)
        #expect(undoing(run).lines == ["restore label Namespace shop istio.io/rev=old"])
    }

    @Test("goes on with the restarts where the labels are back already")
    func restartsAlone() {
        let run = applied(plan(entry("shop", .ambient)), on: Self.injected)
        let half = run.state.applying([
            labelChange(
                "shop", ["istio-injection": nil, "istio.io/dataplane-mode": "ambient"],
                ["istio-injection": "enabled", "istio.io/dataplane-mode": nil])
        ])
        #expect(
            undoing(run, on: half).lines == ["restore restart Deployment shop/web sidecar"])
    }

    @Test("leaves a paused workload, says so, and keeps the plane that its pods have")
    func paused() {
        let run = applied(plan(entry("shop", .ambient)), on: Self.injected)
        var paused = run.state
        for index in paused.workloads.indices where paused.workloads[index].kind == .deployment {
            paused.workloads[index].isPaused = true
        }
        let planned = undoing(run, on: paused)
        #expect(planned.lines == ["restore label Namespace shop istio-injection=enabled"])
        #expect(planned.leftAlone.map(\.text) == ["Deployment shop/web", "Namespace shop"])
        #expect(planned.diagnostics.map(\.code) == [.restartByPerson, .leftOver])
        #expect(planned.diagnostics.allSatisfy { $0.severity == .warning })
        #expect(planned.conflicts == [])
    }

    @Test("does not restart pods under a revision that nobody serves any more")
    func revisionGone() {
        var state = mesh(
            namespace("shop", labels: ["istio.io/rev": "old"]),
            deployment("shop/web", plane: .sidecar), revisions: ["default", "old"])
        let run = applied(plan(entry("shop", .ambient)), on: state)
        state = run.state
        state.revisions = ["default"]
        let planned = undoing(run, on: state)
        #expect(planned.lines == [])
        #expect(planned.leftAlone.map(\.text) == ["Namespace shop"])
        #expect(planned.diagnostics.map(\.code) == [.unknownRevision])
    }

    @Test("with policiesOnly says nothing about data planes")
    func policiesOnly() {
        let run = applied(plan(entry("shop", .ambient, mtls: .strict)), on: Self.injected)
        let edited = run.state.applying([
            labelChange("shop", [:], ["istio.io/dataplane-mode": "none"])
        ])
        let planned = undoing(run, on: edited, policiesOnly: true)
        #expect(planned.lines == ["relax delete PeerAuthentication shop/default"])
        #expect(planned.conflicts == [])
        #expect(planned.leftAlone == [])
    }
}

extension [Phase] {
    /// Each phase once for as long as it lasts.
    fileprivate var runs: [Phase] {
        reduce(into: []) { runs, phase in
            if runs.last != phase { runs.append(phase) }
        }
    }
}
