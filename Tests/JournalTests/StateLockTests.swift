import Foundation
import ProcessSupport
import Testing

@testable import Journal

@Suite("One writer per state file")
struct StateLockTests {
    private let ana = StateLock.Holder(
        pid: 41, host: "desk", command: "meshctl apply --stage strict", since: at(7))
    private let ben = StateLock.Holder(
        pid: 42, host: "lap", command: "meshctl rollback", since: at(8))

    @Test("the second is told who has it, and gets it after the first lets go")
    func exclusion() throws {
        let folder = try Folder()
        let lock = try StateLock.acquire(statePath: folder.state, as: ana)
        #expect(throws: StateLock.Failure.held(path: folder.state + ".lock", by: ana)) {
            try StateLock.acquire(statePath: folder.state, as: ben)
        }
        lock.release()
        let second = try StateLock.acquire(statePath: folder.state, as: ben)
        lock.release()
        #expect(throws: StateLock.Failure.held(path: folder.state + ".lock", by: ben)) {
            try StateLock.acquire(statePath: folder.state, as: ana)
        }
        second.release()
    }

    @Test("the lock goes with its value")
    func deinitialisation() throws {
        let folder = try Folder()
        do { _ = try StateLock.acquire(statePath: folder.state, as: ana) }
        _ = try StateLock.acquire(statePath: folder.state, as: ben)
    }

    @Test("the lock file is its owner's alone, and stays, empty, after release")
    func lockFile() throws {
        let folder = try Folder()
        let lock = try StateLock.acquire(statePath: folder.state, as: ana)
        #expect(try mode(lock.path) == 0o600)
        #expect(try mode(folder.path + "/state") == 0o700)
        lock.release()
        #expect(try bytes(lock.path).isEmpty)
    }

    @Test("a link to the state file shares its lock")
    func links() throws {
        let folder = try Folder()
        _ = try JournalStore.open(path: folder.state)
        let link = folder.path + "/link.db"
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: folder.state)
        let lock = try StateLock.acquire(statePath: folder.state, as: ana)
        #expect(throws: StateLock.Failure.self) {
            try StateLock.acquire(statePath: link, as: ben)
        }
        lock.release()
    }

    @Test("a process that is killed leaves no lock behind")
    func death() async throws {
        let folder = try Folder()
        try StateFile.createFolder(of: folder.state)
        let path = folder.state + ".lock"
        try write(Data("\u{1B}[2J no holder".utf8), path)
        let other = try ChildProcess(
            "/usr/bin/flock", ["--no-fork", path, "sleep", "infinity"])
        try await eventually { self.failure(folder) == .held(path: path, by: nil) }
        other.kill()
        try await eventually { self.failure(folder) == nil }
    }

    @Test("a folder that cannot be made is an error with the reason")
    func noFolder() throws {
        let folder = try Folder()
        try write(Data(), folder.path + "/file")
        let error = #expect(throws: StateLock.Failure.self) {
            try StateLock.acquire(statePath: folder.path + "/file/state.db", as: ana)
        }
        guard case .cannotLock(_, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason == "Not a directory" || reason == "File exists")
    }

    private func failure(_ folder: Folder) -> StateLock.Failure? {
        do throws(StateLock.Failure) {
            try StateLock.acquire(statePath: folder.state, as: ana).release()
            return nil
        } catch {
            return error
        }
    }

    private func eventually(_ condition: () -> Bool) async throws {
        for _ in 1...3000 {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it never came about")
    }
}
