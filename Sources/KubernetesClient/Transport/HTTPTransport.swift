package import HTTPTypes

/// The HTTP seam: libcurl in the binary, an in-process sandbox in tests and simulation.
///
/// Cancelling the calling task ends a GET or HEAD at once, with an error of kind `.cancelled`. Any
/// other request goes on until it is answered, fails or times out: a write that was given up half-way
/// would leave nobody knowing what the server did.
package protocol HTTPTransport: Sendable {
    /// Sends one request and collects the response. `timeout` bounds the whole exchange; zero is none.
    func send(
        _ request: HTTPRequest, body: [UInt8]?, timeout: Duration
    ) async throws(TransportError) -> TransportResponse

    /// Streams one response, such as a watch or a log; returns when the server ends it.
    ///
    /// - Parameters:
    ///   - idleTimeout: how long the server may be silent, in whole seconds; zero is for ever.
    ///   - onHead: called once, before the first chunk.
    ///   - onChunk: called for each piece as it arrives; false ends the stream without an error.
    ///     Both are called on a thread of the transport's own and must not block.
    func stream(
        _ request: HTTPRequest, idleTimeout: Duration,
        onHead: @escaping @Sendable (HTTPResponse) -> Void,
        onChunk: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(TransportError)
}

/// A response with its whole body, decompressed.
package struct TransportResponse: Sendable, Equatable {
    package var head: HTTPResponse
    package var body: [UInt8]

    package init(head: HTTPResponse, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}
