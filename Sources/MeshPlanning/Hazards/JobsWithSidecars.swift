package import Diagnostics
import MeshModel

/// Jobs whose pods get a sidecar that does not stop when they do: such Jobs never finish.
///
/// A native sidecar is stopped by kubelet with the last container. istiod chooses it for each pod
/// (istio `pkg/kube/inject/webhook.go:DetectNativeSidecar`, `pilot/pkg/features/pilot.go:EnableNativeSidecars`).
package enum JobsWithSidecars: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let labels = NamespaceLabels(context)
        return context.observed.namespaces.map(\.name).flatMap { namespace in
            let jobs = context.now.workloads.topmost(in: namespace).filter {
                [.job, .cronJob].contains($0.kind) && isToRun($0, in: context)
                    && labels.gainsSidecar($0.template, in: namespace, context)
            }
            return diagnostics(for: jobs, in: namespace, context)
        }
    }

    /// A finished Job stays in the list until somebody deletes it.
    private static func isToRun(_ workload: Workload, in context: HazardContext) -> Bool {
        guard workload.kind == .job else { return true }
        let pods = context.now.workloads.pods(of: workload.id)
        // Manifests show Jobs before they have pods.
        return pods.isEmpty ? context.observed.clusterUID.isEmpty : pods.contains(where: \.isLive)
    }

    private static func diagnostics(
        for jobs: [Workload], in namespace: String, _ context: HazardContext
    ) -> [Diagnostic] {
        var endless: [String] = []
        var doubtful: [String] = []
        var doubt = ""
        for job in jobs {
            switch NativeSidecars.decide(for: job.template, in: namespace, context) {
            case .yes: break
            case .no: endless.append(job.id.text)
            case .unknown(let why):
                doubtful.append(job.id.text)
                doubt = why
            }
        }
        var found: [Diagnostic] = []
        if !endless.isEmpty {
            found.append(
                Diagnostic(
                    .jobsWithSidecars,
                    "\(HazardWords.list(endless)) would get a sidecar and never finish",
                    detail:
                        "The sidecar runs on when the Job's own container is done, so the pod never "
                        + "completes. Let the pods have a native sidecar (Kubernetes 1.29 and newer), or "
                        + "none, by one of these in the pod template, and plan again:",
                    remedy: remedy))
        }
        if !doubtful.isEmpty {
            found.append(
                Diagnostic(
                    .jobsWithSidecars, .warning,
                    "cannot judge whether \(HazardWords.list(doubtful)) would still finish with a sidecar",
                    detail:
                        "They finish only with native sidecars, and \(doubt). To be sure, set one of "
                        + "these in the pod template:", remedy: remedy))
        }
        return found
    }

    private static let remedy = """
        annotations: {sidecar.istio.io/nativeSidecar: "true"}
        labels: {sidecar.istio.io/inject: "false"}
        """
}

/// The labels of namespaces before and after a rollout.
struct NamespaceLabels {
    private let before: [String: [String: String]]
    private let after: [String: [String: String]]

    init(_ context: HazardContext) {
        func labels(_ state: MeshState) -> [String: [String: String]] {
            Dictionary(
                state.namespaces.map { ($0.name, $0.meta.labels) }, uniquingKeysWith: { a, _ in a })
        }
        before = labels(context.observed)
        after = labels(context.reached)
    }

    func now(_ namespace: String) -> [String: String] { before[namespace] ?? [:] }
    func then(_ namespace: String) -> [String: String] { after[namespace] ?? [:] }

    /// Whether pods of this template come without a sidecar today, and with one after the rollout.
    func gainsSidecar(
        _ template: PodTemplate, in namespace: String, _ context: HazardContext
    ) -> Bool {
        func plane(_ labels: [String: String]) -> PodDataplane {
            ExpectedDataplane.ofNewPod(
                template, in: namespace, labels: labels, injection: context.observed.injection)
        }
        return plane(now(namespace)) != .sidecar && plane(then(namespace)) == .sidecar
    }
}
