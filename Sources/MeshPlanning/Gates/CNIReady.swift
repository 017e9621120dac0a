package import MeshModel

/// istio-cni's agent is ready on every node where pods of these namespaces run or may run, and leaves none of
/// the namespaces out.
package struct CNIReady: Sendable, Hashable, Codable {
    /// Those that are, or are about to be, in the ambient mesh.
    package var namespaces: [String]

    package init(namespaces: [String]) { self.namespaces = namespaces }
}

extension CNIReady: GateRule {
    package static var gate: Gate { .cniReady }

    package typealias Sample = MeshState

    /// The agent's readiness page, `/readyz` on port 8000, is what its condition `Ready` says: kubelet asks it
    /// (istio `manifests/charts/istio-cni/templates/daemonset.yaml`).
    package func findings(in state: MeshState) -> [GateFinding] {
        guard !namespaces.isEmpty else { return doubts(in: [], because: "") }
        let coverage = NodeCoverage(
            of: namespaces, in: state, label: ("k8s-app", Self.agent), called: Self.agent)
        let (found, serving) = findings(
            on: coverage, of: namespaces, called: Self.agent,
            hint: "Pods of the node are not captured until it is.")
        var all = found + settingsFindings(in: state)
        if !serving.isEmpty {
            all.append(
                finding(
                    .pass, about: HazardWords.count(serving.count, "node"),
                    "\(Self.agent) is ready there",
                    evidence: GateWords.evidence(
                        serving.map { "node \($0.nodeName): pod \($0.text)" })))
        }
        return all
    }

    /// Whether istio-cni would enrol plain pods of these namespaces under the ambient label.
    private func settingsFindings(in state: MeshState) -> [GateFinding] {
        guard let cni = state.surroundings.cni else {
            return doubts(
                in: namespaces,
                because: "the ConfigMap istio-cni-config was not found or may not be read: whom "
                    + "istio-cni leaves out is not known",
                command: "kubectl get configmaps --all-namespaces "
                    + "--field-selector metadata.name=istio-cni-config")
        }
        guard cni.excludeNamespaces != nil else {
            return doubts(
                in: namespaces,
                because: "the ConfigMap istio-cni-config does not say which namespaces istio-cni "
                    + "leaves out")
        }
        return Set(namespaces).sorted().map { judge($0, in: state) }
    }

    private func judge(_ namespace: String, in state: MeshState) -> GateFinding {
        let labels =
            (state.namespaces.first { $0.name == namespace }?.meta.labels ?? [:])
            .setting([LabelKeys.dataplaneMode: "ambient"])
        let decision = AmbientEnrolment.decide(
            namespaceName: namespace, namespaceLabels: labels, podLabels: [:], podAnnotations: [:],
            hostNetwork: false, environment: state.enrolment)
        let subject = "namespace \(namespace)"
        if decision.wanted {
            return finding(.pass, about: subject, in: namespace, "istio-cni enrols its pods")
        }
        return finding(
            .fail, about: subject, in: namespace,
            decision.reason == .excludedNamespace
                ? "istio-cni is set to leave the namespace out"
                : "istio-cni's selectors do not select it by the label istio.io/dataplane-mode=ambient",
            hint:
                "Change `cni.excludeNamespaces` or `cni.ambient.enablementSelectors` of the chart, or "
                + "take the namespace out of the plan.",
            command: "kubectl get configmaps --all-namespaces "
                + "--field-selector metadata.name=istio-cni-config -o yaml")
    }

    private static let agent = "istio-cni-node"
}
