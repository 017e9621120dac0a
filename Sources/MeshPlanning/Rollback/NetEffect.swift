import JSON
import MeshModel

/// What a run did to each object, all its steps taken together.
struct NetEffect {
    struct Policy {
        var namespace: String
        var name: String
        var isAdopted: Bool
        var before: PolicyImage?
        /// Every spec that the run, or a rollback of it, may have left behind; nil is absence.
        var ours: Set<JSONValue?>
        /// The one written last; nil is absence.
        var latest: JSONValue?
    }

    struct Labels {
        var namespace: String
        var before: [String: String?]
        /// By key, the values that the run may have left behind.
        var ours: [String: Set<String?>]
        /// By key, the one written last; nil is absence.
        var latest: [String: String?]
    }

    private(set) var policies: [Policy] = []
    private(set) var labels: [Labels] = []

    /// - Parameters:
    ///   - rollbacks: earlier rollbacks of the run that did not get to their end, newest first.
    ///   - stage: only what came after this stage counts; nil for the whole run.
    init(of run: RunState, rollbacks: [RunState], after stage: Stage?) {
        for step in run.rollout.steps {
            guard run.intent(of: step.id) != nil, Self.counts(step, after: stage) else { continue }
            switch step.change {
            case .policy(let change): add(change, isFirstHand: true)
            case .labels(let change): add(change, isFirstHand: true)
            case .restart: break
            }
        }
        for rollback in rollbacks.reversed() {
            for step in rollback.rollout.steps where rollback.intent(of: step.id) != nil {
                switch step.change {
                case .policy(let change): add(change, isFirstHand: false)
                case .labels(let change): add(change, isFirstHand: false)
                case .restart: break
                }
            }
        }
    }

    private static func counts(_ step: Step, after stage: Stage?) -> Bool {
        guard let stage else { return true }
        return Stage.allCases.contains { $0 > stage && Phase($0) == step.phase }
    }

    private mutating func add(_ change: PolicyChange, isFirstHand: Bool) {
        let index = policies.firstIndex {
            $0.namespace == change.namespace && $0.name == change.name
        }
        if let index {
            policies[index].ours.insert(change.after?.spec)
            policies[index].latest = change.after?.spec
        } else if isFirstHand {
            policies.append(
                Policy(
                    namespace: change.namespace, name: change.name, isAdopted: change.isAdopted,
                    before: change.before, ours: [change.after?.spec],
                    latest: change.after?.spec))
        }
    }

    private mutating func add(_ change: NamespaceLabelChange, isFirstHand: Bool) {
        guard let index = labels.firstIndex(where: { $0.namespace == change.namespace }) else {
            guard isFirstHand else { return }
            labels.append(
                Labels(
                    namespace: change.namespace, before: change.before,
                    ours: change.after.mapValues { [$0] }, latest: change.after))
            return
        }
        for (key, value) in change.after {
            labels[index].ours[key, default: []].insert(value)
            labels[index].latest.updateValue(value, forKey: key)
            if labels[index].before.index(forKey: key) == nil, isFirstHand {
                labels[index].before.updateValue(change.before[key] ?? nil, forKey: key)
            }
        }
    }
}
