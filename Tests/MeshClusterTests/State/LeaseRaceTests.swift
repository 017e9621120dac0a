import MeshCluster
import Synchronization
import Testing

@Suite("Operators who start at once")
struct LeaseRaceTests {
    /// What became of one of them.
    private enum Outcome: Equatable {
        case worked
        case refused(by: String)
        case failed(String)
    }

    @Test("one works, the other is refused and told who it is, in 1,000 of 1,000 races")
    func race() async throws {
        for seed in 0..<1000 {
            let arena = try Arena(seed: seed)
            // In half of the races there is a Lease already, which somebody let go of.
            if seed.isMultiple(of: 2) { await (try arena.acquire("eve@old")).release() }
            let outcomes = Mutex<[String: Outcome]>([:])
            let holders = Mutex((now: 0, most: 0))
            let people = ["ana@desk", "ben@lap"]
            await arena.run(
                people.map { person in
                    { @Sendable in
                        let outcome: Outcome
                        do {
                            let lease = try await arena.acquire(person)
                            holders.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                            await lease.keep()
                            holders.withLock { $0.now -= 1 }
                            await lease.release()
                            outcome = .worked
                        } catch let held as RunLease.Held {
                            outcome = .refused(by: held.record.holder?.parts?.person ?? "?")
                            arena.end()
                        } catch {
                            outcome = .failed("\(error)")
                            arena.end()
                        }
                        outcomes.withLock { $0[person] = outcome }
                    }
                })
            let (ana, ben) = outcomes.withLock { ($0[people[0]], $0[people[1]]) }
            let isRight =
                ana == .worked && ben == .refused(by: people[0])
                || ben == .worked && ana == .refused(by: people[1])
            #expect(isRight, "seed \(seed): \(String(describing: (ana, ben)))")
            #expect(holders.withLock(\.most) == 1, "seed \(seed)")
            #expect(try await arena.record()?.holder == nil, "seed \(seed)")
        }
    }

    @Test("of whom one dies holding it: the other has it, and not before its time, in 200 of 200")
    func death() async throws {
        for seed in 0..<200 {
            let arena = try Arena(seed: seed)
            let times = Mutex<[Duration]>([])
            await arena.run(
                ["ana@desk", "ben@lap", "eve@old"].map { person in
                    { @Sendable in
                        guard (try? await arena.acquire(person)) != nil else { return }
                        times.withLock { $0.append(arena.elapsed) }
                    }
                })
            let all = times.withLock(\.self)
            // The third one sees the second take it, and is refused.
            #expect(all.count == 2, "seed \(seed): \(all)")
            #expect(zip(all, all.dropFirst()).allSatisfy { $1 - $0 >= .seconds(15) }, "\(all)")
        }
    }
}
