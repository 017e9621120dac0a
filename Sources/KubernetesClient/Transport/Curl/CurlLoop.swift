import CCurl
import Glibc
import Synchronization

/// The thread that drives libcurl. It alone touches the handles; the rest of the process talks to it
/// through a queue and `curl_multi_wakeup`, the one call that libcurl allows from elsewhere.
final class CurlLoop: Sendable {
    private enum Command: Sendable {
        case start(UInt64, CurlExchange, CurlTransfer.Sink, CurlTransfer.Completion)
        case cancel(UInt64)
        case stop
    }

    private struct Inbox {
        var commands: [Command] = []
        /// Set before the multi handle goes: nothing may wake it afterwards.
        var isClosed = false
    }

    private let inbox = Mutex(Inbox())
    nonisolated(unsafe) private let multi: UnsafeMutableRawPointer
    private let options: CurlTransport.Options

    private static let globalInitialisation = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    private init(_ multi: UnsafeMutableRawPointer, _ options: CurlTransport.Options) {
        self.multi = multi
        self.options = options
    }

    static func start(_ options: CurlTransport.Options) throws(TransportError) -> CurlLoop {
        guard globalInitialisation == CURLE_OK, let multi = curl_multi_init() else {
            throw TransportError(
                .other, mayHaveReachedServer: false, message: "libcurl could not be initialised")
        }
        _ = ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        _ = ccurl_multi_set_long(
            multi, CURLMOPT_MAX_HOST_CONNECTIONS, max(1, options.maximumConnections))
        let loop = CurlLoop(multi, options)
        let retained = Unmanaged.passRetained(loop)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, retained.toOpaque())
        guard result == 0 else {
            retained.release()
            curl_multi_cleanup(multi)
            throw TransportError(
                .other, mayHaveReachedServer: false,
                message: "no thread for the network: \(String(cString: strerror(result)))")
        }
        pthread_detach(thread)
        return loop
    }

    // MARK: Called from any thread

    func start(
        _ id: UInt64, _ exchange: CurlExchange, _ sink: CurlTransfer.Sink,
        completion: @escaping CurlTransfer.Completion
    ) {
        guard !submit(.start(id, exchange, sink, completion)) else { return }
        completion(.failure(Self.closed))
    }

    func cancel(_ id: UInt64) { submit(.cancel(id)) }

    func stop() { submit(.stop) }

    private static let closed = TransportError(
        .cancelled, mayHaveReachedServer: false, message: "the connection was shut down")

    @discardableResult
    private func submit(_ command: Command) -> Bool {
        inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.commands.append(command)
            if inbox.commands.count == 1 { curl_multi_wakeup(multi) }
            return true
        }
    }

    // MARK: The thread

    private func run() {
        var signals = sigset_t()
        sigfillset(&signals)
        // Signals are the main thread's business, and a write to a closed connection raises SIGPIPE.
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        var flight = CurlFlight(multi, options)
        var goesOn = true
        while goesOn {
            for command in takeCommands() {
                switch command {
                case .start(let id, let exchange, let sink, let completion):
                    flight.begin(
                        CurlTransfer(id: id, exchange, sink, completion: completion))
                case .cancel(let id):
                    flight.cancel(id)
                case .stop:
                    goesOn = false
                }
            }
            guard goesOn, flight.advance() else { break }
            let isIdle = inbox.withLock { $0.commands.isEmpty }
            // The wait ends early for sockets, for timeouts of libcurl's own, and for a new command.
            if isIdle { goesOn = curl_multi_poll(multi, nil, 0, 60_000, nil) == CURLM_OK }
        }
        close(&flight)
    }

    private func takeCommands() -> [Command] {
        inbox.withLock { inbox in
            defer { inbox.commands = [] }
            return inbox.commands
        }
    }

    private func close(_ flight: inout CurlFlight) {
        let left = inbox.withLock { inbox in
            inbox.isClosed = true
            defer { inbox.commands = [] }
            return inbox.commands
        }
        flight.end()
        curl_multi_cleanup(multi)
        for case .start(_, _, _, let completion) in left { completion(.failure(Self.closed)) }
    }
}
