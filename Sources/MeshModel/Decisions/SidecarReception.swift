/// What a sidecar's listener does with a connection that it sees
/// (istio `pilot/pkg/networking/core/listener_inbound.go`, `filterchain_options.go`).
package enum SidecarReception {
    /// - Parameters:
    ///   - mode: the effective mode of the port, never `.unset`.
    ///   - declared: what the port is declared to speak.
    ///   - speaks: what the application speaks inside; nil for what the port declares.
    package static func decide(
        mode: MTLSMode, declared: PortProtocol, bytes: FlowBytes, speaks: ApplicationProtocol? = nil
    ) -> Reception {
        switch bytes {
        case .hbone:
            // The HBONE listener is STRICT by itself: no policy weakens it, and none forbids it.
            return read(.hboneAccepted, declared, speaks)
        case .plaintext:
            return mode == .strict
                ? Reception(.refused, .strictRefusesPlaintext)
                : read(.plaintextAccepted, declared, speaks)
        case .mtls where mode == .disable:
            return declared == .http
                ? Reception(.refused, .httpProtocolError) : Reception(.garbled, .mtlsNotTerminated)
        case .mtls:
            return read(.mtlsAccepted, declared, speaks)
        case .tls:
            return tls(mode, declared)
        }
    }

    private static func tls(_ mode: MTLSMode, _ declared: PortProtocol) -> Reception {
        if mode == .strict { return Reception(.refused, .strictRefusesTLS) }
        guard declared == .http else { return Reception(.carried, .tlsPassedThrough) }
        return Reception(.refused, mode == .disable ? .httpProtocolError : .httpPortRefusesTLS)
    }

    /// An HTTP port's listener reads what is inside, and what is no HTTP is an error to it.
    private static func read(
        _ reason: FlowReason, _ declared: PortProtocol, _ speaks: ApplicationProtocol?
    ) -> Reception {
        declared == .http && speaks == .tcp
            ? Reception(.refused, .httpProtocolError) : Reception(.carried, reason)
    }
}
