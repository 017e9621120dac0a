import Diagnostics
import MeshModel

/// The workloads to roll into the ambient mesh before their namespace is labelled (`enrolment: rolling`).
///
/// istio-cni captures a running pod the moment the namespace has the label, and its open connections break
/// (istio issues 48876, 59729). A pod that starts with the label of its own is captured before it serves.
struct RollingNeeds {
    private(set) var rolls: [EnrolmentNeed.Restart] = []
    /// Workloads that ought to roll and would not; `diagnostics` says why.
    private(set) var blocked: [WorkloadID] = []
    private(set) var diagnostics: [Diagnostic] = []

    /// - Parameter labels: those that the namespace ends with.
    init(
        _ namespace: Namespace, labels: [String: String], isRolling: Bool,
        injection: Injection.Environment,
        workloads: WorkloadIndex
    ) {
        guard isRolling else { return }
        func isCut(_ pod: Pod) -> Bool {
            pod.isLive && pod.isBoundAndStarted && pod.dataplane == .none
                && ExpectedDataplane.ofRunningPod(pod, labels: labels) == .ambient
        }
        for workload in workloads.topmost(in: namespace.name) {
            let pods = workloads.pods(of: workload.id).filter(isCut)
            guard !pods.isEmpty else { continue }
            add(workload, pods: pods, in: namespace, injection: injection)
        }
        for pod in workloads.unmanaged(in: namespace.name) where isCut(pod) {
            cannotRoll(
                "pod \(namespace.name)/\(pod.meta.name)", because: "it has no controller to roll")
        }
    }

    private mutating func add(
        _ workload: Workload, pods: [Pod], in namespace: Namespace, injection: Injection.Environment
    ) {
        let id = workload.id
        guard [.deployment, .statefulSet, .daemonSet].contains(id.kind) else {
            cannotRoll(
                "\(id.text): \(pods.count) running pods",
                because: "meshctl restarts no \(id.kind.rawValue)")
            return
        }
        if let obstacle = RestartNeeds.obstacle(to: workload) {
            diagnostics.append(obstacle)
            blocked.append(id)
            return
        }
        var template = workload.template
        template.labels[LabelKeys.dataplaneMode] = Self.ambient
        let plane = ExpectedDataplane.ofNewPod(
            template, in: namespace.name, labels: namespace.meta.labels, injection: injection)
        guard plane == .ambient else {
            cannotRoll(
                "\(id.text): \(pods.count) running pods",
                because: "new ones would get a sidecar as the namespace is labelled now")
            return
        }
        rolls.append(
            EnrolmentNeed.Restart(
                change: WorkloadRestart(
                    workload: id, uid: workload.meta.uid, wants: .ambient,
                    templateLabel: TemplateLabelChange(
                        key: LabelKeys.dataplaneMode,
                        before: workload.template.labels[LabelKeys.dataplaneMode],
                        after: Self.ambient)),
                marks: RestartNeeds.isDisruptive(workload) ? [.disruptive] : [],
                podsAtOnce: max(1, workload.podsAtOnce)))
    }

    private static let ambient = "ambient"

    private mutating func cannotRoll(_ what: String, because reason: String) {
        diagnostics.append(
            Diagnostic(
                .restartByPerson, .warning, "\(what) will be captured while running",
                detail: "`enrolment: rolling` cannot roll it: \(reason). Its open connections are "
                    + "cut when the namespace gets its label."))
    }
}
