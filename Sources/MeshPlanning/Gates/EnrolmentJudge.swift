import MeshModel

/// Whether a running pod is in the data plane in which it should be.
struct EnrolmentJudge {
    enum Standing: Equatable {
        /// It should be in none, or is a proxy itself.
        case notConcerned
        case enrolled(note: String?)
        case problem(Problem)
    }

    struct Problem: Equatable {
        /// What would mend it.
        enum Cure { case newPod, capture, patience, knowledge }

        var why: String
        var cure: Cure

        var isDoubt: Bool { cure == .knowledge }
    }

    let workloads: WorkloadIndex
    private let state: MeshState

    init(_ state: MeshState) {
        self.state = state
        workloads = WorkloadIndex(state)
    }

    /// - Parameter labels: those of the pod's namespace.
    func standing(of pod: Pod, labels: [String: String]) -> Standing {
        guard !pod.isGateway, !pod.isWaypoint else { return .notConcerned }
        let template =
            workloads.controller(of: pod).flatMap { workloads[$0]?.template }
            ?? PodTemplate(
                labels: pod.meta.labels, annotations: pod.meta.annotations,
                hostNetwork: pod.hostNetwork)
        let injection = Injection.decide(
            namespaceName: pod.meta.namespace, namespaceLabels: labels,
            podLabels: template.labels, podAnnotations: template.annotations,
            hostNetwork: template.hostNetwork, environment: state.injection)
        if injection.injects { return sidecarStanding(of: pod, injection) }
        if pod.hasSidecar {
            let next = ExpectedDataplane.ofNewPod(
                template, in: pod.meta.namespace, labels: labels, injection: state.injection,
                enrolment: state.enrolment)
            return next == .ambient
                ? .problem(Problem(why: "still has its sidecar", cure: .newPod)) : .notConcerned
        }
        return ambientStanding(of: pod, labels: labels)
    }

    private func sidecarStanding(of pod: Pod, _ injection: Injection.Decision) -> Standing {
        func problem(_ why: String, _ cure: Problem.Cure) -> Standing {
            .problem(Problem(why: why, cure: cure))
        }
        guard pod.hasSidecar else { return problem("has no sidecar", .newPod) }
        guard pod.takesLegacyMTLS else {
            return problem("lacks the label \(LabelKeys.tlsMode)=istio", .newPod)
        }
        let planes = state.surroundings.controlPlanes ?? []
        switch SidecarRevision.matches(pod, injection, planes: planes) {
        case false?: return problem("has a sidecar of another revision", .newPod)
        case nil: return problem("the revision of its sidecar is not known", .knowledge)
        case true?: break
        }
        return readiness(of: pod) ?? .enrolled(note: nil)
    }

    private func ambientStanding(of pod: Pod, labels: [String: String]) -> Standing {
        // What istio-cni wants does not depend on what it has done already.
        let wanted = AmbientEnrolment.decide(
            namespaceName: pod.meta.namespace, namespaceLabels: labels, podLabels: pod.meta.labels,
            podAnnotations: pod.meta.annotations, hostNetwork: pod.hostNetwork,
            environment: state.enrolment
        ).wanted
        guard wanted else { return .notConcerned }
        guard pod.outboundPlane == .ambient else {
            let why =
                pod.isCapturePending
                ? "is redirected, but ztunnel does not hold it yet"
                : "is not captured"
            return .problem(Problem(why: why, cure: .capture))
        }
        let note =
            pod.isCaptured ? nil : "\(LabelKeys.bypassInboundCapture) leaves inbound traffic out"
        return readiness(of: pod) ?? .enrolled(note: note)
    }

    private func readiness(of pod: Pod) -> Standing? {
        if pod.isAssumedReady {
            return .problem(Problem(why: "whether it is ready is not known", cure: .knowledge))
        }
        return pod.isReady ? nil : .problem(Problem(why: "is not ready", cure: .patience))
    }

    /// What keeps the namespace from being judged at all; nil where nothing does. Without istio-cni's settings
    /// the chart's are taken, and these may count pods out that should be in.
    func doubt(about namespace: Namespace, _ pods: [Pod]) -> String? {
        guard state.surroundings.cni == nil else { return nil }
        let isAmbient =
            namespace.meta.labels[LabelKeys.dataplaneMode] == "ambient"
            || pods.contains {
                $0.meta.labels[LabelKeys.dataplaneMode] == "ambient"
                    || $0.outboundPlane == .ambient || $0.isCapturePending
            }
        return isAmbient
            ? "the ConfigMap istio-cni-config was not found or may not be read: which pods istio-cni "
                + "leaves out is not known" : nil
    }
}

extension EnrolmentJudge.Problem {
    /// What to do about it, and what to run.
    func advice(for id: WorkloadID?, _ pod: Pod) -> (hint: String, command: String) {
        let describe = "kubectl -n \(pod.meta.namespace) describe pod \(pod.meta.name)"
        switch cure {
        case .newPod:
            guard let id else { return ("Nothing makes it again: recreate it yourself.", describe) }
            switch id.kind {
            case .deployment, .statefulSet, .daemonSet:
                return ("It changes with a new pod: restart it.", id.rollout("restart"))
            case .job, .cronJob:
                return ("A Job is not restarted: wait until it has finished.", describe)
            case .replicaSet:
                return ("It changes with a new pod: delete its pods one by one.", describe)
            }
        case .capture:
            return (
                "See what istio-cni and ztunnel of its node say.",
                "kubectl get pods --all-namespaces -o wide --field-selector "
                    + "spec.nodeName=\(pod.nodeName)"
            )
        case .patience, .knowledge:
            return ("A pod with a sidecar is ready when its proxy is, too.", describe)
        }
    }
}
