package import MeshModel

/// A ready ztunnel on every node where pods of these namespaces run or may run, all of one version.
package struct ZtunnelReady: Sendable, Hashable, Codable {
    package var namespaces: [String]

    package init(namespaces: [String]) { self.namespaces = namespaces }
}

extension ZtunnelReady: GateRule {
    package static var gate: Gate { .ztunnelReady }

    package struct Sample: Sendable {
        package var state: MeshState
        /// What ready ztunnels say on port 15021 under `/healthz/ready`
        /// (ztunnel `src/readiness/server.rs`).
        package var answers: ReadinessAnswers

        package init(state: MeshState, answers: ReadinessAnswers) {
            self.state = state
            self.answers = answers
        }
    }

    package func findings(in sample: Sample) -> [GateFinding] {
        guard !namespaces.isEmpty else { return doubts(in: [], because: "") }
        let (found, serving) = findings(
            on: coverage(in: sample.state), of: namespaces, called: Self.agent,
            hint: "Pods of the node lose their traffic as soon as they are captured.",
            answer: sample.answers.of)
        guard !serving.isEmpty else {
            // Without any node, nothing was seen at all.
            return found.isEmpty
                ? doubts(in: namespaces, because: "no ztunnel was seen on any node") : found
        }
        return found + [versions(of: serving)]
    }

    /// The ztunnels that are ready to be asked.
    package func podsToAsk(in state: MeshState) -> [Pod] {
        coverage(in: state).pods.filter { $0.isReady && !$0.isAssumedReady }
    }

    private func coverage(in state: MeshState) -> NodeCoverage {
        NodeCoverage(
            of: namespaces, in: state, label: ("app", Self.agent), called: Self.agent)
    }

    /// Of different versions, two ztunnels may hold a connection to different rules.
    private func versions(of pods: [Pod]) -> GateFinding {
        let byVersion = Dictionary(grouping: pods, by: Self.version)
        let counts = byVersion.sorted { $0.key < $1.key }.map {
            "\($0.key) on \(HazardWords.count($0.value.count, "node"))"
        }
        let evidence = GateWords.evidence(
            pods.map { "node \($0.nodeName): pod \($0.text), \(Self.version(of: $0))" })
        guard counts.count == 1 else {
            return finding(
                .fail, about: "ztunnel", "there are several versions: \(counts.shortList)",
                evidence: evidence, hint: "Wait until the DaemonSet's rollout is complete.",
                command: "kubectl get daemonsets --all-namespaces -l app=ztunnel")
        }
        guard !byVersion.keys.contains("") else {
            return doubt(
                about: "ztunnel", in: pods[0].meta.namespace,
                because: "its pods name no image, so their version is not known")
        }
        return finding(
            .pass, about: HazardWords.count(pods.count, "node"),
            "ztunnel is ready there, everywhere of version \(byVersion.keys.first ?? "")",
            evidence: evidence)
    }

    /// The image's tag; the whole image where it has none.
    private static func version(of pod: Pod) -> String {
        guard
            let container = pod.containers.first(where: { $0.name == "istio-proxy" })
                ?? pod.containers.first
        else { return "" }
        return container.imageTag.isEmpty ? container.image : container.imageTag
    }

    private static let agent = "ztunnel"
}
