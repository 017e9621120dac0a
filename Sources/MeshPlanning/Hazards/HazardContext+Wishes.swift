import MeshModel

/// What the plan asks for, as hazards ask it.
extension HazardContext {
    /// Whether a policy was made for this plan and is still its business.
    func isPlans(_ policy: PeerAuthentication) -> Bool {
        guard PolicyOwnership(policy, plan: plan.name) == .ours else { return false }
        return policy.meta.namespace == reached.rootNamespace
            ? plan.mesh.mtls != nil : entryCarriedOut(in: policy.meta.namespace) != nil
    }

    /// The mode that the plan names for a pod's port: its exception's, its namespace's or the mesh's.
    /// nil where the plan says nothing.
    func wish(forPort port: Int?, of pod: Pod) -> MTLSMode? {
        let entry = entryCarriedOut(in: pod.meta.namespace)
        if let port {
            let exceptions = entry?.exceptions.filter { $0.selector.matches(pod.meta.labels) }
            if let mode = exceptions?.compactMap({ $0.ports[port] }).first { return mode }
        }
        if let mode = entry?.mtls, mode != .unset { return mode }
        return plan.mesh.mtls == .unset ? nil : plan.mesh.mtls
    }

    /// The listed namespaces that the plan wants STRICT and that are so once it is carried out: by their
    /// own mode, or by the mesh's where the entry asks for a data plane.
    var strictNamespaces: [ResolvedNamespace] {
        namespaces.filter { resolved in
            guard resolved.name != reached.rootNamespace, wantsStrict(resolved.entry) else {
                return false
            }
            return EffectiveMode.decide(
                namespace: resolved.name, podLabels: [:], policies: then.policies
            ).mode == .strict
        }
    }

    private func wantsStrict(_ entry: NamespaceEntry) -> Bool {
        if let mode = entry.mtls, mode != .unset { return mode == .strict }
        let asksForPlane = entry.dataplane == .sidecar || entry.dataplane == .ambient
        return plan.mesh.mtls == .strict && asksForPlane
    }
}

extension PodDataplane {
    /// Whether a proxy stands in front of the pod, be it one of a gateway.
    var isMeshed: Bool { self != .none }
}
