import JSON
import MeshModel
import MeshPlanning

/// A run carried out in the model: what it journaled, and the cluster that it left.
struct ModelRun {
    /// How a step of the run ended.
    enum Outcome {
        case done
        /// Written, and not confirmed.
        case written
        /// Intended, and nobody knows whether it was written.
        case inDoubt(isWritten: Bool)
        /// Somebody else had done it before.
        case foundDone
        case refused
        case pending
    }

    var run: RunState
    var state: MeshState

    init(
        _ rollout: Rollout, on state: MeshState, id: String = "run-1", undoing target: RunID? = nil,
        toStage stage: Stage? = nil, policiesOnly: Bool = false, isEmergency: Bool = false,
        leavingAlone leftAlone: [ObjectReference] = [],
        ending: RunEvent? = .finished(.done), outcome: (Step) -> Outcome = { _ in .done }
    ) {
        self.state = state
        run = RunState(
            header: RunHeader(
                id: RunID(id), kind: target == nil && !isEmergency ? .apply : .rollback,
                plan: "home",
                clusterUID: "cluster-1", server: "https://cluster.example", stage: stage,
                isPoliciesOnly: policiesOnly, isEmergency: isEmergency ? true : nil, target: target,
                leftAlone: leftAlone),
            rollout: rollout)
        var effects: [Change] = []
        for step in rollout.steps {
            let outcome = outcome(step)
            events(of: step, outcome).forEach { run.apply($0) }
            if outcome.hasEffect { effects.append(step.change) }
        }
        if let ending { run.apply(ending) }
        self.state = state.applying(effects)
    }

    private func events(of step: Step, _ outcome: Outcome) -> [RunEvent] {
        let intent = StepIntent(change: step.change, uid: "", resourceVersion: "")
        let intended = RunEvent.stepIntended(step.id, intent)
        let written = RunEvent.stepWritten(step.id, WriteReceipt(uid: "", resourceVersion: "2"))
        switch outcome {
        case .done: return [intended, written, .stepConfirmed(step.id, evidence: "seen")]
        case .written: return [intended, written]
        case .inDoubt: return [intended]
        case .foundDone: return [.stepFoundDone(step.id)]
        case .refused:
            let failure = StepFailure.refused(status: 403, reason: "Forbidden", message: "no")
            return [intended, .stepFailed(step.id, failure)]
        case .pending: return []
        }
    }
}

extension ModelRun.Outcome {
    fileprivate var hasEffect: Bool {
        switch self {
        case .done, .written, .inDoubt(isWritten: true), .foundDone: true
        case .inDoubt(isWritten: false), .refused, .pending: false
        }
    }
}

/// The way back from a run, planned on the cluster that it left, or on another.
func undoing(
    _ run: ModelRun, after rollbacks: [ModelRun] = [], on state: MeshState? = nil,
    toStage: Stage? = nil, policiesOnly: Bool = false, overwrite: Bool = false
) -> PlannedRollback {
    RollbackPlanner.plan(
        undoing: run.run, rollbacks: rollbacks.map(\.run), on: state ?? run.state,
        options: .init(toStage: toStage, policiesOnly: policiesOnly, overwrite: overwrite))
}

extension PlannedRollback {
    var lines: [String] { rollout.steps.map(\.line) }
    var batchLines: [[String]] { rollout.batches.map { $0.map(\.line) } }
}

extension MeshState {
    func applying(_ planned: PlannedRollback) -> MeshState {
        applying(planned.rollout.steps.map(\.change))
    }

    /// What rollback restores of policies.
    var images: [String: PolicyImage] {
        Dictionary(uniqueKeysWithValues: peerAuthentications.map { ($0.text, PolicyImage($0)) })
    }

    /// What rollback restores of client rules, external hosts and egress.
    var trafficImages: [ObjectReference: PolicyImage] {
        func image(_ meta: ObjectMeta, _ spec: JSONValue) -> PolicyImage {
            PolicyImage(labels: meta.labels, annotations: meta.annotations, spec: spec)
        }
        func reference(_ kind: String, _ meta: ObjectMeta) -> ObjectReference {
            ObjectReference(kind: kind, namespace: meta.namespace, name: meta.name)
        }
        var images: [ObjectReference: PolicyImage] = [:]
        for rule in flows.destinationRules {
            images[reference("DestinationRule", rule.meta)] = image(rule.meta, rule.spec)
        }
        for entry in flows.serviceEntries {
            images[reference("ServiceEntry", entry.meta)] = image(entry.meta, entry.spec)
        }
        for scope in flows.sidecarScopes {
            images[reference("Sidecar", scope.meta)] = image(scope.meta, scope.spec)
        }
        return images
    }

    /// What rollback restores of namespaces.
    var namespaceLabels: [String: [String: String]] {
        Dictionary(uniqueKeysWithValues: namespaces.map { ($0.name, $0.meta.labels) })
    }

    /// What rollback restores of workloads.
    var templateLabels: [WorkloadID: [String: String]] {
        Dictionary(uniqueKeysWithValues: workloads.map { ($0.id, $0.template.labels) })
    }

    /// By `namespace/pod`.
    var planes: [String: PodDataplane] {
        Dictionary(
            uniqueKeysWithValues: pods.map {
                ("\($0.meta.namespace)/\($0.meta.name)", $0.dataplane)
            })
    }
}

/// A plan applied to its end.
func applied(_ plan: MeshPlan, on state: MeshState, through: Stage = .strict) -> ModelRun {
    ModelRun(planned(plan, on: state, through: through).rollout, on: state)
}

/// A run of these policy writes, each in a batch of its own.
func run(
    _ changes: Change..., on state: MeshState, outcome: (Step) -> ModelRun.Outcome = { _ in .done }
)
    -> ModelRun
{
    ModelRun(rollout(changes.map { [$0] }), on: state, outcome: outcome)
}
