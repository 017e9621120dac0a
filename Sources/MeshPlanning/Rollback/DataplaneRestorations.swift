import Diagnostics
import MeshModel

/// The ways back of the namespaces' labels and of their pods' data planes: label, restart, verify, one
/// namespace after the other.
///
/// A pod template loses its own label only after the namespace's is back: while the pods have it, taking the
/// namespace's away cuts no connection, and the restart then brings the old plane.
struct DataplaneRestorations {
    private(set) var batches: [[Change]] = []
    /// What cannot be brought back as it stands.
    private(set) var leftAlone: [ObjectReference] = []
    private(set) var diagnostics: [Diagnostic] = []

    private let injection: Injection.Environment
    /// By namespace, as they are now.
    private let labels: [String: [String: String]]
    private var templates: [String: [RestorableObjects.Template]]

    init(
        _ labels: [RestorableObjects.Labels], templates: [RestorableObjects.Template],
        in state: MeshState
    ) {
        let workloads = WorkloadIndex(state)
        injection = state.injection
        self.labels = Dictionary(
            state.namespaces.map { ($0.name, $0.meta.labels) },
            uniquingKeysWith: { first, _ in first })
        self.templates = Dictionary(grouping: templates, by: \.workload.meta.namespace)
        var needs: [EnrolmentNeed] = []
        for labels in labels {
            if let missing = Self.missingRevision(labels, revisions: state.revisions) {
                leftAlone.append(Self.reference(to: labels.namespace.name))
                leftAlone += (self.templates.removeValue(forKey: labels.namespace.name) ?? [])
                    .map { ObjectReference($0.workload.id) }
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
        // What is left was rolled before its namespace had a label.
        for (namespace, rest) in self.templates.sorted(by: { $0.key < $1.key }) {
            for template in rest { restart(template, under: self.labels[namespace] ?? [:]) }
        }
    }

    /// The labels of a namespace once it is restored.
    private func labels(after need: EnrolmentNeed) -> [String: String] {
        (need.labelsFirst + need.labelsLast).reduce(labels[need.namespace] ?? [:]) {
            $0.setting($1.after)
        }
    }

    private mutating func restart(
        _ template: RestorableObjects.Template, under labels: [String: String]
    ) {
        if let obstacle = RestartNeeds.obstacle(to: template.workload) {
            leftAlone.append(ObjectReference(template.workload.id))
            diagnostics.append(obstacle.asWarning)
        } else {
            batches.append([.restart(template.restart(under: labels, injection))])
        }
    }

    private mutating func restore(_ need: EnrolmentNeed) {
        diagnostics += need.diagnostics.map(\.asWarning)
        batches += need.labelsFirst.map { [.labels($0)] }
        let own = templates.removeValue(forKey: need.namespace) ?? []
        let relabelled = Set(own.map(\.workload.id))
        batches += need.restarts.filter { !relabelled.contains($0.change.workload) }
            .map { [.restart($0.change)] }
        for template in own where !need.blocked.contains(template.workload.id) {
            restart(template, under: labels(after: need))
        }
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

extension RestorableObjects.Template {
    /// The restart that gives the template its label back.
    ///
    /// - Parameter labels: the namespace's.
    fileprivate func restart(
        under labels: [String: String], _ injection: Injection.Environment
    ) -> WorkloadRestart {
        var template = workload.template
        let present = template.labels[effect.key]
        template.labels[effect.key] = effect.before
        return WorkloadRestart(
            workload: workload.id, uid: workload.meta.uid,
            wants: ExpectedDataplane.ofNewPod(
                template, in: workload.meta.namespace, labels: labels, injection: injection),
            templateLabel: TemplateLabelChange(
                key: effect.key, before: present, after: effect.before))
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
