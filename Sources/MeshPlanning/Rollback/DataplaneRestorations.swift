import Diagnostics
import MeshModel

/// The ways back of the namespaces' labels and of their pods' data planes: label, restart, verify, one
/// namespace after the other.
struct DataplaneRestorations {
    private(set) var batches: [[Change]] = []
    /// What cannot be brought back as it stands.
    private(set) var leftAlone: [ObjectReference] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(_ labels: [RestorableObjects.Labels], in state: MeshState) {
        let workloads = WorkloadIndex(state)
        var needs: [EnrolmentNeed] = []
        for labels in labels {
            if let missing = Self.missingRevision(labels, revisions: state.revisions) {
                leftAlone.append(Self.reference(to: labels.namespace.name))
                diagnostics.append(missing)
                continue
            }
            needs.append(
                EnrolmentNeed(
                    labels.namespace, wave: nil, target: labels.effect.before, state: state,
                    workloads: workloads))
        }
        // Who leaves the mesh goes last: its servers' clients are then on the plane where they stay.
        for need in needs.filter({ !$0.leaves }) + needs.filter(\.leaves) { restore(need) }
    }

    private mutating func restore(_ need: EnrolmentNeed) {
        diagnostics += need.diagnostics.map(\.asWarning)
        batches += need.labelsFirst.map { [.labels($0)] }
        batches += need.restarts.map { [.restart($0.change)] }
        leftAlone += need.blocked.map {
            ObjectReference(kind: $0.kind.rawValue, namespace: $0.namespace, name: $0.name)
        }
        guard !need.labelsLast.isEmpty else { return }
        if need.blocked.isEmpty {
            batches += need.labelsLast.map { [.labels($0)] }
        } else {
            leftAlone.append(Self.reference(to: need.namespace))
            diagnostics.append(Self.keepsNewPlane(need))
        }
    }

    private static func reference(to namespace: String) -> ObjectReference {
        ObjectReference(kind: "Namespace", namespace: "", name: namespace)
    }

    private static func keepsNewPlane(_ need: EnrolmentNeed) -> Diagnostic {
        let keys = need.labelsLast.flatMap(\.after.keys).sorted().joined(separator: ", ")
        return Diagnostic(
            .leftOver, .warning, "namespace \(need.namespace) keeps its label \(keys)",
            detail: "Without it, pods that have not got their old data plane back would have none.")
    }

    /// Under a revision that nobody serves any more, pods would restart without a sidecar.
    private static func missingRevision(
        _ labels: RestorableObjects.Labels, revisions: Set<String>?
    ) -> Diagnostic? {
        let before = labels.namespace.meta.labels.setting(labels.effect.before)
        let revision: String? =
            switch before[LabelKeys.injection] {
            case "enabled": Injection.defaultRevision
            case nil: before[LabelKeys.revision]
            default: nil
            }
        guard let revision, let revisions, !revisions.contains(revision),
            before != labels.namespace.meta.labels
        else { return nil }
        return Diagnostic(
            .unknownRevision, .warning,
            "no injection webhook serves \(revision), which namespace \(labels.namespace.name) "
                + "was injected by",
            detail: "Its pods would restart without a sidecar, so its labels stay as they are. "
                + "Install that revision again, then give the command again.")
    }
}

extension Diagnostic {
    /// What forbids an apply is, in a rollback, something that stays as it is.
    fileprivate var asWarning: Diagnostic {
        var warning = self
        warning.severity = min(severity, .warning)
        return warning
    }
}
