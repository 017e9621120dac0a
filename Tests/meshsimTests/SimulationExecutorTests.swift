import Foundation
import Synchronization
import Testing
import Timing

@testable import meshsim

@Suite("The executor of the simulation")
struct SimulationExecutorTests {
    private static let start = Timestamp(milliseconds: 1000)

    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock(\.self) }

        func note(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// What three tasks say that wait for this and that, in order.
    private func story(seed: UInt64) async -> [String] {
        await onThread {
            let executor = SimulationExecutor(random: SeededRandom(seed: seed), start: Self.start)
            let log = Log()
            let left = Mutex(3)
            for name in ["a", "b", "c"] {
                _ = executor.start {
                    await withTaskGroup(of: Void.self) { group in
                        for part in 1...2 {
                            group.addTask {
                                await executor.wait(.seconds(part))
                                log.note("\(name)\(part)@\(executor.now.milliseconds)")
                            }
                        }
                    }
                    left.withLock { $0 -= 1 }
                }
            }
            let end = executor.run(until: { left.withLock { $0 == 0 } })
            return log.all + ["\(end)", "\(executor.foreignJobs)"]
        }
    }

    private func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    @Test("has every task of a moment before the time moves, in an order that the seed gives")
    func order() async {
        let told = await story(seed: 1)
        #expect(told.count == 8 && told.suffix(2) == ["done", "0"])
        #expect(told.prefix(3).allSatisfy { $0.hasSuffix("1@2000") })
        #expect(told.dropFirst(3).prefix(3).allSatisfy { $0.hasSuffix("2@3000") })
        let again = await story(seed: 1)
        #expect(told == again)
        var others: Set<[String]> = []
        for seed in 2..<20 { others.insert(await story(seed: UInt64(seed))) }
        #expect(others.count > 1)
    }

    @Test("says when everybody waits for nobody")
    func stuck() async {
        let end = await onThread {
            let executor = SimulationExecutor(random: SeededRandom(seed: 1), start: Self.start)
            let (stream, sender) = AsyncStream.makeStream(of: Void.self)
            let task = executor.start { for await _ in stream {} }
            defer {
                task.cancel()
                withExtendedLifetime(sender) {}
                _ = executor.run(until: { false })
            }
            return executor.run(until: { false })
        }
        #expect(end == .stuck)
    }

    @Test("notices a job of another thread")
    func foreign() async {
        let jobs = await onThread {
            let executor = SimulationExecutor(random: SeededRandom(seed: 1), start: Self.start)
            let isDone = Mutex(false)
            _ = executor.start {
                await Task { try? await Task.sleep(for: .milliseconds(1)) }.value
                isDone.withLock { $0 = true }
            }
            while !isDone.withLock(\.self) { _ = executor.run(until: { isDone.withLock(\.self) }) }
            return executor.foreignJobs
        }
        #expect(jobs > 0)
    }
}
