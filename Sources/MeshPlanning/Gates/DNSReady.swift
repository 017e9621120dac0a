package import MeshModel

/// The cluster's DNS pods are ready, and their controller is at strength.
package struct DNSReady: Sendable, Hashable, Codable {
    package var namespace: String
    package var selector: LabelSelector

    package init(namespace: String, selector: LabelSelector) {
        self.namespace = namespace
        self.selector = selector
    }
}

extension DNSReady: GateRule {
    package static var gate: Gate { .dnsReady }

    package typealias Sample = MeshState

    package func findings(in state: MeshState) -> [GateFinding] {
        let index = WorkloadIndex(state)
        let pods = state.pods.filter {
            $0.meta.namespace == namespace && $0.isLive && selector.matches($0.meta.labels)
        }
        let owners = Set(pods.compactMap(index.controller))
        let workloads = index.topmost(in: namespace).filter {
            [.deployment, .daemonSet, .statefulSet, .replicaSet].contains($0.kind)
                && (owners.contains($0.id) || selector.matches($0.template.labels))
        }
        guard !pods.isEmpty || !workloads.isEmpty else {
            return [
                doubt(
                    about: subject, in: namespace,
                    because: "no pod of namespace \(namespace) has the labels \(selector.text)",
                    hint: "Name the cluster's DNS pods under `gates.dns-ready` in the plan file.",
                    command: "kubectl get pods --all-namespaces -l k8s-app=kube-dns")
            ]
        }
        let problems = workloads.compactMap(problem) + podProblems(pods)
        guard problems.isEmpty else { return problems }
        return [
            finding(
                .pass, about: subject, in: namespace,
                "\(HazardWords.count(pods.count, "pod")) ready",
                evidence: workloads.map { "\($0.id.subject) is at strength" }
                    + GateWords.evidence(pods.map { "pod \($0.text) is ready" }))
        ]
    }

    private var subject: String { "DNS in namespace \(namespace)" }

    private func problem(of workload: Workload) -> GateFinding? {
        let why: String
        switch workload.progress {
        case .complete:
            guard workload.replicas == 0 else { return nil }
            why = "wants no pods"
        case .waiting(_, let reason), .stuck(let reason): why = reason
        case .unknown:
            return doubt(
                about: workload.id.subject, in: namespace, because: "it has no status")
        }
        return finding(
            .fail, about: workload.id.subject, in: namespace, why,
            hint: "Without DNS, no client finds a server.", command: workload.id.rollout("status"))
    }

    private func podProblems(_ pods: [Pod]) -> [GateFinding] {
        guard !pods.isEmpty else {
            return [
                finding(
                    .fail, about: subject, in: namespace,
                    "no pod with the labels \(selector.text) runs")
            ]
        }
        return pods.filter { !$0.isReady || $0.isAssumedReady }.map { pod in
            guard pod.isReady else {
                return finding(
                    .fail, about: "pod \(pod.text)", in: namespace, "not ready",
                    hint: "Without DNS, no client finds a server.",
                    command: "kubectl -n \(namespace) describe pod \(pod.meta.name)")
            }
            return doubt(about: "pod \(pod.text)", in: namespace, because: "it has no status")
        }
    }
}
