import MeshModel
import MeshPlanning
import TestSupport
import Testing

/// Each seed is a random plan on a random cluster, run up to a random point: steps refused, in doubt, or
/// found done.
@Suite("Of the way back from any run")
struct RollbackPropertyTests {
    static let seeds = 0..<600

    @Test("two hundred random runs did something, so that the others say something")
    func notVacuous() {
        let runs = Self.seeds.compactMap(RandomRun.init)
        #expect(runs.count { !undoing($0.model).lines.isEmpty } > 200)
    }

    @Test("policies and labels end as they were, and so do the data planes", arguments: seeds)
    func restored(seed: Int) {
        guard let run = RandomRun(seed: seed) else { return }
        let planned = undoing(run.model)
        #expect(planned.conflicts == [])
        expect(run.model.state.applying(planned), isAs: run.before)
    }

    @Test(
        "a run that is known from its checkpoint alone is undone the same way, however far it got",
        arguments: seeds)
    func pulled(seed: Int) throws {
        guard var run = RandomRun(seed: seed),
            // Nothing tells what the run found done from what it did.
            !run.model.run.steps.values.contains(.foundDone)
        else { return }
        run.model.run = try #require(
            RunState(replaying: [
                .started(run.model.run.header, run.model.run.rollout), .pulled(by: "me@laptop"),
            ]))
        let planned = undoing(run.model)
        #expect(planned.conflicts == [])
        expect(run.model.state.applying(planned), isAs: run.before)
    }

    private func expect(_ end: MeshState, isAs before: MeshState) {
        #expect(end.images == before.images)
        #expect(end.namespaceLabels == before.namespaceLabels)
        #expect(end.templateLabels == before.templateLabels)
        #expect(end.trafficImages == before.trafficImages)
        let settled = before.settledPods
        #expect(
            end.planes.filter { settled.contains($0.key) }
                == before.planes.filter { settled.contains($0.key) })
    }

    @Test(
        "no port is stricter than before the run and at the start, whatever part of a batch is done",
        arguments: seeds)
    func neverStricter(seed: Int) {
        guard let run = RandomRun(seed: seed) else { return }
        let way = Way(undoing(run.model), from: run.model.state, to: run.before, seed: seed)
        #expect(way.first { $0.isStricter(than: $1, and: $2) } == nil)
    }

    @Test("rolling back twice does nothing the second time", arguments: seeds)
    func twice(seed: Int) {
        guard let run = RandomRun(seed: seed) else { return }
        let first = ModelRun(
            undoing(run.model).rollout, on: run.model.state, id: "back-1",
            undoing: run.model.run.header.id)
        let second = undoing(run.model, after: [first], on: first.state)
        #expect(second.lines == [])
        #expect(second.conflicts == [])
    }

    @Test("after a rollback that did not get to its end, the next one does", arguments: seeds)
    func afterIncomplete(seed: Int) {
        guard let run = RandomRun(seed: seed) else { return }
        var random = SeededGenerator(seed: seed)
        var rollbacks: [ModelRun] = []
        var state = run.model.state
        for number in 1...Int.random(in: 1...3, using: &random) {
            let planned = undoing(run.model, after: rollbacks, on: state)
            #expect(planned.conflicts == [])
            let rollback = Self.incomplete(
                planned, number, of: run.model, on: state, &random)
            state = rollback.state
            rollbacks.insert(rollback, at: 0)
        }
        let last = undoing(run.model, after: rollbacks, on: state)
        #expect(last.conflicts == [])
        expect(state.applying(last), isAs: run.before)
    }

    /// A rollback goes on past steps that fail, until it is killed.
    private static func incomplete(
        _ planned: PlannedRollback, _ number: Int, of run: ModelRun, on state: MeshState,
        _ random: inout SeededGenerator
    ) -> ModelRun {
        let end = Int.random(in: 0...planned.rollout.steps.count, using: &random)
        let troubles: [ModelRun.Outcome] = [
            .written, .inDoubt(isWritten: true), .inDoubt(isWritten: false), .refused,
        ]
        var outcomes: [StepID: ModelRun.Outcome] = [:]
        for step in planned.rollout.steps {
            if step.id.number > end {
                outcomes[step.id] = .pending
            } else if random.oneIn(4) {
                outcomes[step.id] = random.pick(troubles)
            }
        }
        return ModelRun(
            planned.rollout, on: state, id: "back-\(number)", undoing: run.run.header.id,
            ending: nil
        ) { outcomes[$0.id] ?? .done }
    }

    @Test("what somebody else changed stays as it is, and all else goes back", arguments: seeds)
    func edited(seed: Int) {
        guard let run = RandomRun(seed: seed) else { return }
        let edits = ForeignEdits(of: run, seed: seed)
        let planned = undoing(run.model, on: edits.state)
        let end = edits.state.applying(planned)
        #expect(Set(planned.conflicts.map(\.object)) == edits.objects)
        #expect(planned.conflicts.map(\.object).sorted() == planned.leftAlone)
        #expect(end.images == edits.expected.images)
        #expect(end.namespaceLabels == edits.expected.namespaceLabels)
        #expect(end.trafficImages == edits.expected.trafficImages)
        let way = Way(planned, from: edits.state, to: edits.expected, seed: seed)
        #expect(way.first { $0.isStricter(than: $1, and: $2) } == nil)
    }

    @Test("with overwrite, what somebody else changed goes back too", arguments: seeds)
    func overwritten(seed: Int) {
        guard let run = RandomRun(seed: seed) else { return }
        let edits = ForeignEdits(of: run, seed: seed)
        let planned = undoing(run.model, on: edits.state, overwrite: true)
        #expect(planned.conflicts == [])
        let end = edits.state.applying(planned)
        #expect(end.specs == run.before.specs)
        #expect(end.namespaceLabels == run.before.namespaceLabels)
    }
}

/// A rollback on its way: the states in which a cluster may be seen.
private struct Way {
    private var mixtures: [(state: MeshState, after: String)]
    private var start: Acceptance
    private var end: Acceptance
    /// Pods that get back what they had. Others had not what their labels asked for.
    private var pods: Set<String>

    init(_ planned: PlannedRollback, from start: MeshState, to end: MeshState, seed: Int) {
        pods = end.settledPods
        self.start = Acceptance(start, pods: pods)
        self.end = Acceptance(end, pods: pods)
        mixtures = Self.mixtures(of: planned, on: start, seed: seed)
    }

    /// The first state that is not as it should be, with the steps that led to it from whole batches.
    func first(
        where faults: (_ now: Acceptance, _ start: Acceptance, _ end: Acceptance) -> [String]
    ) -> String? {
        for (state, after) in mixtures {
            let found = faults(Acceptance(state, pods: pods), start, end)
            if !found.isEmpty { return "after \(after): \(found.joined(separator: ", "))" }
        }
        return nil
    }

    /// Whole batches, then any part of one.
    private static func mixtures(
        of planned: PlannedRollback, on state: MeshState, seed: Int
    ) -> [(MeshState, String)] {
        var random = SeededGenerator(seed: seed)
        var state = state
        var mixtures: [(MeshState, String)] = []
        for batch in planned.rollout.batches {
            for part in parts(of: batch, &random) {
                let what = part.map(\.line).joined(separator: " + ")
                mixtures.append((state.applying(part.map(\.change)), what))
            }
            state = state.applying(batch.map(\.change))
        }
        return mixtures
    }

    /// All parts of a small batch, some of a large one.
    private static func parts(of batch: [Step], _ random: inout SeededGenerator) -> [[Step]] {
        guard batch.count > 4 else {
            return (1..<(1 << batch.count)).map { bits in
                batch.indices.filter { bits & (1 << $0) != 0 }.map { batch[$0] }
            }
        }
        return [batch]
            + (0..<16).map { _ in batch.filter { _ in Bool.random(using: &random) } }
    }
}

extension MeshState {
    /// Pods that have what the labels of their namespace ask for. The others get it when labels go back.
    var settledPods: Set<String> {
        let labels = namespaceLabels
        return Set(
            pods.filter { pod in
                let template = PodTemplate(
                    labels: pod.meta.labels, annotations: pod.meta.annotations,
                    hostNetwork: pod.hostNetwork)
                return pod.dataplane
                    == ExpectedDataplane.ofNewPod(
                        template, in: pod.meta.namespace,
                        labels: labels[pod.meta.namespace] ?? [:], injection: injection)
            }.map { "\($0.meta.namespace)/\($0.meta.name)" })
    }
}
