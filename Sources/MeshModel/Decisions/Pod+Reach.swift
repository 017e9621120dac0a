/// How proxies reach a pod, which is not the same as who enforces policy there.
extension Pod {
    /// Whether sidecars may send it Istio's own mTLS: the label that the injector writes
    /// (istio `pkg/config/constants`, `pilot/pkg/model/push_context.go`); its value is compared exactly.
    package var takesLegacyMTLS: Bool {
        meta.labels[LabelKeys.tlsMode] == "istio"
    }

    /// Whether it can be reached by HBONE: held by ztunnel, or injected with HBONE enabled
    /// (istio `pilot/pkg/serviceregistry/ambient/workloads.go:setTunnelProtocol`).
    package var takesHBONE: Bool {
        guard !hostNetwork else { return false }
        if meta.annotations[LabelKeys.ambientRedirection] == "enabled" { return true }
        let tunnels = meta.labels[LabelKeys.tunnel]?.split(separator: ",") ?? []
        return tunnels.contains("http")
    }

    /// Redirected already, while ztunnel does not hold it yet: its traffic fails closed.
    package var isCapturePending: Bool {
        !hostNetwork && meta.annotations[LabelKeys.ambientRedirection] == "pending"
    }

    /// Whether its proxy was told not to send HBONE: `ISTIO_META_DISABLE_HBONE_SEND` in its own configuration
    /// (istio `pkg/model/proxy.go:NodeMetadata.DisableHBONESend`).
    package var declinesSendingHBONE: Bool {
        guard let text = meta.annotations["proxy.istio.io/config"] else { return false }
        return text.split(whereSeparator: \.isNewline).contains { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return parts.count == 2 && parts[0].contains("ISTIO_META_DISABLE_HBONE_SEND")
                && parts[1].contains("true")
        }
    }

    /// What handles the connections that the pod opens. Unlike inbound, an opt-out of inbound capture
    /// does not count.
    package var outboundPlane: PodDataplane {
        let plane = dataplane
        guard plane == .none, !hostNetwork,
            meta.annotations[LabelKeys.ambientRedirection] == "enabled"
        else { return plane }
        return .ambient
    }

    /// `shop/cart-0`
    package var text: String { "\(meta.namespace)/\(meta.name)" }
}
