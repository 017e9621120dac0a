import CFaultVFS
import Foundation
import GRDB
import Testing

@testable import meshsim

@Suite("A power cut")
struct PowerCutTests {
    private func withDisk(
        sabotage: Sabotage? = nil, seed: UInt64 = 1, _ body: (SimulatedDisk) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("power-cut-\(UUID().uuidString)").path
        let disk = try SimulatedDisk(
            folder: folder, random: SeededRandom(seed: seed), oneIn: nil, sabotage: sabotage)
        defer { disk.remove() }
        try body(disk)
    }

    /// Numbers in a table, each committed by itself; the file as a kill leaves it, with its log.
    private func commit(_ numbers: ClosedRange<Int>, _ disk: SimulatedDisk, level: String) throws {
        let queue = try DatabaseQueue(path: disk.folder + "/a.db")
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = \(level)")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            try database.execute(sql: "CREATE TABLE IF NOT EXISTS t (n INTEGER)")
        }
        for number in numbers {
            try queue.write { try $0.execute(sql: "INSERT INTO t VALUES (?)", arguments: [number]) }
        }
        // Closing must not tidy up: the process has died.
        disk.isDead = true
        try? queue.close()
        disk.isDead = false
    }

    private func numbers(_ disk: SimulatedDisk) throws -> [Int] {
        let queue = try DatabaseQueue(path: disk.folder + "/a.db")
        defer { try? queue.close() }
        return try queue.read { database in
            guard try database.tableExists("t") else { return [] }
            return try Int.fetchAll(database, sql: "SELECT n FROM t ORDER BY n")
        }
    }

    private func isWhole(_ disk: SimulatedDisk) throws -> Bool {
        let queue = try DatabaseQueue(path: disk.folder + "/a.db")
        defer { try? queue.close() }
        return try queue.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") == "ok" }
    }

    @Test("takes nothing that was synced", arguments: 1...10)
    func synced(seed: UInt64) throws {
        try withDisk(seed: seed) { disk in
            try commit(1...20, disk, level: "FULL")
            disk.processDied(powerLost: true)
            #expect(try numbers(disk) == Array(1...20))
            #expect(try isWhole(disk))
        }
    }

    @Test("takes some of what was not, and leaves a file that opens")
    func unsynced() throws {
        var shortest = 20
        for seed in 1...10 {
            try withDisk(seed: UInt64(seed)) { disk in
                try commit(1...20, disk, level: "OFF")
                disk.processDied(powerLost: true)
                let left = try numbers(disk)
                #expect(try isWhole(disk))
                #expect(left == Array((1...20).prefix(left.count)))
                shortest = min(shortest, left.count)
            }
        }
        #expect(shortest < 20)
    }

    @Test("takes what was synced too where syncing is broken")
    func broken() throws {
        var shortest = 20
        for seed in 1...10 {
            try withDisk(sabotage: .noFsync, seed: UInt64(seed)) { disk in
                try commit(1...20, disk, level: "FULL")
                disk.processDied(powerLost: true)
                // Without a sync even the file itself may be none any more.
                shortest = min(shortest, (try? numbers(disk).count) ?? 0)
            }
        }
        #expect(shortest < 20)
    }

    @Test("is none where only the process died")
    func killed() throws {
        try withDisk { disk in
            try commit(1...20, disk, level: "OFF")
            disk.processDied(powerLost: false)
            #expect(try numbers(disk) == Array(1...20))
        }
    }
}
