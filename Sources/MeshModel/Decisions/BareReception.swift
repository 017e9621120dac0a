/// What reaches an application where no proxy stands before the port.
package enum BareReception {
    package enum Place: Sendable, Hashable {
        /// The pod has no data plane: policies are inert there.
        case unmeshed
        /// A port, or a pod, that the redirection rules of a sidecar leave out.
        case excludedPort
        /// A process on the pod's own node (istio `cni/pkg/iptables/iptables.go:AppendHostRules`).
        case sameNode
    }

    package static func decide(_ place: Place, bytes: FlowBytes) -> Reception {
        switch (place, bytes) {
        case (_, .hbone): Reception(.carried, .hboneAccepted)
        case (.sameNode, .mtls), (.unmeshed, .mtls): Reception(.garbled, .mtlsToPlainServer)
        case (.excludedPort, .mtls): Reception(.garbled, .mtlsToExcludedPort)
        case (.sameNode, _): Reception(.bypassed, .nodeLocal)
        case (.unmeshed, _): Reception(.carried, .noEnforcement)
        case (.excludedPort, _): Reception(.carried, .portNotIntercepted)
        }
    }
}
