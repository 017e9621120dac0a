package import MeshModel

/// The rollouts of these namespaces' workloads are complete, and all their pods ready.
package struct WorkloadsReady: Sendable, Hashable, Codable {
    package var namespaces: [String]

    package init(namespaces: [String]) { self.namespaces = namespaces }
}

extension WorkloadsReady: GateRule {
    package static var gate: Gate { .workloadsReady }

    package typealias Sample = MeshState

    package func findings(in state: MeshState) -> [GateFinding] {
        guard !namespaces.isEmpty else { return doubts(in: [], because: "") }
        let index = WorkloadIndex(state)
        let known = Set(state.namespaces.map(\.name))
        return Set(namespaces).sorted().flatMap { name in
            known.contains(name)
                ? findings(in: name, index)
                : doubts(in: [name], because: "the namespace was not seen")
        }
    }

    private func findings(in namespace: String, _ index: WorkloadIndex) -> [GateFinding] {
        let workloads = index.topmost(in: namespace)
        let rolling = workloads.filter { !Self.comesAndGoes($0.kind) }
        var problems: [GateFinding] = []
        var counted = 0
        for workload in rolling {
            let pods = index.pods(of: workload.id).filter { $0.isLive && $0.isBoundAndStarted }
            counted += pods.count
            problems += [problem(of: workload, pods)].compactMap(\.self)
        }
        let bare = index.unmanaged(in: namespace).filter {
            $0.isLive && $0.isBoundAndStarted
                && !(index.controller(of: $0).map { Self.comesAndGoes($0.kind) } ?? false)
        }
        counted += bare.count
        problems += bare.compactMap { pod in
            problem(with: [pod], about: "pod \(pod.text)", in: namespace, command: nil)
        }
        guard problems.isEmpty else { return problems }
        let left = workloads.count - rolling.count
        return [
            finding(
                .pass, about: "namespace \(namespace)", in: namespace,
                "\(HazardWords.count(rolling.count, "workload")) rolled out, "
                    + "\(HazardWords.count(counted, "pod")) ready",
                evidence: GateWords.evidence(rolling.map { "\($0.id.subject) is complete" })
                    + (left == 0 ? [] : ["Jobs and CronJobs are not counted: \(left)"]))
        ]
    }

    /// Pods of Jobs end by themselves, ready or not.
    private static func comesAndGoes(_ kind: WorkloadKind) -> Bool {
        kind == .job || kind == .cronJob
    }

    private func problem(of workload: Workload, _ pods: [Pod]) -> GateFinding? {
        let id = workload.id
        switch workload.progress {
        case .complete:
            return problem(
                with: pods, about: id.subject, in: id.namespace, command: id.rollout("status"))
        case .unknown:
            return doubt(about: id.subject, in: id.namespace, because: "it has no status")
        case .waiting(_, let why), .stuck(let why):
            let isPaused = workload.isPaused
            return finding(
                .fail, about: id.subject, in: id.namespace, why,
                evidence: GateWords.evidence(
                    pods.filter { !$0.isReady }.map { "pod \($0.text) is not ready" }),
                hint: isPaused
                    ? "Resume its rollout." : "Wait for it, or find out what holds it up.",
                command: id.rollout(isPaused ? "resume" : "status"))
        }
    }

    private func problem(
        with pods: [Pod], about subject: String, in namespace: String, command: String?
    ) -> GateFinding? {
        let unready = pods.filter { !$0.isReady }
        if let first = unready.first {
            return finding(
                .fail, about: subject, in: namespace,
                "\(unready.count) of \(HazardWords.count(pods.count, "pod")) not ready: "
                    + unready.map(\.meta.name).shortList,
                hint: "A pod with a sidecar is ready when its proxy is, too.",
                command: "kubectl -n \(namespace) describe pod \(first.meta.name)")
        }
        if let first = pods.first(where: \.isAssumedReady) {
            return doubt(
                about: subject, in: namespace, because: "pod \(first.meta.name) has no status",
                command: "kubectl -n \(namespace) describe pod \(first.meta.name)")
        }
        return nil
    }
}
