import Diagnostics
import MeshModel

/// A rollback's steps without those that would break a flow that is carried now.
///
/// The relaxing of the first phase is never refused. Of the rest, what would break a flow is left as it is,
/// with the later steps of its namespace's data plane, which rest on it. A mode that goes back to DISABLE
/// last, from PERMISSIVE, breaks none where its clients can be pinned meanwhile.
struct GuardedRollback {
    private(set) var steps: [Step] = []
    private(set) var leftAlone: [ObjectReference] = []
    private(set) var diagnostics: [Diagnostic] = []

    private let plan: String
    /// What becomes of the flows, once all steps are done.
    private(set) var guarantee: FlowGuarantee
    private var leftOut: [Step] = []
    private var breaks: [FlowBreak] = []

    /// - Parameter plan: the name of the run's plan.
    init(_ suggested: [Step], keeping flows: [Flow], on state: MeshState, plan: String) {
        self.plan = plan
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

    /// What becomes of the flows by some batches.
    private struct Trial {
        var batches: [[Step]]
        var guarantee: FlowGuarantee
        var breaks: [Int: FlowBreak] = [:]

        var keepsRequired: Bool {
            breaks.keys.allSatisfy { !guarantee.flows[$0].flow.isRequired }
        }

        init(_ batches: [[Step]], from guarantee: FlowGuarantee) {
            self.batches = batches
            self.guarantee = guarantee
            for batch in batches {
                breaks.merge(self.guarantee.take(batch)) { first, _ in first }
            }
        }
    }

    private mutating func take(_ batch: [Step]) {
        guard let first = batch.first else { return }
        let trial = Trial([batch], from: guarantee)
        if first.phase == .relax || trial.keepsRequired {
            keep(trial)
        } else if let pinned = pinned(batch, trial) {
            keep(pinned)
        } else if batch.count > 1 {
            for step in batch { take([step]) }
        } else {
            breaks += trial.breaks.sorted { $0.key < $1.key }.map(\.value)
            leave(batch)
        }
    }

    /// Clients are pinned while a server goes back to DISABLE; nil where that does not keep them.
    private func pinned(_ batch: [Step], _ trial: Trial) -> Trial? {
        let breaks = trial.breaks.filter { guarantee.flows[$0.key].flow.isRequired }
            .sorted { $0.key < $1.key }.map(\.value)
        guard batch[0].phase == .retighten,
            let pins = ClientPins(for: breaks, in: guarantee.world, plan: plan)
        else { return nil }
        let way = [pins.pinning(around: batch[0]), batch, pins.unpinning(around: batch[0])]
        let pinned = Trial(way, from: guarantee)
        return pinned.keepsRequired ? pinned : nil
    }

    private mutating func keep(_ trial: Trial) {
        guarantee = trial.guarantee
        trial.batches.forEach { add($0) }
        breaks += trial.breaks.sorted { $0.key < $1.key }.map(\.value)
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
}

extension Step {
    /// Whether it belongs to the way back of the same namespace's data plane, after the other.
    fileprivate func restsOnRestoring(_ earlier: Step) -> Bool {
        phase == .restore && earlier.phase == .restore
            && change.namespace == earlier.change.namespace
    }
}
