import JSON
import KubernetesClient
import MeshCluster
import MeshPlanning
import Testing
import Timing

extension RunLease {
    /// A write that is done at once.
    fileprivate func check() async throws(KubernetesError) -> LockEnd? {
        let end = try await beginWrite()
        if end == nil { endWrite() }
        return end
    }
}

@Suite("The lock of a cluster")
struct RunLeaseTests {
    private static let run = LeaseRecord.OpenRun(
        id: RunID("run-1"), kind: "apply", plan: "home", startedBy: "ana@desk")

    @Test("is made where it is missing, with its namespace, and says who holds it")
    func taking() async throws {
        let arena = try Arena()
        let lease = try await arena.acquire("ana@desk")
        #expect(lease.takenFrom == nil && lease.end == nil)
        let spec = try await arena.object()?["spec"]
        #expect(spec?["holderIdentity"]?.string == Arena.holder("ana@desk").text)
        #expect(spec?["leaseDurationSeconds"] == 15)
        #expect(spec?["renewTime"] == "2025-11-20T09:00:00.000000Z")
        #expect(spec?["leaseTransitions"] == 0)
        let namespace = try await arena.client().get(
            ObjectPath(.namespaces, name: Arena.namespace))
        #expect(
            namespace?[path: "metadata", "labels", "app.kubernetes.io/managed-by"] == "meshctl")
        await lease.release()
        #expect(try await arena.record()?.holder == nil)
        let next = try await arena.acquire("ben@lap")
        #expect(try await arena.record()?.transitions == 1)
        #expect(next.takenFrom == nil)
    }

    @Test("an answer that is lost, to its making or its taking, loses nothing", arguments: [0, 1])
    func lostAnswers(taken: Int) async throws {
        let arena = try Arena()
        if taken == 1 { await (try arena.acquire("eve@old")).release() }
        try arena.switchOn("lost-responses", "\(2 - taken)", "PATCH,POST")
        let lease = try await arena.acquire("ana@desk")
        #expect(try await arena.record()?.holder == lease.holder)
        try arena.switchOn("lost-responses", "1", "PATCH")
        arena.pass(.seconds(11))
        #expect(try await lease.check() == nil)
        try arena.switchOn("lost-responses", "1", "PATCH")
        await lease.release()
        #expect(try await arena.record()?.holder == nil)
    }

    @Test("is taken from who is gone once it was unchanged for its duration, and not before")
    func gone() async throws {
        let arena = try Arena()
        _ = try await arena.acquire("ana@desk")
        let start = arena.elapsed
        var told = 0
        let lease = try await arena.acquire("ben@lap") { _ in told += 1 }
        #expect((.seconds(15) ... .seconds(17)).contains(arena.elapsed - start))
        #expect(told == 1)
        #expect(lease.takenFrom == Arena.holder("ana@desk"))
        #expect(try await arena.record()?.transitions == 1)
    }

    @Test(
        "no wall clock counts: not the Lease's, and not one that is set forwards or back",
        arguments: [-86_400, 86_400])
    func wallClocks(seconds: Int) async throws {
        let arena = try Arena()
        let ana = try await arena.acquire("ana@desk")
        arena.setWall(by: .seconds(seconds))
        // Who renews keeps it.
        let refused = arena.elapsed
        await arena.run([
            { await ana.keep() },
            {
                await #expect(throws: RunLease.Held.self) { try await arena.acquire("ben@lap") }
                arena.end()
            },
        ])
        #expect(arena.elapsed - refused <= .seconds(7))
        // Who does not loses it, in its time.
        arena.setWall(by: .seconds(-2 * seconds))
        let start = arena.elapsed
        _ = try await arena.acquire("ben@lap")
        #expect((.seconds(15) ... .seconds(17)).contains(arena.elapsed - start))
    }

    @Test("is certain for 10 s after a renewal; then it is renewed before a write, or nothing is")
    func certainty() async throws {
        let arena = try Arena()
        let lease = try await arena.acquire("ana@desk")
        let before = arena.requests
        arena.pass(.seconds(9))
        #expect(try await lease.check() == nil)
        #expect(arena.requests == before)
        arena.pass(.seconds(1))
        #expect(try await lease.check() == nil)
        #expect(arena.requests == before + 1)
        arena.pass(.seconds(11))
        try arena.switchOn("api-status", "503", "PATCH")
        let error = await #expect(throws: KubernetesError.self) { try await lease.check() }
        #expect(error?.isOutage == true)
        arena.switchOff()
        #expect(try await lease.check() == nil)
    }

    @Test("who writes many things at once renews once")
    func together() async throws {
        let arena = try Arena()
        let lease = try await arena.acquire("ana@desk")
        arena.pass(.seconds(11))
        let before = arena.requests
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        let end = try await lease.check()
                        #expect(end == nil)
                    } catch {
                        Issue.record(error)
                    }
                }
            }
        }
        #expect(arena.requests == before + 1)
    }

    @Test("a holder that has lost it finds out before its next write")
    func lost() async throws {
        let arena = try Arena()
        let ana = try await arena.acquire("ana@desk")
        let ben = try await arena.acquire("ben@lap")
        let end = LockEnd.taken(by: ben.holder.sentence)
        #expect(try await ana.check() == end)
        #expect(ana.end == end)
        var told: [LockEnd] = []
        for await end in ana.endings() {
            told.append(end)
            break
        }
        #expect(told == [end])
        // It is not hers to let go of.
        await ana.release()
        #expect(try await arena.record()?.holder == ben.holder)
    }

    @Test("a Lease that is deleted is lost, and one that was written to is not")
    func edited() async throws {
        let arena = try Arena()
        let lease = try await arena.acquire("ana@desk")
        arena.pass(.seconds(11))
        try await arena.patch(["metadata": ["labels": ["team": "mesh"]]])
        #expect(try await lease.check() == nil)
        arena.pass(.seconds(11))
        try await arena.client().delete(
            ObjectPath(.leases, namespace: Arena.namespace, name: "meshctl"), preconditions: nil)
        #expect(try await lease.check() == .taken(by: "somebody who deleted the Lease"))
    }

    @Test("a rollback asks an apply to stop, and has it as soon as that lets go")
    func stopRequest() async throws {
        let arena = try Arena()
        let ana = try await arena.acquire("ana@desk")
        let start = arena.elapsed
        await arena.run([
            {
                await ana.keep()
                #expect(
                    ana.end
                        == .asked(
                            by: "rollback by ben@lap, process 41",
                            why: "to roll back what is under way"))
                await ana.release()
            },
            {
                let ben = try? await arena.acquire("ben@lap", "rollback")
                #expect(ben?.end == nil && ben != nil)
            },
        ])
        #expect(arena.elapsed - start <= .seconds(7))
        let record = try await arena.record()
        #expect(record?.holder == Arena.holder("ben@lap", "rollback"))
        #expect(record?.stopRequest == nil)
    }

    @Test("whoever is asked to stop renews no more: what holds it up does not hold up the rollback")
    func stuck() async throws {
        let arena = try Arena()
        let ana = try await arena.acquire("ana@desk")
        let start = arena.elapsed
        await arena.run([
            { await ana.keep() },
            {
                let ben = try? await arena.acquire("ben@lap", "rollback")
                #expect(ben?.takenFrom == ana.holder)
            },
        ])
        #expect((.seconds(15) ... .seconds(22)).contains(arena.elapsed - start))
        #expect(try await ana.check() != nil)
    }

    @Test("a rollback leaves a rollback that is alive alone")
    func rollbacks() async throws {
        let arena = try Arena()
        let ana = try await arena.acquire("ana@desk", "rollback")
        await arena.run([
            { await ana.keep() },
            {
                await #expect(throws: RunLease.Held.self) {
                    try await arena.acquire("ben@lap", "rollback")
                }
                arena.end()
            },
        ])
        #expect(try await arena.record()?.stopRequest == nil)
    }

    @Test("who is asked to stop renews on while a write is under way, and is waited for")
    func writeUnderWay() async throws {
        let arena = try Arena()
        let ana = try await arena.acquire("ana@desk")
        #expect(try await ana.beginWrite() == nil)
        let start = arena.elapsed
        await arena.run([
            { await ana.keep() },
            {
                try? await arena.sleep(for: .seconds(40))
                // Nothing else is begun.
                let end = try? await ana.check()
                #expect(end != nil && end == ana.end)
                ana.endWrite()
            },
            {
                let ben = try? await arena.acquire("ben@lap", "rollback")
                #expect(ben?.takenFrom == Arena.holder("ana@desk"))
                arena.end()
            },
        ])
        // Its time runs from the last renewal, before the write was done.
        #expect((.seconds(50) ... .seconds(57)).contains(arena.elapsed - start))
    }

    @Test("who renews on after being asked is given up after a minute and a half, and says so")
    func impolite() async throws {
        let arena = try Arena()
        _ = try await arena.acquire("ana@desk")
        await arena.run([
            {
                while (try? await arena.sleep(for: .seconds(5))) != nil {
                    try? await arena.patch([
                        "spec": ["renewTime": .string(arena.now().rfc3339Micro)]
                    ])
                }
            },
            {
                let held = await #expect(throws: RunLease.Held.self) {
                    try await arena.acquire("ben@lap", "rollback")
                }
                #expect(held?.wasAsked == true)
                arena.end()
            },
        ])
    }

    @Test("names the open run until it is at its end, also for who comes after a death")
    func openRun() async throws {
        let arena = try Arena()
        let ana = try await arena.acquire("ana@desk")
        #expect(ana.openRun == nil)
        #expect(try await ana.name(Self.run) == nil)
        #expect(try await arena.record()?.openRun == Self.run)
        let ben = try await arena.acquire("ben@lap")
        #expect(ben.openRun == Self.run)
        arena.pass(.seconds(11))
        #expect(try await ben.check() == nil)
        await ben.release()
        #expect(try await arena.record()?.openRun == Self.run)
        let eve = try await arena.acquire("eve@old")
        eve.nameNone()
        await eve.release()
        #expect(try await arena.record()?.openRun == nil)
    }

    @Test("is broken with a reason, which its holder is told; not where somebody else has it")
    func breaking() async throws {
        let arena = try Arena()
        let store = LeaseStore(namespace: Arena.namespace, try arena.client())
        let note = LeaseRecord.Break(
            by: "ben@lap", why: "lost laptop", at: "t", held: Arena.holder("ana@desk").text)
        let ana = try await arena.acquire("ana@desk")
        let seen = try #require(try await arena.record())
        arena.pass(.seconds(11))
        #expect(try await ana.check() == nil)
        #expect(try await store.breakLock(seen, note) != nil)
        #expect(try await arena.record()?.broken == note)
        arena.pass(.seconds(11))
        #expect(
            try await ana.check() == .taken(by: "ben@lap, who broke it: lost laptop"))
        _ = try await arena.acquire("eve@old")
        #expect(try await store.breakLock(seen, note) == nil)
        #expect(try await arena.record()?.holder == Arena.holder("eve@old"))
    }

    @Test("that may not be made is an error, and nobody's lock")
    func forbidden() async throws {
        let arena = try Arena()
        try arena.switchOn("api-status", "403", "POST")
        let error = await #expect(throws: KubernetesError.self) {
            try await arena.acquire("ana@desk")
        }
        #expect(error?.status?.isForbidden == true)
    }
}
