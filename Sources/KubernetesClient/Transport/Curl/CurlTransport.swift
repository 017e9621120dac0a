package import HTTPTypes
import Synchronization

/// HTTP through libcurl: TLS from memory, HTTP/2 where offered, connections kept and shared.
///
/// All transfers run on one thread, which ends with `shutdown()` or with the last reference to the
/// transport.
package final class CurlTransport: HTTPTransport {
    package struct Options: Sendable {
        package var tls: TLSSettings
        package var proxy: ProxySettings?
        /// Bounds name resolution, TCP and TLS together.
        package var connectTimeout: Duration
        /// Bounds one collected response, after decompression.
        package var maximumResponseBytes: Int
        package var maximumConnections: Int
        /// Asks for gzip. Worth it on a real network; on loopback it only costs processor time.
        package var compresses: Bool

        package init(
            tls: TLSSettings = TLSSettings(), proxy: ProxySettings? = nil,
            connectTimeout: Duration = .seconds(10), maximumResponseBytes: Int = 64 << 20,
            maximumConnections: Int = 32, compresses: Bool = false
        ) {
            self.tls = tls
            self.proxy = proxy
            self.connectTimeout = connectTimeout
            self.maximumResponseBytes = maximumResponseBytes
            self.maximumConnections = maximumConnections
            self.compresses = compresses
        }

        /// As a cluster's connection settings ask for.
        package init(_ settings: ConnectionSettings) {
            self.init(
                tls: settings.tls, proxy: settings.proxy, compresses: settings.compresses)
        }
    }

    let loop: CurlLoop
    private let options: Options
    private let lastID = Atomic<UInt64>(0)

    /// Starts the transport's thread. Throws only where the system has no thread or memory to give.
    package init(_ options: Options = Options()) throws(TransportError) {
        self.options = options
        loop = try CurlLoop.start(options)
    }

    deinit { loop.stop() }

    /// Ends the thread; what is in flight fails with `.cancelled`, and so does every later request.
    package func shutdown() { loop.stop() }

    package func send(
        _ request: HTTPRequest, body: [UInt8]?, timeout: Duration
    ) async throws(TransportError) -> TransportResponse {
        let exchange = CurlExchange(
            request, body: body, limit: .total(timeout),
            maximumResponseBytes: options.maximumResponseBytes, tls: options.tls)
        return try await run(exchange, .collect)
    }

    package func stream(
        _ request: HTTPRequest, idleTimeout: Duration,
        onHead: @escaping @Sendable (HTTPResponse) -> Void,
        onChunk: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(TransportError) {
        let exchange = CurlExchange(
            request, body: nil, limit: .idle(idleTimeout), maximumResponseBytes: nil,
            tls: options.tls)
        _ = try await run(exchange, .stream(onHead: onHead, onChunk: onChunk))
    }

    private func run(
        _ exchange: CurlExchange?, _ sink: CurlTransfer.Sink
    ) async throws(TransportError) -> TransportResponse {
        guard let exchange else {
            throw TransportError(
                .other, mayHaveReachedServer: false, message: "the request names no server")
        }
        let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
        let result: Result<TransportResponse, TransportError>
        if exchange.isRepeatable {
            result = await withTaskCancellationHandler {
                await submit(id, exchange, sink, cancellable: true)
            } onCancel: { [loop] in
                loop.cancel(id)
            }
        } else {
            result = await submit(id, exchange, sink, cancellable: false)
        }
        return try result.get()
    }

    private func submit(
        _ id: UInt64, _ exchange: CurlExchange, _ sink: CurlTransfer.Sink, cancellable: Bool
    ) async -> Result<TransportResponse, TransportError> {
        await withCheckedContinuation { continuation in
            loop.start(id, exchange, sink) { continuation.resume(returning: $0) }
            // The handler may have run before the transfer was known to the loop.
            if cancellable, Task.isCancelled { loop.cancel(id) }
        }
    }
}
