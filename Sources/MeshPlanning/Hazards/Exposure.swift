import MeshModel

/// Why plaintext reaches a workload past every proxy, although STRICT holds for it.
struct Exposure {
    /// A whole sentence's end: `uses the host network`.
    var why: String
    var next: String

    /// nil where a data plane takes all connections that its policies are about.
    static func of(
        _ pod: Pod, policies: PeerAuthenticationIndex, namespaceLabels: [String: String],
        injection: Injection.Environment
    ) -> Exposure? {
        switch pod.dataplane {
        case .ambient, .gateway, .waypoint: nil
        case .sidecar: ofSidecar(pod, policies: policies)
        case .none: withoutPlane(pod, namespaceLabels: namespaceLabels, injection: injection)
        }
    }

    private static func withoutPlane(
        _ pod: Pod, namespaceLabels: [String: String], injection: Injection.Environment
    ) -> Exposure {
        let (labels, annotations) = (pod.meta.labels, pod.meta.annotations)
        if pod.hostNetwork {
            return Exposure(
                why: "uses the host network, where no proxy stands in front of it",
                next: "Take it off the host network, or keep its clients by a NetworkPolicy.")
        }
        if annotations[LabelKeys.ambientRedirection] == "enabled" {
            return Exposure(
                why: "opts out of inbound capture (\(LabelKeys.bypassInboundCapture))",
                next: "Remove the annotation from its pod template.")
        }
        let optOut = [
            (LabelKeys.podInject, "false"), (LabelKeys.dataplaneMode, "none"),
        ].filter { labels[$0.0] == $0.1 || ($0.1 == "false" && annotations[$0.0] == $0.1) }
        if let (key, value) = optOut.first {
            return Exposure(
                why: "opts out of the mesh (\(key)=\(value))",
                next: "Remove that from its pod template and restart it.")
        }
        let plane = ExpectedDataplane.ofNewPod(
            PodTemplate(labels: labels, annotations: annotations), in: pod.meta.namespace,
            labels: namespaceLabels, injection: injection)
        return Exposure(
            why: "has no sidecar and is not in the ambient mesh",
            next: plane == .sidecar
                ? "A restart gives it a sidecar."
                : "Give the namespace a `dataplane`.")
    }

    private static func ofSidecar(
        _ pod: Pod, policies: PeerAuthenticationIndex
    ) -> Exposure? {
        let decision = EffectiveMode.decide(
            namespace: pod.meta.namespace, podLabels: pod.meta.labels, policies: policies)
        func strict(_ ports: Set<Int>) -> [Int] {
            ports.filter { decision.mode(forPort: $0) == .strict }.sorted()
        }
        switch Interception.inboundBypass(of: pod) {
        case .none:
            return nil
        case .ports(let ports):
            return text(strict(ports)).map {
                Exposure(
                    why: "keeps \($0) out of its sidecar (excludeInboundPorts)",
                    next:
                        "Take the port out of the annotation and restart it, or say that it is open "
                        + "by an exception `DISABLE` for it.")
            }
        case .allExcept(let included):
            let declared = pod.applicationPorts
            let open = strict(declared.subtracting(included))
            let isAll = declared.isEmpty || included.isEmpty
            guard isAll ? decision.mode == .strict || !open.isEmpty : !open.isEmpty else {
                return nil
            }
            let ports =
                isAll ? "every port\(included.isEmpty ? "" : " but those listed")" : text(open)
            return Exposure(
                why: "keeps \(ports ?? "ports") out of its sidecar (includeInboundPorts)",
                next: "Set the annotation to \"*\", or remove it, and restart it.")
        case .all:
            guard decision.mode == .strict else { return nil }
            return Exposure(
                why: "lets its sidecar intercept nothing (interceptionMode: NONE)",
                next: "Remove the annotation and restart it.")
        }
    }

    private static func text(_ ports: [Int]) -> String? {
        guard !ports.isEmpty else { return nil }
        return (ports.count == 1 ? "port " : "ports ")
            + ports.map(String.init).joined(separator: ", ")
    }
}

extension Pod {
    /// The container ports that the application declares.
    var applicationPorts: Set<Int> {
        Set(
            (containers + initContainers).filter { $0.name != "istio-proxy" }
                .flatMap(\.ports).map(\.number))
    }
}
