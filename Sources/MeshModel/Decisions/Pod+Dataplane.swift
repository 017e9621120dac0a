/// Facts of a live pod, read from what is there and never from labels that ask for something.
extension Pod {
    /// Host-network pods have no data plane: no component intercepts their traffic.
    package var dataplane: PodDataplane {
        if isWaypoint { return .waypoint }
        if isGateway { return .gateway }
        if hostNetwork { return .none }
        if hasSidecar { return .sidecar }
        return isCaptured ? .ambient : .none
    }

    /// A container, or a native sidecar, named `istio-proxy` in a pod that is not a proxy itself
    /// (istio `pkg/kube/inject/app_probe.go:FindSidecar`).
    package var hasSidecar: Bool { runsProxy && !isGateway && !isWaypoint }

    /// A pod that istiod made for a Gateway resource, that was injected as a gateway, or that a chart
    /// wrote out as one: there the proxy is in a pod that opts out of injection and was not injected
    /// (istio `manifests/charts/gateways/istio-ingress/templates/deployment.yaml`).
    package var isGateway: Bool {
        if let controller = meta.labels[GatewayKeys.managed] {
            return controller != GatewayKeys.waypointController
        }
        let templates = meta.annotations[GatewayKeys.templates]?.split(separator: ",") ?? []
        if templates.contains(where: { $0.trimmingSpaces == "gateway" }) { return true }
        return runsProxy && meta.labels[LabelKeys.podInject] == "false"
            && meta.annotations[LabelKeys.sidecarStatus] == nil
    }

    /// A pod that istiod made for a waypoint
    /// (istio `pkg/config/constants/constants.go:ManagedGatewayMeshControllerLabel`).
    package var isWaypoint: Bool {
        meta.labels[GatewayKeys.managed] == GatewayKeys.waypointController
    }

    /// Whether ztunnel enforces policy on inbound traffic. `pending` is not captured yet: such a
    /// pod's traffic fails closed (istio `cni/pkg/util/podutil.go`, `cni/pkg/nodeagent/net.go:getPodLevelTrafficOverrides`).
    package var isCaptured: Bool {
        meta.annotations[LabelKeys.ambientRedirection] == "enabled"
            && !isTrue(meta.annotations[LabelKeys.bypassInboundCapture])
    }

    /// Neither finished nor on its way out.
    package var isLive: Bool { !isFinished && !meta.isTerminating }

    /// Bound to a node and past scheduling and image pulls, so that its data plane is what it will be.
    package var isBoundAndStarted: Bool { !nodeName.isEmpty && phase != "Pending" && !isFinished }

    private var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }

    private var runsProxy: Bool {
        (containers + initContainers).contains { $0.name == "istio-proxy" }
    }

    /// Go's `strconv.ParseBool`; what it cannot parse counts as unset.
    private func isTrue(_ text: String?) -> Bool {
        ["1", "t", "T", "TRUE", "true", "True"].contains(text)
    }
}

private enum GatewayKeys {
    static let managed = "gateway.istio.io/managed"
    static let waypointController = "istio.io-mesh-controller"
    static let templates = "inject.istio.io/templates"
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = drop(while: { $0 == " " })
        while text.last == " " { text.removeLast() }
        return text
    }
}
