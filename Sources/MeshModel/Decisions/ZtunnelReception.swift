/// What ztunnel does with a connection to a pod that it holds (ztunnel `src/proxy/inbound.rs`,
/// `inbound_passthrough.rs`, `src/state.rs:assert_rbac`).
package enum ZtunnelReception {
    /// - Parameter deniesAnonymous: whether the port denies connections without a mesh identity.
    /// - Parameter deniesAll: whether it denies all connections, those with an identity too.
    package static func decide(
        deniesAnonymous: Bool, deniesAll: Bool = false, bytes: FlowBytes
    ) -> Reception {
        switch bytes {
        case .hbone where deniesAll: Reception(.refused, .policyRefusesEverybody)
        case .hbone: Reception(.carried, .hboneAccepted)
        case .plaintext:
            deniesAnonymous
                ? Reception(.refused, .strictRefusesPlaintext)
                : Reception(.carried, .plaintextAccepted)
        case .tls:
            deniesAnonymous
                ? Reception(.refused, .strictRefusesTLS) : Reception(.carried, .tlsPassedThrough)
        case .mtls:
            // Sidecars' mTLS is not HBONE: to ztunnel it is a connection without an identity.
            deniesAnonymous
                ? Reception(.refused, .strictRefusesLegacyMTLS)
                : Reception(.garbled, .mtlsNotTerminated)
        }
    }
}
