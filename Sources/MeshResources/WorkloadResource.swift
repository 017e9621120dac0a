import JSON
package import MeshModel

/// A controller of `apps/v1` or `batch/v1`; the list, or the manifest, knows its kind.
package struct WorkloadResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec, status }

    private struct Template: Decodable {
        struct Spec: Decodable {
            private enum Keys: String, CodingKey { case hostNetwork }

            let hostNetwork: Bool?
            let references: [HostReference]

            init(from decoder: any Decoder) throws {
                hostNetwork = try decoder.container(keyedBy: Keys.self)
                    .decodeIfPresent(Bool.self, forKey: .hostNetwork)
                references = try PodTextsResource(from: decoder).references
            }
        }

        var metadata: MetadataResource?
        var spec: Spec?
    }

    private struct JobTemplate: Decodable {
        struct Spec: Decodable { var template: Template? }

        var spec: Spec?
    }

    private struct Strategy: Decodable {
        struct RollingUpdate: Decodable {
            var partition: Int?
            var maxSurge: IntOrPercent?
            var maxUnavailable: IntOrPercent?
        }

        var type: String?
        var rollingUpdate: RollingUpdate?
    }

    private struct Spec: Decodable {
        var replicas: Int?
        var paused: Bool?
        var serviceName: String?
        var schedule: String?
        var template: Template?
        var jobTemplate: JobTemplate?
        /// Deployments say `strategy`, StatefulSets and DaemonSets `updateStrategy`.
        var strategy: Strategy?
        var updateStrategy: Strategy?
    }

    private struct Status: Decodable {
        struct Condition: Decodable {
            var type: String?
            var reason: String?
        }

        var observedGeneration: Int?
        var replicas: Int?
        var updatedReplicas: Int?
        var availableReplicas: Int?
        var desiredNumberScheduled: Int?
        var currentNumberScheduled: Int?
        var updatedNumberScheduled: Int?
        var numberAvailable: Int?
        var conditions: [Condition]?
    }

    private let metadata: MetadataResource
    private let spec: Spec?
    private let status: Status?

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        status = try container.decodeIfPresent(Status.self, forKey: .status)
    }

    package func workload(_ kind: WorkloadKind) -> Workload {
        let template = spec?.jobTemplate?.spec?.template ?? spec?.template
        let strategy = spec?.strategy ?? spec?.updateStrategy
        let replicas =
            kind == .daemonSet ? status?.desiredNumberScheduled ?? 0 : spec?.replicas ?? 1
        var workload = Workload(
            kind: kind, meta: metadata.meta(defaultNamespace: "default"),
            template: PodTemplate(
                labels: template?.metadata?.labels?.values ?? [:],
                annotations: template?.metadata?.annotations?.values ?? [:],
                hostNetwork: template?.spec?.hostNetwork ?? false,
                references: template?.spec?.references ?? []),
            owner: metadata.owner, isPaused: spec?.paused ?? false,
            updateStrategy: strategy?.type ?? "",
            partition: strategy?.rollingUpdate?.partition ?? 0,
            serviceName: spec?.serviceName ?? "", replicas: replicas,
            podsAtOnce: podsAtOnce(kind, replicas: replicas, strategy: strategy),
            status: rolloutStatus(kind))
        workload.schedule = spec?.schedule ?? ""
        return workload
    }

    /// Surge plus unavailable; the defaults are those of `apps/v1`.
    private func podsAtOnce(_ kind: WorkloadKind, replicas: Int, strategy: Strategy?) -> Int {
        if strategy?.type == "Recreate" { return max(1, replicas) }
        let rolling = strategy?.rollingUpdate
        let surge: Int
        let unavailable: Int
        switch kind {
        case .deployment:
            surge = (rolling?.maxSurge ?? .percent(25)).of(replicas, roundingUp: true)
            unavailable = (rolling?.maxUnavailable ?? .percent(25)).of(replicas, roundingUp: false)
        case .daemonSet:
            surge = (rolling?.maxSurge ?? .number(0)).of(replicas, roundingUp: true)
            unavailable = (rolling?.maxUnavailable ?? .number(1)).of(replicas, roundingUp: true)
        case .statefulSet, .replicaSet, .job, .cronJob:
            surge = 0
            unavailable = (rolling?.maxUnavailable ?? .number(1)).of(replicas, roundingUp: true)
        }
        return max(1, surge + unavailable)
    }

    private func rolloutStatus(_ kind: WorkloadKind) -> RolloutStatus {
        let isDaemonSet = kind == .daemonSet
        return RolloutStatus(
            generation: metadata.generation ?? 0,
            observedGeneration: status?.observedGeneration ?? 0,
            updatedReplicas: (isDaemonSet
                ? status?.updatedNumberScheduled : status?.updatedReplicas) ?? 0,
            availableReplicas: (isDaemonSet
                ? status?.numberAvailable : status?.availableReplicas) ?? 0,
            totalReplicas: (isDaemonSet ? status?.currentNumberScheduled : status?.replicas) ?? 0,
            deadlineExceeded: (status?.conditions ?? []).contains {
                $0.type == "Progressing" && $0.reason == "ProgressDeadlineExceeded"
            })
    }
}

/// A count, or a share of the replicas such as `25%`.
private enum IntOrPercent: Decodable {
    case number(Int)
    case percent(Int)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            self = .number(number)
            return
        }
        let text = try container.decode(String.self)
        guard text.hasSuffix("%"), let percent = Int(text.dropLast()) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "neither a number nor a percentage")
        }
        self = .percent(percent)
    }

    func of(_ total: Int, roundingUp: Bool) -> Int {
        switch self {
        case .number(let number):
            return min(max(number, 0), 1_000_000)
        case .percent(let percent):
            // Bounded, so that no document can overflow the product.
            let share = min(max(percent, 0), 1000) * min(max(total, 0), 1_000_000)
            return roundingUp ? (share + 99) / 100 : share / 100
        }
    }
}
