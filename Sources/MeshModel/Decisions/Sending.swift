/// What a client's proxy makes of a connection, by the Istio rules of the sending side.
package enum Sending: Sendable, Hashable {
    case bytes(FlowBytes, SendReason)
    /// No source says which of them.
    case either([FlowBytes], SendReason)
    /// It never leaves the client.
    case blocked(FlowReason)
    case unknown(FlowReason)
}

/// The choice that an Envoy makes for a Service: once for the cluster, then for each endpoint.
package struct EnvoySending: Sendable {
    /// The TLS of the cluster (istio `pilot/pkg/networking/core/cluster_tls.go:buildUpstreamTLSSettings`).
    package enum Cluster: Sendable, Hashable {
        case given(DestinationRule.TLSMode)
        case none(SendReason)
        case automatic
    }

    /// An endpoint as istiod tells it to Envoys.
    package struct Endpoint: Sendable, Hashable {
        package var takesLegacyMTLS: Bool
        package var takesHBONE: Bool
        /// The mode of its port by all policies, workload and port ones too.
        package var mode: MTLSMode

        package init(takesLegacyMTLS: Bool, takesHBONE: Bool, mode: MTLSMode) {
            self.takesLegacyMTLS = takesLegacyMTLS
            self.takesHBONE = takesHBONE
            self.mode = mode
        }
    }

    package var rule: DestinationRuleIndex.TLS?
    package var cluster: Cluster
    package var sendsHBONE: Bool
    package var prefersHBONE: Bool

    /// - Parameter namespaceMode: what policies of the mesh and the Service's namespace say;
    ///   nil where there are none, which counts as PERMISSIVE.
    package init(
        rule: DestinationRuleIndex.TLS?, namespaceMode: MTLSMode?, settings: MeshSettings
    ) {
        self.rule = rule
        sendsHBONE = settings.supportsAmbient
        prefersHBONE = settings.prefersHBONE
        cluster =
            if let mode = rule?.mode {
                .given(mode)
            } else if !settings.autoMTLS {
                .none(.autoMTLSOff)
            } else {
                namespaceMode == .disable ? .none(.namespaceDisable) : .automatic
            }
    }

    /// For a Service with an address of its own: endpoint by endpoint
    /// (istio `pilot/pkg/xds/endpoints/endpoint_builder.go:buildEnvoyLbEndpoint`, `mtls_checker.go`).
    package func toEndpoint(_ endpoint: Endpoint) -> (FlowBytes, SendReason) {
        // HBONE takes the place of any mTLS; a rule's own TLS goes inside it.
        if sendsHBONE, endpoint.takesHBONE, !endpoint.takesLegacyMTLS || prefersHBONE {
            return (.hbone, .serverTakesHBONE)
        }
        switch cluster {
        case .given(let mode): return (mode.bytes, .destinationRule)
        case .none(let reason): return (.plaintext, reason)
        case .automatic: break
        }
        if let mode = rule?.endpointMode, mode != .istioMutual {
            return (.plaintext, .destinationRule)
        }
        guard endpoint.takesLegacyMTLS else { return (.plaintext, .serverWithoutSidecar) }
        if rule?.endpointMode == nil, endpoint.mode == .disable {
            return (.plaintext, .portDisable)
        }
        return (.mtls, .autoMTLS)
    }

    /// For a headless Service, or a DestinationRule with PASSTHROUGH, whose cluster is ORIGINAL_DST: one choice for all its pods, by their labels
    /// and the namespace's mode alone, and never HBONE
    /// (istio `pilot/pkg/model/push_context.go:BestEffortInferServiceMTLSMode`).
    package func toHeadless(_ endpoints: [Endpoint]) -> (FlowBytes, SendReason) {
        switch cluster {
        case .given(let mode): return (mode.bytes, .destinationRule)
        case .none(let reason): return (.plaintext, reason)
        case .automatic:
            let all = !endpoints.isEmpty && endpoints.allSatisfy(\.takesLegacyMTLS)
            return all ? (.mtls, .headlessAllInjected) : (.plaintext, .headlessNotAllInjected)
        }
    }
}

extension DestinationRule.TLSMode {
    fileprivate var bytes: FlowBytes {
        switch self {
        case .disable: .plaintext
        case .istioMutual: .mtls
        case .simple, .mutual: .tls
        }
    }
}
