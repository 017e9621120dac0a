import Diagnostics
import MeshModel

/// Whose a policy object is, for one plan.
enum PolicyOwnership: Equatable {
    case ours
    case otherPlan(String)
    case foreign

    init(_ policy: PeerAuthentication, plan: String) {
        guard policy.meta.labels[LabelKeys.managedBy] == LabelKeys.managedByMeshctl else {
            self = .foreign
            return
        }
        let owner = policy.meta.labels[LabelKeys.plan] ?? ""
        self = owner == plan ? .ours : .otherPlan(owner)
    }

    static func labels(plan: String) -> [String: String] {
        [LabelKeys.managedBy: LabelKeys.managedByMeshctl, LabelKeys.plan: plan]
    }

    /// What forbids changing the policy; nil when nothing does.
    func obstacle(
        to policy: PeerAuthentication, adopt: Bool, pasteUnder place: String, at range: SourceRange?
    ) -> Diagnostic? {
        switch self {
        case .otherPlan(let owner):
            return Diagnostic(
                .otherPlan, "PeerAuthentication \(policy.text) belongs to plan \(owner)",
                detail: "Two plans must not write one object. Take it out of one of them.",
                at: range)
        case .foreign where !adopt:
            return Diagnostic(
                .adoptionNeeded, "PeerAuthentication \(policy.text) was not made by meshctl",
                detail: "To change it in place under its name (rollback restores it), "
                    + "write this line under \(place):",
                remedy: "adopt: true", at: range)
        case .ours, .foreign:
            guard let manager = FieldOwnership.reconciler(of: ["spec"], in: policy.meta) else {
                return nil
            }
            return Diagnostic(
                .managedElsewhere,
                "PeerAuthentication \(policy.text) is managed by \(manager)",
                detail: "It would be set back. Change it where \(manager) takes it from, "
                    + "or pause \(manager) for it.", at: range)
        }
    }
}
