import JSON
import Synchronization
import Testing
import Timing

@testable import KubernetesClient

@Suite("A server that is away")
struct EnduranceTests {
    /// What was told, in short.
    final class Told: Sendable {
        private let words = Mutex<[String]>([])

        var all: [String] { words.withLock(\.self) }

        func tell(_ report: Endurance.Report) {
            let word =
                switch report {
                case .away: "away"
                case .back(let duration): "back after \(duration)"
                case .givenUp(let outage): "given up after \(outage.now - outage.since)"
                }
            words.withLock { $0.append(word) }
        }
    }

    /// A client that has had an answer, and does not retry on its own account.
    private func enduring(
        _ script: ScriptedClient, limit: Duration = .seconds(300), _ told: Told = Told()
    ) async throws -> (KubernetesClient, Endurance) {
        let endurance = Endurance(limit: limit, clock: script.clock) { told.tell($0) }
        _ = try await script.client.rawGet(path: "/livez")
        return (script.client.enduring(endurance), endurance)
    }

    private static let refused = ScriptedTransport.Step.failure(.refused, reached: false)
    private static let fine = ScriptedTransport.Step.answer(200, "{}")

    @Test(
        "is asked again, with longer and longer pauses, until it answers",
        arguments: [
            refused, .failure(.resolve, reached: false), .failure(.reset, reached: true),
            .failure(.timeout, reached: true), .status(503, "ServiceUnavailable"),
            .answer(502, "<html>"), .status(429, "TooManyRequests"),
            .status(500, "", "etcdserver: request timed out"),
        ])
    func comesBack(failure: ScriptedTransport.Step) async throws {
        let script = try ScriptedClient(
            Self.fine, failure, failure, failure, failure, failure, failure, failure, failure,
            Self.fine, retry: .none)
        let told = Told()
        let (client, endurance) = try await enduring(script, told)
        let start = script.clock.now()
        _ = try await client.rawGet(path: "/readyz")
        let waits = script.clock.waits
        #expect(waits.first == .seconds(1) && waits == waits.sorted())
        #expect(waits.last ?? .zero > .seconds(5))
        #expect(told.all.dropLast().allSatisfy { $0 == "away" })
        #expect(told.all.last?.hasPrefix("back after") == true)
        #expect(endurance.outages == 1)
        #expect(endurance.lost == script.clock.now() - start)
        #expect(script.transport.isDone)
    }

    @Test("is given up once it was away for too long, and nothing waits any more")
    func givenUp() async throws {
        let refusals = Array(repeating: Self.refused, count: 40)
        let transport = ScriptedTransport([Self.fine] + refusals)
        let clock = VirtualClock()
        let plain = KubernetesClient(
            settings: ConnectionSettings(server: try ServerURL("https://h")),
            transport: transport, clock: clock, retry: .none, jitter: { $0.upperBound })
        let told = Told()
        let endurance = Endurance(limit: .seconds(60), clock: clock) { told.tell($0) }
        _ = try await plain.rawGet(path: "/livez")
        let client = plain.enduring(endurance)
        for _ in 0..<2 {
            let error = await failure { () async throws(KubernetesError) in
                _ = try await client.rawGet(path: "/readyz")
            }
            #expect(error?.isOutage == true)
        }
        let waited = clock.waits.reduce(.zero, +)
        #expect(waited >= .seconds(60) && waited < .seconds(61))
        #expect(clock.waits.max() ?? .zero <= .seconds(15))
        #expect(told.all.filter { $0 != "away" } == ["given up after 60.0 seconds"])
        #expect(endurance.isOver)
    }

    @Test("with no time at all, is given up at once")
    func noPatience() async throws {
        let script = try ScriptedClient(Self.fine, Self.refused, retry: .none)
        let (client, _) = try await enduring(script, limit: .zero)
        let error = await failure { () async throws(KubernetesError) in
            _ = try await client.rawGet(path: "/readyz")
        }
        #expect(error?.isOutage == true && script.clock.waits.isEmpty)
    }

    @Test("Retry-After is waited for")
    func retryAfter() async throws {
        let script = try ScriptedClient(
            Self.fine, .status(429, "TooManyRequests", headers: ["Retry-After": "40"]), Self.fine,
            retry: .none)
        let (client, _) = try await enduring(script)
        _ = try await client.rawGet(path: "/readyz")
        #expect(script.clock.waits == [.seconds(40)])
    }

    @Test(
        "an answer is not an outage, whatever it says", arguments: [401, 403, 404, 409, 410, 422])
    func answers(code: Int) async throws {
        let script = try ScriptedClient(Self.fine, .status(code, ""), retry: .none)
        let (client, endurance) = try await enduring(script)
        let error = await failure { () async throws(KubernetesError) in
            _ = try await client.rawGet(path: "/readyz")
        }
        #expect(error?.status?.code == code)
        #expect(script.clock.waits.isEmpty && endurance.outages == 0)
    }

    @Test("what the server says of a pod is not an outage; a connection that breaks is")
    func pods() async throws {
        let script = try ScriptedClient(
            Self.fine, .status(503, "ServiceUnavailable", "error trying to reach service"),
            .status(500, "InternalError", "dial tcp"), Self.refused, Self.fine, retry: .none)
        let (client, endurance) = try await enduring(script)
        let page = await failure { () async throws(KubernetesError) in
            _ = try await client.podPage(namespace: "a", pod: "b", port: 1, path: "/")
        }
        let log = await failure { () async throws(KubernetesError) in
            _ = try await client.podLog(namespace: "a", pod: "b")
        }
        #expect(page?.status?.code == 503 && log?.status?.code == 500)
        #expect(endurance.outages == 0)
        _ = try await client.podLog(namespace: "a", pod: "b")
        #expect(endurance.outages == 1)
    }

    @Test("a write is sent again where the server saw nothing of it, and else is in doubt at once")
    func writes() async throws {
        let script = try ScriptedClient(
            Self.fine, Self.refused, .status(429, "TooManyRequests"), Self.fine,
            .failure(.reset, reached: true), .status(503, ""), retry: .none)
        let (client, _) = try await enduring(script)
        let path = ObjectPath(.namespaces, name: "shop")
        _ = try await client.mergePatch(path, patch: [:], fieldManager: "m")
        #expect(script.clock.waits.count == 2)
        for _ in 0..<2 {
            let error = await failure { () async throws(KubernetesError) in
                _ = try await client.mergePatch(path, patch: [:], fieldManager: "m")
            }
            #expect(error?.isInDoubt == true && error?.isOutage == true)
        }
        #expect(script.clock.waits.count == 2 && script.transport.isDone)
    }

    @Test("a server that never answered is not waited for")
    func first() async throws {
        let script = try ScriptedClient(Self.refused)
        let endurance = Endurance(limit: .seconds(60), clock: script.clock) { _ in }
        let client = script.client.enduring(endurance)
        let error = await failure { () async throws(KubernetesError) in
            _ = try await client.rawGet(path: "/readyz")
        }
        #expect(error != nil && script.clock.waits.isEmpty)
    }

    @Test("a wait that is ended is over at once, and so is the client's own trying again")
    func ended() async throws {
        let clock = StoppedClock()
        let transport = ScriptedTransport([Self.fine] + Array(repeating: Self.refused, count: 3))
        let plain = KubernetesClient(
            settings: ConnectionSettings(server: try ServerURL("https://h")),
            transport: transport, clock: clock, retry: .none, jitter: { $0.upperBound })
        _ = try await plain.rawGet(path: "/livez")
        let endurance = Endurance(limit: .seconds(60), clock: clock) { _ in }
        let client = plain.enduring(endurance)
        async let waiting = failure { () async throws(KubernetesError) in
            _ = try await client.rawGet(path: "/readyz")
        }
        while !clock.isWaitedFor { await Task.yield() }
        endurance.end()
        #expect(await waiting?.isOutage == true)
        let next = await failure { () async throws(KubernetesError) in
            _ = try await client.rawGet(path: "/readyz")
        }
        #expect(next?.isOutage == true)
    }

    /// Its waits end only when they are cancelled.
    private final class StoppedClock: RunClock {
        private let waits = Atomic<Int>(0)

        var isWaitedFor: Bool { waits.load(ordering: .relaxed) > 0 }

        func now() -> Timestamp { Timestamp(milliseconds: 0) }

        func sleep(for duration: Duration) async throws {
            waits.add(1, ordering: .relaxed)
            try await Task.sleep(for: .seconds(600))
        }

        func standBy(for duration: Duration) async throws { try await sleep(for: duration) }
    }
}
