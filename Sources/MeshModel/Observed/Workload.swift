/// The kinds of controller whose pods meshctl knows how to restart or wait for.
package enum WorkloadKind: String, Sendable, Hashable, Codable, CaseIterable {
    case deployment = "Deployment"
    case statefulSet = "StatefulSet"
    case daemonSet = "DaemonSet"
    case replicaSet = "ReplicaSet"
    case job = "Job"
    case cronJob = "CronJob"
}

/// A controller by kind and name.
package struct WorkloadID: Sendable, Hashable, Codable, Comparable {
    package var namespace: String
    package var kind: WorkloadKind
    package var name: String

    package init(namespace: String, kind: WorkloadKind, name: String) {
        self.namespace = namespace
        self.kind = kind
        self.name = name
    }

    /// `shop/Deployment/cart`
    package var text: String { "\(namespace)/\(kind.rawValue)/\(name)" }

    package static func < (a: WorkloadID, b: WorkloadID) -> Bool {
        (a.namespace, a.kind.rawValue, a.name) < (b.namespace, b.kind.rawValue, b.name)
    }
}

/// A controller with its pod template and the state of its rollout.
package struct Workload: Sendable, Hashable {
    package var kind: WorkloadKind
    package var meta: ObjectMeta
    package var template: PodTemplate
    /// The controller above it, as a Deployment is above its ReplicaSets.
    package var owner: OwnerReference?
    package var isPaused: Bool
    /// `RollingUpdate`, `OnDelete`, `Recreate`; empty where the kind has none.
    package var updateStrategy: String
    /// `spec.updateStrategy.rollingUpdate.partition` of a StatefulSet.
    package var partition: Int
    /// `spec.serviceName` of a StatefulSet; empty where there is none.
    package var serviceName: String
    /// `spec.schedule` of a CronJob; empty where there is none.
    package var schedule = ""
    /// Wanted pods; for a DaemonSet the number that its status says is wanted.
    package var replicas: Int
    /// How many pods may be down or extra while it rolls: surge plus unavailable, at least 1.
    package var podsAtOnce: Int
    package var status: RolloutStatus

    package init(
        kind: WorkloadKind, meta: ObjectMeta, template: PodTemplate = PodTemplate(),
        owner: OwnerReference? = nil, isPaused: Bool = false, updateStrategy: String = "",
        partition: Int = 0, serviceName: String = "", replicas: Int = 1, podsAtOnce: Int = 1,
        status: RolloutStatus = RolloutStatus()
    ) {
        self.kind = kind
        self.meta = meta
        self.template = template
        self.owner = owner
        self.isPaused = isPaused
        self.updateStrategy = updateStrategy
        self.partition = partition
        self.serviceName = serviceName
        self.replicas = replicas
        self.podsAtOnce = podsAtOnce
        self.status = status
    }

    package var id: WorkloadID {
        WorkloadID(namespace: meta.namespace, kind: kind, name: meta.name)
    }
}

/// The part of `spec.template` that decides about data planes.
package struct PodTemplate: Sendable, Hashable {
    package var labels: [String: String]
    package var annotations: [String: String]
    package var hostNetwork: Bool
    /// Services that its containers name.
    package var references: [HostReference]

    package init(
        labels: [String: String] = [:], annotations: [String: String] = [:],
        hostNetwork: Bool = false, references: [HostReference] = []
    ) {
        self.labels = labels
        self.annotations = annotations
        self.hostNetwork = hostNetwork
        self.references = references
    }
}

package struct OwnerReference: Sendable, Hashable {
    package var kind: String
    package var name: String

    package init(kind: String, name: String) {
        self.kind = kind
        self.name = name
    }
}

/// How far a controller's rollout is, as its status says.
package struct RolloutStatus: Sendable, Hashable {
    package var generation: Int
    package var observedGeneration: Int
    package var updatedReplicas: Int
    package var availableReplicas: Int
    /// All pods of the controller, old and new.
    package var totalReplicas: Int
    /// The Deployment's condition `Progressing` with reason `ProgressDeadlineExceeded`.
    package var deadlineExceeded: Bool

    package init(
        generation: Int = 0, observedGeneration: Int = 0, updatedReplicas: Int = 0,
        availableReplicas: Int = 0, totalReplicas: Int = 0, deadlineExceeded: Bool = false
    ) {
        self.generation = generation
        self.observedGeneration = observedGeneration
        self.updatedReplicas = updatedReplicas
        self.availableReplicas = availableReplicas
        self.totalReplicas = totalReplicas
        self.deadlineExceeded = deadlineExceeded
    }
}
