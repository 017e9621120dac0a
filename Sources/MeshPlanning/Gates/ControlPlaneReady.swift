package import MeshModel

/// istiod of exactly the revisions concerned is available, and answers `/ready`.
package struct ControlPlaneReady: Sendable, Hashable, Codable {
    /// As the label `istio.io/rev` has them, revisions and tags; `default` for the unrevisioned install.
    package var revisions: [String]

    package init(revisions: [String]) { self.revisions = revisions }
}

extension ControlPlaneReady: GateRule {
    package static var gate: Gate { .controlPlaneReady }

    package struct Sample: Sendable {
        package var state: MeshState
        /// What istiod's ready pods say on port 8080 under `/ready`
        /// (istio `manifests/charts/istio-control/istio-discovery/templates/deployment.yaml`).
        package var answers: ReadinessAnswers

        package init(state: MeshState, answers: ReadinessAnswers) {
            self.state = state
            self.answers = answers
        }
    }

    package func findings(in sample: Sample) -> [GateFinding] {
        let root = sample.state.rootNamespace
        guard !revisions.isEmpty else {
            return [doubt(about: "the control plane", in: root, because: "no revision is named")]
        }
        let index = WorkloadIndex(sample.state)
        return Set(revisions).sorted().map { judge($0, in: sample, index) }
    }

    /// istiod's pods that are ready to be asked, of these revisions or the revisions that these tags stand for.
    package func podsToAsk(in state: MeshState) -> [Pod] {
        let named = Set(revisions.flatMap { Self.revisions(behind: $0, in: state) ?? [] })
        let index = WorkloadIndex(state)
        return (state.surroundings.controlPlanes ?? []).filter { named.contains($0.revision) }
            .flatMap { Self.readyPods(of: $0, in: index) }
    }

    private func judge(
        _ revision: String, in sample: Sample, _ index: WorkloadIndex
    ) -> GateFinding {
        let subject = "istiod of revision \(revision)"
        let root = sample.state.rootNamespace
        guard let planes = sample.state.surroundings.controlPlanes else {
            return doubt(
                about: subject, in: root, because: "its Deployment may not be listed",
                command: "kubectl auth can-i list deployments --all-namespaces")
        }
        guard let named = Self.revisions(behind: revision, in: sample.state) else {
            return doubt(
                about: subject, in: root,
                because:
                    "no istiod has this revision, and the injection webhooks, which lead tags to "
                    + "revisions, could not be read",
                command: "kubectl auth can-i list mutatingwebhookconfigurations")
        }
        var evidence: [String] = []
        for name in named.sorted() {
            let found = planes.filter { $0.revision == name }
            guard !found.isEmpty else {
                return finding(
                    .fail, about: subject, in: root, "there is no istiod of revision \(name)",
                    hint: "Install it, or name a revision that there is.",
                    command: "kubectl get deployments --all-namespaces -l app=istiod "
                        + "--label-columns istio.io/rev")
            }
            for plane in found {
                let (verdict, line) = standing(of: plane, in: sample, index)
                guard verdict == .pass else {
                    return finding(
                        verdict, about: subject, in: plane.meta.namespace, line,
                        hint: verdict == .fail
                            ? "Without istiod, new pods are refused or get no sidecar, and proxies get "
                                + "no new configuration." : GateWords.askAgain,
                        command: "kubectl -n \(plane.meta.namespace) get pods -l app=istiod -o wide"
                    )
                }
                evidence.append(line)
            }
        }
        return finding(
            .pass, about: subject, in: root, "available, and answers /ready", evidence: evidence)
    }

    private func standing(
        of plane: ControlPlane, in sample: Sample, _ index: WorkloadIndex
    ) -> (GateFinding.Verdict, String) {
        let name = "Deployment \(plane.meta.namespace)/\(plane.meta.name)"
        guard plane.isAvailable else { return (.fail, "\(name) has no available pod") }
        let pods = Self.readyPods(of: plane, in: index)
        guard !pods.isEmpty else {
            return (.inconclusive, "cannot judge, because no ready pod of \(name) was seen")
        }
        var doubts: [String] = []
        var refusals: [String] = []
        for pod in pods {
            switch sample.answers.of(pod) {
            case .seen(.ready):
                let version = plane.version.isEmpty ? "" : " (\(plane.version))"
                return (.pass, "pod \(pod.text) of \(name)\(version) answered /ready")
            case .seen(.notReady(let answer)): refusals.append("pod \(pod.text): \(answer)")
            case .unseen(let why): doubts.append(why)
            }
        }
        if let doubt = doubts.first { return (.inconclusive, "cannot judge, because \(doubt)") }
        return (.fail, "no pod of \(name) is ready: \(refusals.joined(separator: "; "))")
    }

    /// The revisions that answer for a revision or tag: a tag has a webhook that calls another revision's istiod
    /// (istio `revision-tags-mwc.yaml`). nil where that cannot be known.
    private static func revisions(behind name: String, in state: MeshState) -> Set<String>? {
        let led = Set(
            state.injectors.webhooks.filter { $0.served == name }.map(\.revision))
        if !led.isEmpty { return led }
        let isRevision = state.surroundings.controlPlanes?.contains { $0.revision == name } == true
        // A webhook that is known by name alone may be a tag's.
        guard isRevision || state.revisions.map({ !$0.contains(name) }) == true else { return nil }
        return [name]
    }

    private static func readyPods(of plane: ControlPlane, in index: WorkloadIndex) -> [Pod] {
        let id = WorkloadID(
            namespace: plane.meta.namespace, kind: .deployment, name: plane.meta.name)
        return index.pods(of: id).filter { $0.isLive && $0.isReady && !$0.isAssumedReady }
    }
}
