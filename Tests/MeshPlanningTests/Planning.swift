import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport

/// The rollout of a plan, with what was said about it.
func planned(
    _ plan: MeshPlan, on state: MeshState, through: Stage = .strict, waves: [String] = [],
    prune: Bool = false
) -> PlannedRollout {
    RolloutPlanner.plan(
        plan, on: state, options: .init(through: through, waves: waves, prune: prune))
}

extension PlannedRollout {
    /// The steps as lines: `permissive create PeerAuthentication shop/default PERMISSIVE`.
    var lines: [String] { rollout.steps.map(\.line) }

    /// The steps of each batch.
    var batchLines: [[String]] { rollout.batches.map { $0.map(\.line) } }

    var codes: [DiagnosticCode] { diagnostics.map(\.code) }

    func marks(of line: String) -> [StepMark]? { rollout.steps.first { $0.line == line }?.marks }
}

extension Step {
    var line: String {
        let what =
            switch change {
            case .labels(let labels):
                labels.after.sorted { $0.key < $1.key }
                    .map { key, value in value.map { "\(key)=\($0)" } ?? "\(key)-" }
                    .joined(separator: " ")
            case .restart(let restart): restart.wants.rawValue
            case .policy(let policy): policy.after.map(\.line) ?? ""
            case .traffic(let traffic): traffic.after?.spec.canonicalText ?? ""
            }
        return "\(phase.rawValue) \(change.action.rawValue) \(change.object.text) \(what)"
            .trimmed
    }
}

extension PolicyImage {
    /// `STRICT 3000=PERMISSIVE`
    fileprivate var line: String {
        let ports = PolicySpec.ports(of: spec).sorted { $0.key < $1.key }
            .map { " \($0.key)=\($0.value.rawValue)" }
        return PolicySpec.mode(of: spec).rawValue + ports.joined()
    }
}

extension String {
    fileprivate var trimmed: String { last == " " ? String(dropLast()) : self }
}
