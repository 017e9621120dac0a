import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Stages, waves, batches and limits")
struct StepOrderTests {
    static let spaces = ["a", "b", "c"].map { namespace($0) }

    @Test("stages are outermost, waves run in order inside them, no wave comes last")
    func waves() {
        let result = planned(
            plan(
                waves: ["one", "two"], entry("a", .ambient, mtls: .strict),
                entry("b", .ambient, mtls: .strict, wave: "two"),
                entry("c", .ambient, mtls: .strict, wave: "one")),
            on: mesh(Self.spaces))
        #expect(
            result.rollout.steps.map { "\($0.phase.rawValue) \($0.wave ?? "-")" } == [
                "enroll one", "enroll two", "enroll -", "permissive one", "permissive two",
                "permissive -", "strict one", "strict two", "strict -",
            ])
        #expect(result.rollout.batches.count == 9)
    }

    @Test("a wave that the rollout does not list is not forgotten")
    func unlistedWave() {
        let result = planned(
            plan(waves: ["one"], entry("a", .ambient, mtls: .strict, wave: "ghost")),
            on: mesh(Self.spaces))
        #expect(result.lines.count == 3)
    }

    @Test("as many namespaces are enrolled at once as the limit says")
    func namespacesAtOnce() {
        for (limit, batches) in [(1, 3), (2, 2), (3, 1), (0, 3)] {
            let result = planned(
                plan(entry("a", .ambient), entry("b", .ambient), entry("c", .ambient)) {
                    $0.rollout.limits.namespacesAtOnce = limit
                }, on: mesh(Self.spaces))
            #expect(result.rollout.batches.count == batches)
        }
    }

    @Test("restarts that run together keep within the limit of pods; a larger one runs alone")
    func podsAtOnce() {
        let result = planned(
            plan(entry("a", .sidecar)) { $0.rollout.limits.podsRestartingAtOnce = 5 },
            on: mesh(
                [
                    namespace("a", labels: ["istio-injection": "enabled"]),
                    deployment("a/d1", podsAtOnce: 3), deployment("a/d2", podsAtOnce: 2),
                    deployment("a/d3", podsAtOnce: 9), deployment("a/d4", podsAtOnce: 1),
                ]))
        #expect(
            result.rollout.batches.map { $0.map(\.change.object.name) } == [
                ["d1", "d2"], ["d3"], ["d4"],
            ])
    }

    @Test("who leaves the mesh goes after who comes or moves")
    func leaversLast() {
        let result = planned(
            plan(entry("a", DesiredDataplane.none), entry("b", .ambient)),
            on: mesh(
                namespace("a", labels: ["istio.io/dataplane-mode": "ambient"]), namespace("b")))
        #expect(result.rollout.steps.map(\.change.object.name) == ["b", "a"])
    }

    @Test("steps are numbered from one, in order, and batches never go back")
    func numbers() {
        let result = planned(
            plan(entry("a", .ambient, mtls: .strict), entry("b", .ambient, mtls: .strict)),
            on: mesh(Self.spaces))
        #expect(result.rollout.steps.map(\.id.number) == Array(1...result.rollout.steps.count))
        let batches = result.rollout.steps.map(\.batch)
        #expect(batches == batches.sorted())
    }

    @Test("policy steps settle, labels and restarts are confirmed by their pods")
    func settles() {
        let result = planned(
            plan(entry("a", .sidecar, mtls: .strict)), on: mesh(namespace("a"), deployment("a/d")))
        #expect(result.rollout.steps.map(\.settles) == [false, false, true, true])
    }

    @Test("the settings of the plan file go into the rollout")
    func settings() {
        let result = planned(
            plan {
                $0.rollout.settle = .seconds(7)
                $0.rollout.limits.confirm = .seconds(90)
            }, on: mesh())
        #expect(result.rollout.settings.settle == .seconds(7))
        #expect(result.rollout.settings.confirm == .seconds(90))
    }
}
