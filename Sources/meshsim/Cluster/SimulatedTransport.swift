import HTTPTypes
import KubernetesClient
import KubernetesSandbox
import Synchronization
import Timing

/// The way of one process to the simulated cluster: each request takes its time, and the weather may befall it.
///
/// A request that is on its way goes on for a moment when its process gives it up or dies, as packets do.
final class SimulatedTransport: HTTPTransport {
    private let process: SimulatedProcess
    private let cluster: SimulatedCluster
    private let weather: APIWeather
    private let sabotage: Sabotage?
    private let beforeWrite: @Sendable (String) -> Void
    /// Called when a write was answered.
    private let onAnswer: @Sendable () -> Void
    private let pending = Mutex(Pending())

    private typealias Reply = Result<TransportResponse, TransportError>

    private struct Pending {
        var last = 0
        var replies: [Int: CheckedContinuation<Reply, Never>] = [:]
        /// By the request's number: the timer of its timeout.
        var timeouts: [Int: Int] = [:]
        /// When a request was given up, by its number.
        var givenUp: [Int: Timestamp] = [:]
    }

    init(
        _ process: SimulatedProcess, _ cluster: SimulatedCluster, _ weather: APIWeather,
        _ sabotage: Sabotage?, beforeWrite: @escaping @Sendable (String) -> Void,
        onAnswer: @escaping @Sendable () -> Void
    ) {
        self.beforeWrite = beforeWrite
        self.onAnswer = onAnswer
        self.process = process
        self.cluster = cluster
        self.weather = weather
        self.sabotage = sabotage
        process.onDeath { [weak self] in self?.abandonAll() }
    }

    func send(
        _ request: HTTPRequest, body: [UInt8]?, timeout: Duration
    ) async throws(TransportError) -> TransportResponse {
        let isRead = request.method == .get || request.method == .head
        let words = "\(request.method.rawValue) \(request.path ?? "/")"
        try pass("sends \(words)", isWrite: !isRead)
        let number = pending.withLock { pending in
            pending.last += 1
            return pending.last
        }
        let reply: Reply = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                pending.withLock { $0.replies[number] = continuation }
                if isRead, Task.isCancelled { return abandon(number) }
                dispatch(request, body ?? [], timeout: timeout, number)
            }
        } onCancel: {
            // Writes go on until they are answered; who is dead hears nothing any more.
            if isRead { abandon(number) }
        }
        try pass(Self.words(of: reply), isWrite: !isRead)
        if !isRead { onAnswer() }
        return try reply.get()
    }

    func stream(
        _ request: HTTPRequest, idleTimeout: Duration,
        onHead: @escaping @Sendable (HTTPResponse) -> Void,
        onChunk: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(TransportError) {
        throw TransportError(
            .other, mayHaveReachedServer: false, message: "the simulation has no streams")
    }

    // MARK: - On the way

    private func dispatch(
        _ request: HTTPRequest, _ body: [UInt8], timeout: Duration, _ number: Int
    ) {
        let executor = process.executor
        let start = executor.now
        let fate = weather.fate(of: request, at: start)
        if fate.trouble != .none {
            process.note("meets \(fate.trouble)")
            process.meet(.trouble)
        }
        if timeout > .zero {
            let timer = executor.at(start + timeout) { [self] in
                pending.withLock { $0.givenUp[number] = executor.now }
                let error = Self.error(.timeout, mayHaveReachedServer: true)
                reply(to: number, answer(to: request, .failure(error)))
            }
            pending.withLock { $0.timeouts[number] = timer }
        }
        switch fate.trouble {
        case .refused:
            executor.at(start + fate.wayThere) { [self] in
                reply(to: number, .failure(Self.error(.refused, mayHaveReachedServer: false)))
            }
            return
        case .resetBefore:
            executor.at(start + fate.wayThere) { [self] in
                let error = Self.error(.reset, mayHaveReachedServer: true)
                reply(to: number, answer(to: request, .failure(error)))
            }
            return
        default: break
        }
        executor.at(start + fate.wayThere) { [self] in
            guard stillArrives(number) else { return }
            let answer = arrive(request, body, fate)
            executor.at(executor.now + fate.wayBack) { [self] in
                reply(to: number, self.answer(to: request, answer))
            }
        }
    }

    /// With its connection closed a request comes no further, but for what is nearly there.
    private func stillArrives(_ number: Int) -> Bool {
        guard let since = pending.withLock({ $0.givenUp[number] }) else { return true }
        let arrives = process.executor.now - since <= Self.lastMoment
        if arrives { process.note("is still heard by the server") }
        return arrives
    }

    /// Shorter than it takes anybody to start the next command.
    static let lastMoment = Duration.milliseconds(50)

    /// At the server.
    private func arrive(_ request: HTTPRequest, _ body: [UInt8], _ fate: APIWeather.Fate) -> Reply {
        if case .status(let code) = fate.trouble {
            return .success(APIWeather.refusal(code, retryAfter: fate.retryAfter))
        }
        if request.method == .patch { beforeWrite(request.path ?? "/") }
        let (path, body) =
            sabotage == .noPreconditions
            ? Sabotage.withoutPreconditions(request, body) : (request.path ?? "/", body)
        let sandboxRequest = SandboxRequest(
            request.method, path, fields: request.headerFields, body: body)
        if fate.age > .zero { process.meet(.oldList) }
        let answer =
            fate.age > .zero
            ? cluster.list(sandboxRequest, before: fate.age)
            : cluster.handle(sandboxRequest, by: process.operatorName)
        switch answer {
        case .response(let response), .slow(let response, _):
            switch fate.trouble {
            case .resetAfter: return .failure(Self.error(.reset, mayHaveReachedServer: true))
            case .truncated: return .failure(Self.error(.truncated, mayHaveReachedServer: true))
            default: return .success(TransportResponse(response))
            }
        case .lost, .watch: return .failure(Self.error(.reset, mayHaveReachedServer: true))
        }
    }

    /// What the process is told.
    private func answer(to request: HTTPRequest, _ reply: Reply) -> Reply {
        guard sabotage == .noReadBack, case .failure = reply, request.method != .get else {
            return reply
        }
        return .success(Sabotage.madeUpAnswer)
    }

    private func reply(to number: Int, _ reply: Reply) {
        let (continuation, timer) = pending.withLock {
            ($0.replies.removeValue(forKey: number), $0.timeouts.removeValue(forKey: number))
        }
        if let timer { _ = process.executor.takeBack(timer) }
        continuation?.resume(returning: reply)
    }

    private func abandon(_ number: Int) {
        pending.withLock { $0.givenUp[number] = process.executor.now }
        reply(to: number, .failure(Self.error(.cancelled, mayHaveReachedServer: true)))
    }

    private func abandonAll() {
        let numbers = pending.withLock { $0.replies.keys.sorted() }
        for number in numbers { abandon(number) }
    }

    private func pass(_ seam: String, isWrite: Bool) throws(TransportError) {
        do throws(SimulatedProcess.Dead) {
            try process.pass(seam, isWrite: isWrite)
        } catch {
            throw Self.error(.cancelled, mayHaveReachedServer: true)
        }
    }

    private static func error(
        _ kind: TransportError.Kind, mayHaveReachedServer: Bool
    ) -> TransportError {
        TransportError(
            kind, mayHaveReachedServer: mayHaveReachedServer, message: "simulated \(kind)")
    }

    private static func words(of reply: Reply) -> String {
        switch reply {
        case .success(let response): "hears \(response.head.status.code)"
        case .failure(let error): "hears \(error.kind)"
        }
    }
}

extension TransportResponse {
    fileprivate init(_ response: SandboxResponse) {
        var fields: HTTPFields = [.contentType: response.contentType]
        if let seconds = response.retryAfter { fields[.retryAfter] = String(seconds) }
        self.init(
            head: HTTPResponse(
                status: HTTPResponse.Status(code: response.status), headerFields: fields),
            body: response.body)
    }
}
