import CFaultVFS
import Foundation
import Synchronization

/// The folder in which one operator's state file is, on a disk that can fail: it is full or broken for one
/// operation, loses at a power cut what was not synced, and is out of reach for a process that is dead.
final class SimulatedDisk: Sendable {
    let folder: String
    private let state: Mutex<State>
    private let sabotage: Sabotage?

    private struct State {
        var random: SeededRandom
        /// One operation in so many fails; nil for none.
        var oneIn: Int?
        var process: SimulatedProcess?
        var isDead = false
        var leftOpen = 0
    }

    /// What SQLite is told.
    private enum Failure {
        static let io = Int32(10)
        static let full = Int32(13)
    }

    init(folder: String, random: SeededRandom, oneIn: Int?, sabotage: Sabotage?) throws {
        self.folder = folder
        self.sabotage = sabotage
        state = Mutex(State(random: random, oneIn: oneIn))
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        DiskRegistry.add(self)
        faultvfs_watch(folder + "/")
        let ignores = sabotage == .noFsync || sabotage == .writeBeforeIntend
        faultvfs_ignore_sync(folder + "/", ignores ? 1 : 0)
    }

    /// Takes the folder away. Nothing may have a file of it open.
    func remove() {
        faultvfs_unwatch(folder + "/")
        DiskRegistry.remove(self)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Which process works with it; nil for one that nothing befalls.
    func belong(to process: SimulatedProcess?) {
        let open = Int(faultvfs_open_files(folder + "/"))
        state.withLock { state in
            state.process = process
            state.leftOpen += open
        }
    }

    /// Nothing reaches it any more, as after the death of a process.
    var isDead: Bool {
        get { state.withLock(\.isDead) }
        set { state.withLock { $0.isDead = newValue } }
    }

    /// Files that were open when a process of a command was gone: there are to be none.
    var leftOpen: Int { state.withLock(\.leftOpen) }

    func calmDown() { state.withLock { $0.oneIn = nil } }

    /// What is on the disk after its process died. Its files are closed by then.
    func processDied(powerLost: Bool) {
        let seed = state.withLock { $0.random.next() }
        if sabotage == .writeBeforeIntend { return lose(seed, everything: true) }
        if powerLost { lose(seed, everything: false) }
    }

    private func lose(_ seed: UInt64, everything: Bool) {
        faultvfs_lose(folder + "/", seed, everything ? 1 : 0)
        // The index of the write-ahead log is in memory only.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasSuffix("-shm") {
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
    }

    /// A write of the process was answered, or it ended by itself.
    func noteAnswer() {
        if sabotage == .writeBeforeIntend { faultvfs_settle(folder + "/") }
    }

    /// What becomes of an operation on one of its files.
    fileprivate func decide(_ path: String, _ operation: Int32) -> Int32 {
        if isDead { return Failure.io }
        let (process, trouble) = state.withLock { state -> (SimulatedProcess?, Int32) in
            guard let oneIn = state.oneIn, Self.canFail.contains(operation),
                state.random.oneIn(oneIn)
            else { return (state.process, 0) }
            let isFull = operation == Int32(FAULTVFS_WRITE) && state.random.oneIn(2)
            return (state.process, isFull ? Failure.full : Failure.io)
        }
        guard let process else { return 0 }
        do {
            try process.pass("\(Self.names[Int(operation)]) \(Self.part(of: path))")
        } catch {
            return Failure.io
        }
        if trouble != 0 { process.note(trouble == Failure.full ? "disk full" : "disk error") }
        return trouble
    }

    private static let canFail = Set(
        [FAULTVFS_WRITE, FAULTVFS_SYNC, FAULTVFS_TRUNCATE].map { Int32($0) })

    private static let names = [
        "opens", "writes", "has written", "truncates", "syncs", "has synced", "deletes",
    ]

    /// Without the part of the path that differs from run to run.
    private static func part(of path: String) -> String {
        for ending in ["-wal", "-journal", "-shm"] where path.hasSuffix(ending) {
            return String(ending.dropFirst())
        }
        return "database"
    }
}

/// Which disk a path is on. SQLite knows one VFS for the whole process, and asks by path.
private enum DiskRegistry {
    private static let disks = Mutex<[String: SimulatedDisk]>([:])
    private static let installed: Int32 = faultvfs_install { path, operation in
        guard let path else { return 0 }
        return DiskRegistry.decide(String(cString: path), operation)
    }

    static func add(_ disk: SimulatedDisk) {
        precondition(installed == 0, "SQLite takes no VFS")
        disks.withLock { $0[disk.folder] = disk }
    }

    static func remove(_ disk: SimulatedDisk) {
        disks.withLock { $0[disk.folder] = nil }
    }

    static func decide(_ path: String, _ operation: Int32) -> Int32 {
        guard let slash = path.lastIndex(of: "/") else { return 0 }
        let disk = disks.withLock { $0[String(path[..<slash])] }
        return disk?.decide(path, operation) ?? 0
    }
}
