package import JSON
package import MeshModel

/// One difference between what is and what should be, with both images, and so its own inverse.
package enum Change: Sendable, Hashable, Codable {
    case labels(NamespaceLabelChange)
    case restart(WorkloadRestart)
    case policy(PolicyChange)
    case traffic(TrafficChange)

    /// Whether it decides about pods' data plane.
    package var isOfDataplane: Bool {
        switch self {
        case .labels, .restart: true
        case .policy, .traffic: false
        }
    }

    package var object: ObjectReference {
        switch self {
        case .labels(let change):
            ObjectReference(kind: "Namespace", namespace: "", name: change.namespace)
        case .restart(let change): change.object
        case .policy(let change):
            ObjectReference(
                kind: "PeerAuthentication", namespace: change.namespace, name: change.name)
        case .traffic(let change): change.object
        }
    }

    /// The namespace that the change is about.
    package var namespace: String {
        switch self {
        case .labels(let change): change.namespace
        case .restart(let change): change.workload.namespace
        case .policy(let change): change.namespace
        case .traffic(let change): change.namespace
        }
    }

    package var action: StepAction {
        switch self {
        case .labels: .label
        case .restart: .restart
        case .policy(let change): StepAction(from: change.before, to: change.after)
        case .traffic(let change): StepAction(from: change.before, to: change.after)
        }
    }
}

package enum StepAction: String, Sendable, Codable, CaseIterable {
    case label, restart, create, update, delete

    fileprivate init(from before: PolicyImage?, to after: PolicyImage?) {
        self = before == nil ? .create : after == nil ? .delete : .update
    }
}

/// An object by kind and name, as the user reads it: `PeerAuthentication shop/default`.
package struct ObjectReference: Sendable, Hashable, Codable, Comparable {
    package var kind: String
    /// Empty for cluster-scoped objects.
    package var namespace: String
    package var name: String

    package init(kind: String, namespace: String, name: String) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    package init(_ workload: WorkloadID) {
        self.init(
            kind: workload.kind.rawValue, namespace: workload.namespace, name: workload.name)
    }

    package var text: String {
        namespace.isEmpty ? "\(kind) \(name)" : "\(kind) \(namespace)/\(name)"
    }

    package static func < (a: ObjectReference, b: ObjectReference) -> Bool {
        (a.kind, a.namespace, a.name) < (b.kind, b.namespace, b.name)
    }
}

/// Labels of a namespace that a step sets or removes; a nil value is absence.
package struct NamespaceLabelChange: Sendable, Hashable, Codable {
    package var namespace: String
    package var uid: String
    package var before: [String: String?]
    package var after: [String: String?]

    package init(
        namespace: String, uid: String, before: [String: String?], after: [String: String?]
    ) {
        self.namespace = namespace
        self.uid = uid
        self.before = before
        self.after = after
    }
}

/// A rollout restart: the pods that come up are admitted under the labels of now.
package struct WorkloadRestart: Sendable, Hashable, Codable {
    package var workload: WorkloadID
    package var uid: String
    /// What the new pods must have before the step counts as confirmed.
    package var wants: PodDataplane
    /// Written in the same patch; nil leaves the template's labels alone.
    package var templateLabel: TemplateLabelChange?

    package init(
        workload: WorkloadID, uid: String, wants: PodDataplane,
        templateLabel: TemplateLabelChange? = nil
    ) {
        self.workload = workload
        self.uid = uid
        self.wants = wants
        self.templateLabel = templateLabel
    }

    package var object: ObjectReference { ObjectReference(workload) }
}

/// A label of a pod template; nil is absence.
package struct TemplateLabelChange: Sendable, Hashable, Codable {
    package var key: String
    package var before: String?
    package var after: String?

    package init(key: String, before: String?, after: String?) {
        self.key = key
        self.before = before
        self.after = after
    }
}

/// A PeerAuthentication written, changed or deleted; a nil image is absence.
package struct PolicyChange: Sendable, Hashable, Codable {
    package var namespace: String
    package var name: String
    /// Empty while the object does not exist.
    package var uid: String
    package var before: PolicyImage?
    package var after: PolicyImage?
    /// Somebody else's object, taken over in place with `adopt: true`.
    package var isAdopted: Bool

    package init(
        namespace: String, name: String, uid: String, before: PolicyImage?, after: PolicyImage?,
        isAdopted: Bool = false
    ) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.before = before
        self.after = after
        self.isAdopted = isAdopted
    }
}

/// What a policy object, or one that steers traffic, says: the part that rollback restores exactly.
package struct PolicyImage: Sendable, Hashable, Codable {
    package var labels: [String: String]
    package var annotations: [String: String]
    package var spec: JSONValue

    package init(labels: [String: String], annotations: [String: String] = [:], spec: JSONValue) {
        self.labels = labels
        self.annotations = annotations
        self.spec = spec
    }

    package init(_ policy: PeerAuthentication) {
        self.init(
            labels: policy.meta.labels, annotations: policy.meta.annotations, spec: policy.spec)
    }
}
