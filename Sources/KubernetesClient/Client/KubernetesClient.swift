import HTTPTypes
import Synchronization
package import Timing

/// A client of one API server.
///
/// Reads are tried again on 429, 5xx and transport errors. A write is tried again only where the server
/// surely did not act; otherwise its error says `isInDoubt`, and the caller reads back. Until the server
/// has answered once, a failure to connect is final: a wrong address must not cost a minute. A client that
/// is `enduring` then goes on trying, for as long as an outage may last.
package struct KubernetesClient: Sendable {
    package private(set) var settings: ConnectionSettings
    private let transport: any HTTPTransport
    private let clock: any RunClock
    private var retry: RetryPolicy
    private let jitter: @Sendable (ClosedRange<Double>) -> Double
    private let userAgent: String
    private let session: Session
    private var endurance: Endurance?

    /// What the copies of a client share.
    private final class Session: Sendable {
        let credentials: CredentialStore
        private let answered = Atomic<Bool>(false)

        init(_ credentials: ClusterCredentials) { self.credentials = CredentialStore(credentials) }

        var hasAnswered: Bool { answered.load(ordering: .relaxed) }
        func noteAnswer() { answered.store(true, ordering: .relaxed) }
    }

    /// - Parameter jitter: a random number of the given range; the binary's comes from the system, a
    ///   test's or a simulation's from its seed.
    package init(
        settings: ConnectionSettings, transport: any HTTPTransport, clock: any RunClock,
        retry: RetryPolicy = RetryPolicy(),
        jitter: @escaping @Sendable (ClosedRange<Double>) -> Double,
        userAgent: String = "meshctl"
    ) {
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self.retry = retry
        self.jitter = jitter
        self.userAgent = userAgent
        session = Session(settings.credentials)
    }

    var server: String { settings.server.description }

    /// The same client, which waits for a server that is away.
    package func enduring(_ endurance: Endurance) -> KubernetesClient {
        var client = self
        client.endurance = endurance
        return client
    }

    /// The same client, which sends a request once and waits at most this long for its answer, and for nothing
    /// else.
    package func once(within limit: Duration) -> KubernetesClient {
        var client = self
        client.retry = .none
        client.endurance = nil
        let timeout = settings.requestTimeout
        client.settings.requestTimeout = timeout > .zero ? min(timeout, limit) : limit
        return client
    }

    /// How many outages this client has met; none where it is not `enduring`.
    package var outages: Int { endurance?.outages ?? 0 }

    /// Sends a call, again where that is right, and returns the response of a success.
    func perform(
        _ call: APICall, method: HTTPRequest.Method, accept: String = "application/json",
        contentType: String? = nil, body: [UInt8]? = nil
    ) async throws(KubernetesError) -> TransportResponse {
        let started = clock.now()
        var attempt = 1
        var hasRenewed = false
        while true {
            guard !Task.isCancelled else { throw .cancelled }
            let request = try request(call, method, accept: accept, contentType: contentType)
            let failure: KubernetesError
            let delay: Duration?
            do throws(TransportError) {
                let response = try await transport.send(
                    request, body: body, timeout: settings.requestTimeout)
                session.noteAnswer()
                if response.head.status.kind == .successful {
                    endurance?.answered()
                    return response
                }
                let status = APIStatus(response, call: call)
                failure = .status(status)
                // A token that has just been renewed under us: the server did not act.
                if status.isUnauthorized, !hasRenewed, session.credentials.refused() {
                    hasRenewed = true
                    continue
                }
                if !status.isTransient { endurance?.answered() }
                delay =
                    call.isPassedOn && !status.isFromAPIServer
                    ? nil : retry.delay(after: status, facts(attempt, started, call))
            } catch {
                if error.kind == .cancelled, !error.mayHaveReachedServer || !call.mayChange {
                    throw .cancelled
                }
                failure = .transport(error, call)
                delay = retry.delay(after: error, facts(attempt, started, call))
            }
            attempt += 1
            if let delay, endurance?.isOver != true {
                try await pause(delay)
            } else {
                guard await isWorthWaiting(after: failure, since: started) else { throw failure }
            }
        }
    }

    /// Waits for a server that is away, where the same request may then be sent.
    private func isWorthWaiting(
        after failure: KubernetesError, since start: Timestamp
    ) async -> Bool {
        guard let endurance, session.hasAnswered, failure.isOutage, !failure.isInDoubt else {
            return false
        }
        return await endurance.wait(from: start, after: failure)
    }

    private func facts(
        _ attempt: Int, _ started: Timestamp, _ call: APICall
    ) -> RetryPolicy.Attempt {
        RetryPolicy.Attempt(
            number: attempt, elapsed: max(.zero, clock.now() - started),
            isWrite: call.mayChange, serverHasAnswered: session.hasAnswered,
            jitter: jitter(0.5...1))
    }

    private func pause(_ delay: Duration) async throws(KubernetesError) {
        do {
            try await clock.sleep(for: delay)
        } catch {
            throw .cancelled
        }
    }

    /// The request of a call, with credentials.
    func request(
        _ call: APICall, _ method: HTTPRequest.Method, accept: String, contentType: String?
    ) throws(KubernetesError) -> HTTPRequest {
        var request = HTTPRequest(
            method: method, scheme: settings.server.scheme.rawValue,
            authority: settings.server.authority, path: settings.server.basePath + call.path)
        request.headerFields[.accept] = accept
        request.headerFields[.userAgent] = userAgent
        request.headerFields[.contentType] = contentType
        do {
            try session.credentials.authorization(now: clock.now())?.withText {
                request.headerFields[.authorization] = $0
            }
        } catch {
            throw .credentials(error)
        }
        settings.impersonation?.add(to: &request.headerFields)
        return request
    }

    /// Sends a streaming call once. The caller decides about trying again: it knows from where.
    func performStream(
        _ call: APICall, accept: String, idleTimeout: Duration,
        onHead: @escaping @Sendable (HTTPResponse) -> Void,
        onChunk: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(KubernetesError) {
        let request = try request(call, .get, accept: accept, contentType: nil)
        do throws(TransportError) {
            try await transport.stream(
                request, idleTimeout: idleTimeout, onHead: onHead, onChunk: onChunk)
            session.noteAnswer()
        } catch {
            throw error.kind == .cancelled ? .cancelled : .transport(error, call)
        }
    }
}

extension APIStatus {
    init(_ response: TransportResponse, call: APICall) {
        self.init(
            code: response.head.status.code, body: response.body,
            retryAfter: response.head.headerFields[.retryAfter], call: call)
    }
}

extension Impersonation {
    /// Source: kubernetes.io, "User impersonation".
    fileprivate func add(to fields: inout HTTPFields) {
        func append(_ name: String, _ value: String) {
            guard let name = HTTPField.Name(name) else { return }
            fields.append(HTTPField(name: name, value: value))
        }
        append("Impersonate-User", user)
        if let uid { append("Impersonate-Uid", uid) }
        for group in groups { append("Impersonate-Group", group) }
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            for value in values { append("Impersonate-Extra-\(URLPath.encode(key))", value) }
        }
    }
}
