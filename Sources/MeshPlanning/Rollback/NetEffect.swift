import JSON
import MeshModel

/// What a run did to each object, all its steps taken together: only steps whose write was done, or may
/// have been. What a step found done already is somebody else's.
struct NetEffect {
    /// A policy, or an object that steers traffic.
    struct Written {
        var object: ObjectReference
        var isAdopted: Bool
        var before: PolicyImage?
        /// Every spec that the run, or a rollback of it, may have left behind, in order; nil is absence.
        var left: [JSONValue?]

        var namespace: String { object.namespace }
        var name: String { object.name }
    }

    struct Labels {
        var namespace: String
        /// `metadata.uid` as the run saw it; empty where it came from a manifest.
        var uid: String
        var before: [String: String?]
        /// By key, the values that the run may have left behind, in order.
        var left: [String: [String?]]
    }

    struct Template {
        var workload: WorkloadID
        var key: String
        var before: String?
        /// The values that the run may have left behind, in order.
        var left: [String?]
    }

    private var writtenByObject: [ObjectReference: Written] = [:]
    private var labelsByNamespace: [String: Labels] = [:]
    private var templatesByWorkload: [WorkloadID: Template] = [:]

    /// - Parameters:
    ///   - rollbacks: earlier rollbacks of the run that did not undo all of it. What they wrote is ours too.
    ///   - stage: only what came after this stage counts; nil for the whole run.
    ///   - chosen: only these steps of the run count; nil for all.
    init(
        of run: RunState, rollbacks: [RunState], after stage: Stage?,
        only chosen: Set<StepID>? = nil
    ) {
        for step in run.rollout.steps where Self.counts(step, after: stage) {
            guard run.intent(of: step.id) != nil, chosen?.contains(step.id) ?? true else {
                continue
            }
            add(step.change, opens: true)
        }
        for rollback in rollbacks.reversed() {
            for step in rollback.rollout.steps where rollback.intent(of: step.id) != nil {
                // What a rollback pinned for its own steps is not the run's, but goes as well.
                add(step.change, opens: step.change.isOfPin)
            }
        }
    }

    /// By namespace and name.
    var policies: [Written] { written { $0 == "PeerAuthentication" } }

    /// By kind, namespace and name.
    var traffic: [Written] { written { TrafficKind(rawValue: $0) != nil } }

    private func written(of isWanted: (_ kind: String) -> Bool) -> [Written] {
        writtenByObject.values.filter { isWanted($0.object.kind) }
            .sorted { $0.object < $1.object }
    }

    /// By namespace.
    var labels: [Labels] { labelsByNamespace.values.sorted { $0.namespace < $1.namespace } }

    /// By workload.
    var templates: [Template] { templatesByWorkload.values.sorted { $0.workload < $1.workload } }

    private static func counts(_ step: Step, after stage: Stage?) -> Bool {
        guard let stage else { return true }
        return Stage.allCases.contains { $0 > stage && Phase($0) == step.phase }
    }

    /// - Parameter opens: whether an object that is not known yet counts from here on.
    private mutating func add(_ change: Change, opens: Bool) {
        switch change {
        case .policy(let policy): add(policy, to: change.object, opens: opens)
        case .traffic(let traffic): add(traffic, to: change.object, opens: opens)
        case .labels(let labels): add(labels, opens: opens)
        case .restart(let restart): add(restart, opens: opens)
        }
    }

    private mutating func add(
        _ change: some ImageChange, to object: ObjectReference, opens: Bool
    ) {
        if writtenByObject[object] == nil, opens {
            // A pin that an earlier run left is nothing to bring back.
            let leftover = change.before.flatMap { $0.isPin ? $0 : nil }
            writtenByObject[object] = Written(
                object: object, isAdopted: change.isAdopted,
                before: leftover == nil ? change.before : nil,
                left: leftover.map { [$0.spec] } ?? [])
        }
        writtenByObject[object]?.left.append(change.after?.spec)
    }

    /// meshctl writes one label on templates.
    private mutating func add(_ change: WorkloadRestart, opens: Bool) {
        guard let label = change.templateLabel else { return }
        if templatesByWorkload[change.workload] == nil, opens {
            templatesByWorkload[change.workload] = Template(
                workload: change.workload, key: label.key, before: label.before, left: [])
        }
        templatesByWorkload[change.workload]?.left.append(label.after)
    }

    private mutating func add(_ change: NamespaceLabelChange, opens: Bool) {
        if labelsByNamespace[change.namespace] == nil, opens {
            labelsByNamespace[change.namespace] = Labels(
                namespace: change.namespace, uid: change.uid, before: [:], left: [:])
        }
        guard var labels = labelsByNamespace[change.namespace] else { return }
        if opens { labels.before.merge(change.before) { first, _ in first } }
        for (key, value) in change.after { labels.left[key, default: []].append(value) }
        labelsByNamespace[change.namespace] = labels
    }
}
