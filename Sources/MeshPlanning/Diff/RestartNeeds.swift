import Diagnostics
import MeshModel

/// The workloads of a namespace whose running pods lack a sidecar, still have one, or have another revision's, and
/// those that are just making such pods.
struct RestartNeeds {
    var restarts: [EnrolmentNeed.Restart] = []
    /// Workloads that would not restart as they are set up, each with its diagnostic.
    var blocked: [WorkloadID] = []
    var diagnostics: [Diagnostic] = []

    /// - Parameters:
    ///   - present: the labels that the namespace has now.
    ///   - labels: the labels that the namespace ends with.
    ///   - planes: the control planes that are known; a label that names none of them may be a tag.
    ///   - doors: the selectors of the namespace's Services of type LoadBalancer.
    ///   - acceptUnmanaged: why pods that nothing makes again may stay as they are; nil where nobody says so.
    init(
        namespace: String, present: [String: String], labels: [String: String],
        injection: Injection.Environment,
        planes: [ControlPlane] = [], workloads: WorkloadIndex, doors: [LabelSelector] = [],
        acceptUnmanaged: String? = nil
    ) {
        func nextPod(_ template: PodTemplate, under labels: [String: String]) -> NextPod {
            NextPod(template, in: namespace, labels: labels, injection: injection, planes: planes)
        }
        for workload in workloads.topmost(in: namespace) {
            let next = nextPod(workload.template, under: labels)
            let wants = next.plane
            let misses = workloads.pods(of: workload.id).filter(next.replaces)
            let isMakingOthers =
                workload.isRollingOut
                && nextPod(workload.template, under: present).differsBySidecar(from: next)
            guard !misses.isEmpty || isMakingOthers else { continue }
            let isDoor = doors.contains { $0.matches(workload.template.labels) }
            add(workload, wants: wants, pods: misses, isDoor: isDoor)
        }
        for pod in workloads.unmanaged(in: namespace) {
            let next = nextPod(
                PodTemplate(
                    labels: pod.meta.labels, annotations: pod.meta.annotations,
                    hostNetwork: pod.hostNetwork), under: labels)
            guard next.replaces(pod) else { continue }
            addUnmanaged(pod, wants: next.plane, accepted: acceptUnmanaged)
        }
    }

    /// What a controller would make now.
    private struct NextPod {
        let plane: PodDataplane
        private let decision: Injection.Decision
        private let planes: [ControlPlane]

        init(
            _ template: PodTemplate, in namespace: String, labels: [String: String],
            injection: Injection.Environment, planes: [ControlPlane]
        ) {
            plane = ExpectedDataplane.ofNewPod(
                template, in: namespace, labels: labels, injection: injection)
            decision = Injection.decide(
                namespaceName: namespace, namespaceLabels: labels, podLabels: template.labels,
                podAnnotations: template.annotations, hostNetwork: template.hostNetwork,
                environment: injection)
            self.planes = planes
        }

        func differsBySidecar(from other: NextPod) -> Bool {
            plane != other.plane && (plane == .sidecar || other.plane == .sidecar)
        }

        /// Only a sidecar needs a new pod, to come, to go or to change; istio-cni captures and releases
        /// running pods. A pod has its containers from when it is made: one that has not started yet will have
        /// no others.
        func replaces(_ pod: Pod) -> Bool {
            guard pod.isLive else { return false }
            switch pod.dataplane {
            case .sidecar:
                return plane != .sidecar
                    || SidecarRevision.matches(pod, decision, planes: planes) == false
            case .ambient, .none: return plane == .sidecar
            case .gateway, .waypoint: return false
            }
        }
    }

    private mutating func add(
        _ workload: Workload, wants: PodDataplane, pods: [Pod], isDoor: Bool
    ) {
        let id = workload.id
        switch id.kind {
        case .deployment, .statefulSet, .daemonSet:
            if let owner = workload.owner {
                diagnostics.append(ForeignController.diagnostic(of: id, under: owner, pods: pods))
            } else if let obstacle = Self.obstacle(to: workload) {
                diagnostics.append(obstacle)
                blocked.append(id)
            } else {
                restarts.append(Self.restart(of: workload, wants: wants, isDoor: isDoor))
            }
        case .job:
            diagnostics.append(
                Diagnostic(
                    .restartByPerson, .note,
                    "\(id.text): it runs, and its pods keep their data plane until it has finished",
                    detail:
                        "A Job is never restarted: what it did would be done twice. Wait for it "
                        + "before STRICT; pods that it still has to start get the new data plane."))
        case .cronJob:
            diagnostics.append(
                Diagnostic(
                    .restartByPerson, .note,
                    "\(id.text): its next run has the new data plane, the one that runs now has not",
                    detail: "Wait until it has finished before STRICT."))
        case .replicaSet:
            diagnostics.append(
                workload.owner.map { ForeignController.diagnostic(of: id, under: $0, pods: pods) }
                    ?? Self.loneReplicaSet(id, pods))
        }
    }

    private static func restart(
        of workload: Workload, wants: PodDataplane, isDoor: Bool
    ) -> EnrolmentNeed.Restart {
        return EnrolmentNeed.Restart(
            change: WorkloadRestart(workload: workload.id, uid: workload.meta.uid, wants: wants),
            marks: isDisruptive(workload) || isDoor ? [.disruptive] : [],
            podsAtOnce: max(1, workload.podsAtOnce))
    }

    private static func loneReplicaSet(_ id: WorkloadID, _ pods: [Pod]) -> Diagnostic {
        let names = pods.map(\.meta.name).sorted().joined(separator: " ")
        return Diagnostic(
            .restartByPerson, .warning,
            "\(id.text) has no Deployment, so meshctl does not restart its \(pods.count) pods",
            detail: "Delete its pods when it suits you; new ones get the new data plane.",
            remedy: "kubectl -n \(id.namespace) delete pod \(names)")
    }

    /// Pods whose controller, if there is one, was not read.
    private mutating func addUnmanaged(_ pod: Pod, wants: PodDataplane, accepted reason: String?) {
        let verb =
            wants != .sidecar
            ? "lose its sidecar"
            : pod.dataplane == .sidecar ? "get the sidecar of the revision" : "get a sidecar"
        let name = "pod \(pod.meta.namespace)/\(pod.meta.name)"
        let why =
            pod.owner.map { "belongs to \($0.kind) \($0.name), which meshctl does not restart," }
            ?? "has no controller"
        if let reason {
            diagnostics.append(
                Diagnostic(
                    .unmanagedPod, .note, "\(name) \(why) and will not \(verb)",
                    detail: "Accepted in the plan: \(reason)"))
            return
        }
        let next =
            pod.owner.map { ForeignController.advice($0, in: pod.meta.namespace) }
            ?? ForeignController.Advice(
                "Nothing makes it again when it is deleted. Recreate it yourself.")
        diagnostics.append(
            Diagnostic(
                .unmanagedPod, .warning, "\(name) \(why) and will not \(verb)",
                detail: next.text
                    + " If it may stay as it is, say so with `acceptUnmanaged: REASON` in "
                    + "the namespace's entry.", remedy: next.command))
    }

    /// Whether it has no spare pod while it restarts.
    static func isDisruptive(_ workload: Workload) -> Bool {
        workload.updateStrategy == "Recreate" || workload.replicas <= 1
    }

    /// Why it would not restart as it is set up; nil when it would.
    static func obstacle(to workload: Workload) -> Diagnostic? {
        let id = workload.id
        let kind = id.kind.rawValue.lowercased()
        if workload.isPaused {
            return Diagnostic(
                .restartByPerson, "\(id.text) is paused and would not restart",
                detail: "Resume it, then give the command again.",
                remedy: "kubectl -n \(id.namespace) rollout resume \(kind)/\(id.name)")
        }
        if workload.updateStrategy == "OnDelete" {
            return Diagnostic(
                .restartByPerson, "\(id.text) replaces pods only when they are deleted (OnDelete)",
                detail:
                    "Label the namespace yourself, delete its pods one by one, then give the command again.",
                remedy: "kubectl -n \(id.namespace) get pods --watch")
        }
        if workload.partition > 0 {
            return Diagnostic(
                .restartByPerson,
                "\(id.text) has partition \(workload.partition): pods below it would not restart",
                detail: "Set the partition to 0, then give the command again.",
                remedy: "kubectl -n \(id.namespace) patch statefulset \(id.name) --type=merge -p "
                    + #"'{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'"#)
        }
        return nil
    }
}

extension Workload {
    /// Pods of it are made now, under the namespace's present labels, and no list shows them yet.
    fileprivate var isRollingOut: Bool {
        switch progress {
        case .waiting, .stuck: true
        case .complete, .unknown: false
        }
    }
}
