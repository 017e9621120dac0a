/// Why an exchange got no whole response.
package struct TransportError: Error, Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The name of the server, or of the proxy, has no address.
        case resolve
        /// No connection: refused, or no route to the address.
        case refused
        /// No trust between client and server, or no common protocol.
        case tls
        /// No connection in time.
        case connectTimeout = "connect-timeout"
        /// Connected, but no whole answer in time.
        case timeout
        /// The connection broke before the answer began, or in it.
        case reset
        /// The answer ended before its announced end.
        case truncated
        /// The calling task was cancelled, or the transport was shut down.
        case cancelled
        /// The answer is larger than the client is willing to hold.
        case tooLarge = "too-large"
        case other
    }

    package var kind: Kind
    /// False only where the server surely saw nothing of the request: the one case in which a write
    /// can be sent again without asking what became of it.
    package var mayHaveReachedServer: Bool
    /// What libcurl says; holds no credential.
    package var message: String

    package init(_ kind: Kind, mayHaveReachedServer: Bool, message: String) {
        self.kind = kind
        self.mayHaveReachedServer = mayHaveReachedServer
        self.message = message
    }

    /// There was never a connection that requests could go over, as with a wrong server address.
    package var isConnectFailure: Bool {
        switch kind {
        case .resolve, .refused, .tls, .connectTimeout: true
        case .timeout, .reset, .truncated, .cancelled, .tooLarge, .other: false
        }
    }
    /// It may be gone when the same request is sent later.
    package var isTransient: Bool {
        switch kind {
        case .resolve, .refused, .tls, .connectTimeout, .timeout, .reset, .truncated: true
        case .cancelled, .tooLarge, .other: false
        }
    }
}
