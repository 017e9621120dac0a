import Diagnostics
import MeshModel

/// A rollback's steps without those that would break a flow that is carried now.
///
/// The relaxing of the first phase is never refused. Of the rest, what would break a flow is left as it is,
/// with the later steps of its namespace's data plane, which rest on it.
struct GuardedRollback {
    private(set) var steps: [Step] = []
    private(set) var leftAlone: [ObjectReference] = []
    private(set) var diagnostics: [Diagnostic] = []

    private var guarantee: FlowGuarantee
    private var leftOut: [Step] = []
    private var breaks: [FlowBreak] = []

    init(_ suggested: [Step], keeping flows: [Flow], on state: MeshState) {
        guarantee = FlowGuarantee(flows, on: state)
        for batch in Rollout(steps: suggested).batches {
            let resting = batch.filter { step in leftOut.contains { step.restsOnRestoring($0) } }
            leave(resting)
            take(batch.filter { !resting.contains($0) })
        }
        let index = guarantee.world.index
        diagnostics = FlowBreakReport(
            index: index, remedies: FlowRemedies(index: index, namespaces: []), kind: .leftOut
        ).diagnostics(for: breaks)
    }

    private mutating func take(_ batch: [Step]) {
        guard let first = batch.first else { return }
        var trial = guarantee
        let found = trial.take(batch)
        if first.phase == .relax || !found.keys.contains(where: isRequired) {
            guarantee = trial
            add(batch)
            breaks += found.sorted { $0.key < $1.key }.map(\.value)
            return
        }
        for step in batch {
            var trial = guarantee
            let found = trial.take([step])
            breaks += found.sorted { $0.key < $1.key }.map(\.value)
            if found.keys.contains(where: isRequired) {
                leave([step])
            } else {
                guarantee = trial
                add([step])
            }
        }
    }

    private mutating func add(_ batch: [Step]) {
        let number = (steps.last?.batch ?? 0) + 1
        for var step in batch {
            step.id = StepID(steps.count + 1)
            step.batch = number
            steps.append(step)
        }
    }

    private mutating func leave(_ left: [Step]) {
        leftOut += left
        leftAlone += left.map(\.change.object)
    }

    private func isRequired(_ number: Int) -> Bool { guarantee.flows[number].flow.isRequired }
}

extension Step {
    /// Whether it belongs to the way back of the same namespace's data plane, after the other.
    fileprivate func restsOnRestoring(_ earlier: Step) -> Bool {
        phase == .restore && earlier.phase == .restore
            && change.namespace == earlier.change.namespace
    }
}
