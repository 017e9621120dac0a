import Diagnostics
import MeshModel

/// Whose a policy object is, or one that steers traffic, for one plan.
enum PolicyOwnership: Equatable {
    case ours
    case otherPlan(String)
    case foreign

    init(_ policy: PeerAuthentication, plan: String) { self.init(policy.meta, plan: plan) }

    init(_ meta: ObjectMeta, plan: String) {
        guard meta.labels[LabelKeys.managedBy] == LabelKeys.managedByMeshctl else {
            self = .foreign
            return
        }
        let owner = meta.labels[LabelKeys.plan] ?? ""
        self = owner == plan ? .ours : .otherPlan(owner)
    }

    static func labels(plan: String) -> [String: String] {
        [LabelKeys.managedBy: LabelKeys.managedByMeshctl, LabelKeys.plan: plan]
    }

    /// What forbids changing the policy; nil when nothing does.
    func obstacle(
        to policy: PeerAuthentication, adopt: Bool, pasteUnder place: String, at range: SourceRange?
    ) -> Diagnostic? {
        obstacle(
            to: "PeerAuthentication \(policy.text)", policy.meta, adopt: adopt, pasteUnder: place,
            at: range)
    }

    /// - Parameter object: its kind and name.
    func obstacle(
        to object: String, _ meta: ObjectMeta, adopt: Bool, pasteUnder place: String,
        at range: SourceRange?
    ) -> Diagnostic? {
        switch self {
        case .otherPlan(let owner):
            return Diagnostic(
                .otherPlan, "\(object) belongs to plan \(owner)",
                detail: "Two plans must not write one object. Take it out of one of them.",
                at: range)
        case .foreign where !adopt:
            return Diagnostic(
                .adoptionNeeded, "\(object) was not made by meshctl",
                detail: "To change it in place under its name (rollback restores it), "
                    + "write this line under \(place):",
                remedy: "adopt: true", at: range)
        case .ours, .foreign:
            guard let manager = FieldOwnership.reconciler(of: ["spec"], in: meta) else {
                return nil
            }
            return Diagnostic(
                .managedElsewhere, "\(object) is managed by \(manager)",
                detail: "It would be set back. Change it where \(manager) takes it from, "
                    + "or pause \(manager) for it.", at: range)
        }
    }
}
