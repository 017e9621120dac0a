import Diagnostics
import MeshModel

/// The workloads of a namespace whose running pods lack, or still have, a sidecar.
struct RestartNeeds {
    var restarts: [EnrolmentNeed.Restart] = []
    /// Workloads that would not restart as they are set up, each with its diagnostic.
    var blocked: [WorkloadID] = []
    var diagnostics: [Diagnostic] = []

    /// - Parameter labels: the labels that the namespace ends with.
    init(
        namespace: String, labels: [String: String], revisions: Set<String>?,
        workloads: WorkloadIndex
    ) {
        func plane(_ template: PodTemplate) -> PodDataplane {
            ExpectedDataplane.ofNewPod(
                template, in: namespace, labels: labels, revisions: revisions)
        }
        for workload in workloads.topmost(in: namespace) {
            let wants = plane(workload.template)
            let misses = workloads.pods(of: workload.id).filter {
                Self.needsNewPod($0, wants: wants)
            }
            if !misses.isEmpty { add(workload, wants: wants, pods: misses) }
        }
        for pod in workloads.unmanaged(in: namespace) {
            let wants = plane(
                PodTemplate(
                    labels: pod.meta.labels, annotations: pod.meta.annotations,
                    hostNetwork: pod.hostNetwork))
            if Self.needsNewPod(pod, wants: wants) { addBare(pod, wants: wants) }
        }
    }

    /// Only a sidecar needs a new pod, to come or to go; istio-cni captures and releases running pods.
    private static func needsNewPod(_ pod: Pod, wants: PodDataplane) -> Bool {
        guard pod.isLive, pod.isBoundAndStarted else { return false }
        switch pod.dataplane {
        case .sidecar: return wants != .sidecar
        case .ambient, .none: return wants == .sidecar
        case .gateway, .waypoint: return false
        }
    }

    private mutating func add(_ workload: Workload, wants: PodDataplane, pods: [Pod]) {
        let id = workload.id
        switch id.kind {
        case .deployment, .statefulSet, .daemonSet:
            if let obstacle = Self.obstacle(to: workload) {
                diagnostics.append(obstacle)
                blocked.append(id)
                return
            }
            restarts.append(
                EnrolmentNeed.Restart(
                    change: WorkloadRestart(workload: id, uid: workload.meta.uid, wants: wants),
                    marks: Self.isDisruptive(workload) ? [.disruptive] : [],
                    podsAtOnce: max(1, workload.podsAtOnce)))
        case .job, .cronJob:
            diagnostics.append(
                Diagnostic(
                    .restartByPerson, .note,
                    "\(id.text): its next pods change their data plane, \(pods.count) running now do not"
                )
            )
        case .replicaSet:
            let owner = workload.owner.map { "belongs to \($0.kind) \($0.name)" }
            let names = pods.map(\.meta.name).sorted().joined(separator: " ")
            diagnostics.append(
                Diagnostic(
                    .restartByPerson, .warning,
                    "\(id.text) \(owner ?? "has no Deployment"), "
                        + "so meshctl does not restart its \(pods.count) pods",
                    detail: "Delete its pods when it suits you; new ones get the new data plane.",
                    remedy: "kubectl -n \(id.namespace) delete pod \(names)"))
        }
    }

    private mutating func addBare(_ pod: Pod, wants: PodDataplane) {
        let verb = wants == .sidecar ? "get a sidecar" : "lose its sidecar"
        let name = "pod \(pod.meta.namespace)/\(pod.meta.name)"
        guard let owner = pod.owner else {
            diagnostics.append(
                Diagnostic(
                    .unmanagedPod, .warning, "\(name) has no controller and will not \(verb)",
                    detail: "Nothing makes it again when it is deleted. Recreate it yourself."))
            return
        }
        diagnostics.append(
            Diagnostic(
                .unmanagedPod, .warning,
                "\(name) belongs to \(owner.kind) \(owner.name), "
                    + "which meshctl does not restart, and will not \(verb)",
                detail: "Restart it the way its controller asks for."))
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
