package import MeshModel

/// Every live pod of these namespaces that should be in the data plane is, and is ready.
package struct Enrolled: Sendable, Hashable, Codable {
    package var namespaces: [String]
    /// By namespace: why pods that no controller owns may stay as they are, as the plan file has it.
    package var acceptUnmanaged: [String: String]

    package init(namespaces: [String], acceptUnmanaged: [String: String] = [:]) {
        self.namespaces = namespaces
        self.acceptUnmanaged = acceptUnmanaged
    }
}

extension Enrolled: GateRule {
    package static var gate: Gate { .enrolled }

    package typealias Sample = MeshState

    package func findings(in state: MeshState) -> [GateFinding] {
        guard !namespaces.isEmpty else { return doubts(in: [], because: "") }
        let pods = Dictionary(grouping: state.pods.filter(\.isLive), by: \.meta.namespace)
        let judge = EnrolmentJudge(state)
        return Set(namespaces).sorted().flatMap { name -> [GateFinding] in
            guard let namespace = state.namespaces.first(where: { $0.name == name }) else {
                return doubts(in: [name], because: "the namespace was not seen")
            }
            return findings(in: namespace, pods[name] ?? [], judge)
        }
    }

    private func findings(
        in namespace: Namespace, _ pods: [Pod], _ judge: EnrolmentJudge
    ) -> [GateFinding] {
        var groups: [String: Group] = [:]
        var waiting: [String] = []
        var notes: [String] = []
        var enrolled = 0
        for pod in pods {
            guard pod.isBoundAndStarted else {
                waiting.append(pod.meta.name)
                continue
            }
            let id = judge.workloads.controller(of: pod)
            switch judge.standing(of: pod, labels: namespace.meta.labels) {
            case .notConcerned: continue
            case .enrolled(let note):
                enrolled += 1
                groups[judge.workloads.text(of: pod), default: Group(id: id, pod: pod)].total += 1
                notes += [note.map { "pod \(pod.meta.name): \($0)" }].compactMap(\.self)
            case .problem(let problem):
                if id == nil, let reason = acceptUnmanaged[namespace.name] {
                    notes.append(
                        "pod \(pod.meta.name): \(problem.why); it may stay as it is: \(reason)")
                    continue
                }
                groups[judge.workloads.text(of: pod), default: Group(id: id, pod: pod)]
                    .add(problem, of: pod)
            }
        }
        if !waiting.isEmpty {
            notes.append(
                "\(HazardWords.count(waiting.count, "pod")) not counted, being Pending or without "
                    + "a node: \(waiting.shortList)")
        }
        let problems = groups.sorted { $0.key < $1.key }.compactMap { finding(of: $0.value) }
        let unknown = judge.doubt(about: namespace, pods).map {
            doubts(
                in: [namespace.name], because: $0,
                command: "kubectl get configmaps --all-namespaces "
                    + "--field-selector metadata.name=istio-cni-config")
        }
        guard problems.isEmpty, unknown == nil else { return problems + (unknown ?? []) }
        return [
            finding(
                .pass, about: "namespace \(namespace.name)", in: namespace.name,
                enrolled == 0
                    ? "no running pod should be in the data plane"
                    : "\(enrolled) of \(HazardWords.count(enrolled, "pod")) in the data plane",
                evidence: GateWords.evidence(notes))
        ]
    }

    /// The pods of one workload, or one pod without a controller.
    private struct Group {
        var id: WorkloadID?
        var pod: Pod
        var total = 0
        var problems: [(pod: Pod, problem: EnrolmentJudge.Problem)] = []

        mutating func add(_ problem: EnrolmentJudge.Problem, of pod: Pod) {
            total += 1
            problems.append((pod, problem))
        }
    }

    private func finding(of group: Group) -> GateFinding? {
        let missing = group.problems.filter { !$0.problem.isDoubt }
        guard let first = missing.first ?? group.problems.first else { return nil }
        let count =
            "\(group.total - group.problems.count) of "
            + "\(HazardWords.count(group.total, "pod")) in the data plane"
        let subject = group.id?.subject ?? "pod \(group.pod.text)"
        let namespace = group.pod.meta.namespace
        let evidence = GateWords.evidence(
            group.problems.map { "pod \($0.pod.meta.name): \($0.problem.why)" })
        guard !missing.isEmpty else {
            return doubt(
                about: subject, in: namespace,
                because: "\(first.problem.why) (pod \(first.pod.meta.name); \(count))",
                evidence: evidence)
        }
        let advice = first.problem.advice(for: group.id, first.pod)
        return finding(
            .fail, about: subject, in: namespace,
            "\(count): pod \(first.pod.meta.name) \(first.problem.why)", evidence: evidence,
            hint: advice.hint, command: advice.command)
    }
}
