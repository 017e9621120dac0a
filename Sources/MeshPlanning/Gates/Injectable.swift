package import MeshModel

/// New pods of these workloads, under the labels that their namespace is about to have, are admitted.
package struct Injectable: Sendable, Hashable, Codable {
    package var workloads: [WorkloadID]
    /// By namespace: labels that the rollout sets before these pods come up; nil is absence.
    package var labels: [String: [String: String?]]

    package init(workloads: [WorkloadID], labels: [String: [String: String?]]) {
        self.workloads = workloads
        self.labels = labels
    }
}

extension Injectable: GateRule {
    package static var gate: Gate { .injectable }

    /// What the API server said to a pod of a workload's template, created in a dry run.
    package enum Admission: Sendable, Hashable {
        case admitted(hasSidecar: Bool)
        /// In its own words.
        case refused(String)
    }

    package struct Sample: Sendable {
        package var state: MeshState
        package var admissions: [WorkloadID: Reading<Admission>]
        /// By namespace: its ResourceQuotas, each as a line.
        package var quotas: [String: Reading<[String]>]

        package init(
            state: MeshState, admissions: [WorkloadID: Reading<Admission>],
            quotas: [String: Reading<[String]>]
        ) {
            self.state = state
            self.admissions = admissions
            self.quotas = quotas
        }
    }

    /// The labels to add to the template's, so that the API server makes of the pod today what it will make
    /// of it under the coming labels of its namespace.
    ///
    /// The webhooks choose by labels of the namespace or, where it has neither of Istio's, of the pod
    /// (`Injection.selectWebhook`): a pod label then calls the same istiod that the namespace's will.
    package func labelsToAskWith(
        for workload: Workload, in state: MeshState
    ) -> Reading<[String: String]> {
        let wanted = decision(for: workload, in: state, comingLabels: true)
        let choices: [[String: String]] =
            wanted.injects
            ? [
                [:], wanted.revision.map { [LabelKeys.revision: $0] } ?? [:],
                [LabelKeys.podInject: "true"],
            ] : [[:], [LabelKeys.podInject: "false"]]
        for choice in choices {
            let now = decision(for: workload, adding: choice, in: state, comingLabels: false)
            guard now.injects == wanted.injects else { continue }
            if !wanted.injects
                || (now.injector ?? now.revision) == (wanted.injector ?? wanted.revision)
            {
                return .seen(choice)
            }
        }
        return .unseen(
            why: "its namespace does not have its new labels yet, and with the present ones the "
                + "injector that will serve it is not asked")
    }

    package func findings(in sample: Sample) -> [GateFinding] {
        guard !workloads.isEmpty else {
            return [doubt(about: "the mesh", in: nil, because: "no workload is named")]
        }
        let known = Dictionary(
            sample.state.workloads.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let byNamespace = Dictionary(grouping: Set(workloads), by: \.namespace)
        return byNamespace.sorted { $0.key < $1.key }.flatMap { namespace, ids -> [GateFinding] in
            let problems = ids.sorted().compactMap { id -> GateFinding? in
                guard let workload = known[id] else {
                    return doubt(about: id.subject, in: namespace, because: "it was not seen")
                }
                return problem(of: workload, in: sample)
            }
            guard problems.isEmpty else { return problems }
            return [
                finding(
                    .pass, about: "namespace \(namespace)", in: namespace,
                    "the API server admits new pods of \(HazardWords.count(ids.count, "workload"))",
                    evidence: GateWords.evidence(
                        ids.sorted().map { "\($0.subject): admitted in a dry run" }))
            ]
        }
    }

    private func decision(
        for workload: Workload, adding more: [String: String] = [:], in state: MeshState,
        comingLabels: Bool
    ) -> Injection.Decision {
        let name = workload.meta.namespace
        let now = state.namespaces.first { $0.name == name }?.meta.labels ?? [:]
        return Injection.decide(
            namespaceName: name,
            namespaceLabels: comingLabels ? now.setting(labels[name] ?? [:]) : now,
            podLabels: workload.template.labels.merging(more) { $1 },
            podAnnotations: workload.template.annotations,
            hostNetwork: workload.template.hostNetwork, environment: state.injection)
    }

    private func problem(of workload: Workload, in sample: Sample) -> GateFinding? {
        let id = workload.id
        let wanted = decision(for: workload, in: sample.state, comingLabels: true)
        func fail(
            _ reason: String, _ hint: String,
            command: String = "kubectl get mutatingwebhookconfigurations"
        ) -> GateFinding {
            finding(
                .fail, about: id.subject, in: id.namespace, reason,
                evidence: facts(about: id.namespace, wanted, sample), hint: hint, command: command)
        }
        if wanted.reason == .noWebhook {
            return fail(
                "no injection webhook serves revision or tag \(wanted.revision ?? "default")",
                "New pods would start without a sidecar, and without an error.")
        }
        switch sample.admissions[id] ?? .unseen(why: "it was not asked") {
        case .seen(.admitted(let hasSidecar)):
            if hasSidecar == wanted.injects { return nil }
            return hasSidecar
                ? fail(
                    "new pods would get a sidecar, and should have none",
                    "Find the webhook that injects it.")
                : fail(
                    "new pods are admitted without a sidecar",
                    "See whether the webhook's failurePolicy is Ignore, and why istiod did not answer."
                )
        case .seen(.refused(let words)):
            let isOverQuota = words.contains("exceeded quota")
            if isOverQuota, Self.endsOldPodsFirst(workload) {
                return doubt(
                    about: id.subject, in: id.namespace,
                    because:
                        "a pod more exceeds the quota, and old pods end before new ones start: "
                        + words, evidence: facts(about: id.namespace, wanted, sample))
            }
            return fail(
                "the API server would refuse new pods: \(words)",
                "A rollout would stand still, with old pods left: mend it first.",
                command: isOverQuota
                    ? "kubectl -n \(id.namespace) describe resourcequotas"
                    : "kubectl describe namespace \(id.namespace)")
        case .unseen(let why):
            return doubt(
                about: id.subject, in: id.namespace, because: why,
                evidence: facts(about: id.namespace, wanted, sample),
                command: "kubectl auth can-i create pods -n \(id.namespace)")
        }
    }

    private static func endsOldPodsFirst(_ workload: Workload) -> Bool {
        [.statefulSet, .daemonSet].contains(workload.kind) || workload.updateStrategy == "Recreate"
    }

    /// What stands in the way of a sidecar as far as objects say it, where no dry run does.
    private func facts(
        about namespace: String, _ wanted: Injection.Decision, _ sample: Sample
    ) -> [String] {
        guard wanted.injects else { return [] }
        var lines: [String] = []
        let labels = sample.state.namespaces.first { $0.name == namespace }?.meta.labels ?? [:]
        switch labels[Self.enforcement] {
        case let level? where level == "baseline" || level == "restricted":
            lines.append(
                "Pod Security enforces \(level), which refuses the capabilities of istio-init "
                    + "(NET_ADMIN, NET_RAW) unless istio-cni does its work")
        case let level?: lines.append("Pod Security enforces \(level)")
        case nil: lines.append("no Pod Security label; the cluster may have a default")
        }
        switch sample.quotas[namespace] ?? .unseen(why: "not asked") {
        case .seen(let quotas):
            lines += quotas.isEmpty ? ["no ResourceQuota"] : quotas
        case .unseen(let why): lines.append("ResourceQuotas were not seen: \(why)")
        }
        return GateWords.evidence(lines)
    }

    private static let enforcement = "pod-security.kubernetes.io/enforce"
}
