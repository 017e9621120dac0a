import HTTPTypes
import JSON
import KubernetesClient
import KubernetesSandbox
import MeshCluster
import Synchronization
import TestSupport
import Testing
import Timing

/// A cluster and a clock for operators who work at the same time. Only one of them goes on at any moment; who
/// is next, where several ask the server, is decided by a seed. Time passes when all wait for it.
final class Arena: HTTPTransport, RunClock {
    private struct Parked {
        /// nil for a request, which is answered at any time.
        let due: Duration?
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var cluster: SandboxCluster
        var random: SeededGenerator
        var elapsed = Duration.zero
        var wall = Timestamp(milliseconds: 1_763_629_200_000)
        var parked: [Parked] = []
        var running = 1
        var isOver = false
        var requests = 0

        mutating func next() -> CheckedContinuation<Void, any Error>? {
            guard running == 0, !parked.isEmpty else { return nil }
            let requests = parked.indices.filter { parked[$0].due == nil }
            let place: Int
            if requests.isEmpty {
                let first = parked.compactMap(\.due).min() ?? .zero
                place = parked.firstIndex { $0.due == first } ?? 0
                wall = wall + max(.zero, first - elapsed)
                elapsed = max(elapsed, first)
            } else {
                place = random.pick(requests)
            }
            running += 1
            return parked.remove(at: place).continuation
        }
    }

    private static let cluster = Result {
        try SandboxCluster(#require(try Scenario.embedded("home-cluster")), seed: 42)
    }

    private let state: Mutex<State>

    init(seed: Int = 1) throws {
        state = Mutex(
            State(cluster: try Self.cluster.get(), random: SeededGenerator(seed: seed)))
    }

    // MARK: - Operators

    /// Runs them to their ends.
    func run(_ operators: [@Sendable () async -> Void]) async {
        state.withLock { $0.running = operators.count }
        await withTaskGroup(of: Void.self) { group in
            for work in operators {
                group.addTask {
                    await work()
                    self.leave()
                }
            }
        }
        state.withLock { state in
            state.running = 1
            state.isOver = false
        }
    }

    /// Waits end at once, as if cancelled.
    func end() {
        let waits = state.withLock { state in
            state.isOver = true
            let waits = state.parked.filter { $0.due != nil }
            state.parked.removeAll { $0.due != nil }
            state.running += waits.count
            return waits
        }
        for wait in waits { wait.continuation.resume(throwing: CancellationError()) }
    }

    private func leave() {
        state.withLock { state in
            state.running -= 1
            return state.next()
        }?.resume()
    }

    private func park(until due: Duration?) async throws {
        try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                if state.isOver, due != nil {
                    continuation.resume(throwing: CancellationError())
                    return nil
                }
                state.parked.append(Parked(due: due, continuation: continuation))
                state.running -= 1
                return state.next()
            }
            next?.resume()
        }
    }

    // MARK: - Clock

    func now() -> Timestamp { state.withLock(\.wall) }

    var elapsed: Duration { state.withLock(\.elapsed) }

    func sleep(for duration: Duration) async throws { try await park(until: elapsed + duration) }

    func standBy(for duration: Duration) async throws { try await sleep(for: duration) }

    /// Somebody sets the wall clock.
    func setWall(by duration: Duration) { state.withLock { $0.wall = $0.wall + duration } }

    func pass(_ duration: Duration) {
        state.withLock { state in
            state.elapsed += duration
            state.wall = state.wall + duration
        }
    }

    // MARK: - Cluster

    var requests: Int { state.withLock(\.requests) }

    func client() throws -> KubernetesClient {
        KubernetesClient(
            settings: ConnectionSettings(
                server: try ServerURL("https://api.example.com:6443"), credentials: .none),
            transport: self, clock: self, retry: .none, jitter: { $0.lowerBound })
    }

    func switchOn(_ words: String...) throws {
        try state.withLock { try $0.cluster.switchOn(Fault(words)) }
    }

    func switchOff() { state.withLock { _ = $0.cluster.switchOff(nil) } }

    func send(
        _ request: HTTPRequest, body: [UInt8]?, timeout: Duration
    ) async throws(TransportError) -> TransportResponse {
        try? await park(until: nil)
        let asked = SandboxRequest(
            request.method, request.path ?? "/", fields: request.headerFields, body: body ?? [])
        let answer = state.withLock { state in
            state.requests += 1
            return state.cluster.handle(asked)
        }
        guard case .response(let response) = answer else {
            throw TransportError(.reset, mayHaveReachedServer: true, message: "no answer")
        }
        var head = HTTPResponse(status: .init(code: response.status))
        head.headerFields[.contentType] = response.contentType
        return TransportResponse(head: head, body: response.body)
    }

    func stream(
        _ request: HTTPRequest, idleTimeout: Duration,
        onHead: @escaping @Sendable (HTTPResponse) -> Void,
        onChunk: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(TransportError) {
        throw TransportError(.other, mayHaveReachedServer: false, message: "nothing streams")
    }
}

extension Arena {
    static let namespace = "meshctl-system"

    static func holder(_ person: String, _ command: String = "apply") -> LeaseHolder {
        LeaseHolder(
            person: person, processID: 41, command: command,
            bits: person.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    }

    func acquire(
        _ person: String, _ command: String = "apply",
        tell: (LeaseRecord) -> Void = { _ in }
    ) async throws -> RunLease {
        try await RunLease.acquire(
            namespace: Self.namespace, as: Self.holder(person, command),
            command == "rollback" ? .insists : .yields, client: try client(), clock: self,
            patience: .seconds(60), tell: tell)
    }

    func record() async throws -> LeaseRecord? {
        try await LeaseStore(namespace: Self.namespace, try client()).read()
    }

    /// The Lease as it stands there, changed by somebody else.
    func patch(_ patch: JSONValue) async throws {
        _ = try await client().mergePatch(
            ObjectPath(.leases, namespace: Self.namespace, name: "meshctl"), patch: patch,
            fieldManager: "kubectl-edit")
    }

    func object() async throws -> JSONValue? {
        try await client().get(ObjectPath(.leases, namespace: Self.namespace, name: "meshctl"))
    }
}
