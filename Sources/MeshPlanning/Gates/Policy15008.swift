package import MeshModel

/// No NetworkPolicy keeps HBONE, TCP 15008, from the pods of these namespaces.
package struct Policy15008: Sendable, Hashable, Codable {
    /// Those that are, or are about to be, in the ambient mesh.
    package var namespaces: [String]

    package init(namespaces: [String]) { self.namespaces = namespaces }
}

/// Network policies of a network plugin's own kind: that they are there, and not what they say.
package struct ForeignPolicies: Sendable, Hashable {
    /// `ciliumnetworkpolicies.cilium.io`
    package var resource: String
    /// By namespace, sorted; "" for those that hold in the whole cluster. Unseen where they may not be listed.
    package var names: Reading<[String: [String]]>

    package init(resource: String, names: Reading<[String: [String]]>) {
        self.resource = resource
        self.names = names
    }
}

extension Policy15008: GateRule {
    package static var gate: Gate { .policy15008 }

    package struct Sample: Sendable {
        package var state: MeshState
        /// The kinds of network policy that the cluster knows besides Kubernetes' own.
        package var foreign: Reading<[ForeignPolicies]>

        package init(state: MeshState, foreign: Reading<[ForeignPolicies]>) {
            self.state = state
            self.foreign = foreign
        }
    }

    package func findings(in sample: Sample) -> [GateFinding] {
        guard !namespaces.isEmpty else { return doubts(in: [], because: "") }
        guard let policies = sample.state.surroundings.networkPolicies else {
            return doubts(
                in: namespaces, because: "NetworkPolicies may not be listed",
                command: "kubectl auth can-i list networkpolicies --all-namespaces")
        }
        let admission = InboundAdmission(policies)
        let index = WorkloadIndex(sample.state)
        let labels = Dictionary(
            sample.state.namespaces.map { ($0.name, $0.meta.labels) }, uniquingKeysWith: { $1 })
        let pods = Dictionary(
            grouping: sample.state.pods.filter(\.isLive), by: \.meta.namespace)
        return Set(namespaces).sorted().flatMap { name -> [GateFinding] in
            guard let labels = labels[name] else {
                return doubts(in: [name], because: "the namespace was not seen")
            }
            let concerned = (pods[name] ?? []).filter {
                Self.takesHBONE($0, labels: labels, in: sample.state)
            }
            let closed = failures(of: concerned, admission, index)
            let unread = foreignDoubts(in: name, sample.foreign)
            guard closed.isEmpty, unread.isEmpty else { return closed + unread }
            return [
                finding(
                    .pass, about: "namespace \(name)", in: name,
                    "no NetworkPolicy keeps port 15008 of its pods closed",
                    evidence: [
                        "pods judged: \(concerned.count), against NetworkPolicies: "
                            + "\(policies.filter { $0.meta.namespace == name }.count)"
                    ])
            ]
        }
    }

    /// Whether HBONE comes to the pod, once its namespace is in the ambient mesh. A sidecar does not count: it
    /// goes with its pod.
    private static func takesHBONE(
        _ pod: Pod, labels: [String: String], in state: MeshState
    ) -> Bool {
        if pod.isWaypoint || pod.takesHBONE { return true }
        guard !pod.isGateway else { return false }
        return AmbientEnrolment.decide(
            namespaceName: pod.meta.namespace,
            namespaceLabels: labels.setting([LabelKeys.dataplaneMode: "ambient"]),
            podLabels: pod.meta.labels, podAnnotations: [:], hostNetwork: pod.hostNetwork,
            environment: state.enrolment
        ).wanted
    }

    private func failures(
        of pods: [Pod], _ admission: InboundAdmission, _ index: WorkloadIndex
    ) -> [GateFinding] {
        var closing: [String: (subject: String, policies: Set<String>)] = [:]
        for pod in pods {
            guard let loss = admission.loss(of: pod), !loss.closing.isEmpty else { continue }
            let subject = index.controller(of: pod)?.subject ?? "pod \(pod.text)"
            closing[index.text(of: pod), default: (subject, [])].policies.formUnion(
                loss.closing.map(\.meta.text))
        }
        return closing.sorted { $0.key < $1.key }.map { key, found in
            let namespace = String(key.prefix { $0 != "/" })
            return finding(
                .fail, about: found.subject, in: namespace,
                "NetworkPolicy \(found.policies.sorted().shortList) keeps port 15008 closed",
                hint: "Clients in the ambient mesh connect to port 15008 for every port of the "
                    + "application, and would time out. Let it in beside the policies that are there.",
                command: InboundAdmission.allowing(in: namespace))
        }
    }

    private func foreignDoubts(
        in namespace: String, _ foreign: Reading<[ForeignPolicies]>
    ) -> [GateFinding] {
        switch foreign {
        case .unseen(let why):
            return doubts(
                in: [namespace],
                because: "which kinds of network policy the cluster has is not known (\(why))",
                command: "kubectl api-resources")
        case .seen(let kinds):
            return kinds.sorted { $0.resource < $1.resource }.flatMap { kind -> [GateFinding] in
                let command = "kubectl get \(kind.resource) --all-namespaces"
                switch kind.names {
                case .unseen(let why):
                    return doubts(
                        in: [namespace], because: "\(kind.resource) were not seen (\(why))",
                        command: command)
                case .seen(let names):
                    let there =
                        (names[namespace] ?? []).map { "\(namespace)/\($0)" } + (names[""] ?? [])
                    guard !there.isEmpty else { return [] }
                    return doubts(
                        in: [namespace],
                        because: "meshctl does not read \(kind.resource), of which "
                            + "\(there.shortList) may select its pods",
                        hint: "See that they let TCP 15008 in, and accept it in the plan file.",
                        command: command)
                }
            }
        }
    }
}
