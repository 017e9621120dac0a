package import Glibc
import Synchronization

/// A process that a test starts. It inherits no descriptor but its three streams, and no signal mask.
///
/// Foundation's `Process` learns of a child's end from a socket that other children inherit: its
/// `waitUntilExit` can then last as long as the longest of them, on a thread that other tests need.
package final class ChildProcess: Sendable {
    package struct StartFailure: Error {
        package var executable: String
        package var reason: String
    }

    package let pid: pid_t
    /// The wait status, once the child was reaped.
    private let status = Mutex<Int32?>(nil)

    /// - Parameters:
    ///   - environment: nil for this process's own.
    ///   - input, output, errors: descriptors that stay the caller's to close; nil is `/dev/null`.
    package init(
        _ executable: String, _ arguments: [String], environment: [String: String]? = nil,
        folder: String? = nil, input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in [(0, input), (1, output), (2, errors)] as [(Int32, Int32?)] {
            if let source {
                posix_spawn_file_actions_adddup2(&actions, source, target)
            } else {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            }
        }
        try GNU.closeFrom(3, &actions)
        if let folder { try GNU.changeFolder(folder, &actions) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let words = Words([executable] + arguments)
        let variables = environment.map { Words($0.map { "\($0.key)=\($0.value)" }) }
        var started = pid_t()
        let code = posix_spawn(
            &started, executable, &actions, &attributes, words.pointers,
            variables.map { $0.pointers } ?? Words.ofThisProcess)
        withExtendedLifetime((words, variables)) {}
        guard code == 0 else {
            throw StartFailure(executable: executable, reason: String(cString: strerror(code)))
        }
        pid = started
    }

    deinit { kill() }

    package var isRunning: Bool { reap(WNOHANG) == nil }

    /// Ends the process at once and waits until it is gone.
    package func kill() {
        guard isRunning else { return }
        Glibc.kill(pid, SIGKILL)
        _ = reap(0)
    }

    package func send(_ signal: Int32) { Glibc.kill(pid, signal) }

    /// Waits on this thread: for commands that end by themselves, soon.
    package func wait() -> Int32 { Self.exitCode(reap(0)) }

    /// Waits without holding a thread.
    package func ended() async throws -> Int32 {
        while true {
            if let status = reap(WNOHANG) { return Self.exitCode(status) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func reap(_ options: Int32) -> Int32? {
        status.withLock { status in
            if status != nil { return status }
            var found: Int32 = 0
            var answer: pid_t
            repeat { answer = waitpid(pid, &found, options) } while answer < 0 && errno == EINTR
            if answer == pid { status = found }
            return status
        }
    }

    /// As a shell has it: 128 and the signal's number for a process that was killed.
    private static func exitCode(_ status: Int32?) -> Int32 {
        guard let status else { return -1 }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}

/// C strings for as long as the object lives.
private final class Words {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ words: [String]) {
        count = words.count
        pointers = .allocate(capacity: count + 1)
        for (index, word) in words.enumerated() { (pointers + index).initialize(to: strdup(word)) }
        (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }

    static var ofThisProcess: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? { environ }
}

/// Calls of glibc 2.34 that its headers show only to GNU programs, and so not to Swift.
private enum GNU {
    private typealias Actions = UnsafeMutablePointer<posix_spawn_file_actions_t>

    static func closeFrom(_ first: Int32, _ actions: inout posix_spawn_file_actions_t) throws {
        typealias Call = @convention(c) (Actions, Int32) -> Int32
        let call: Call = try symbol("posix_spawn_file_actions_addclosefrom_np")
        _ = call(&actions, first)
    }

    static func changeFolder(
        _ path: String, _ actions: inout posix_spawn_file_actions_t
    ) throws {
        typealias Call = @convention(c) (Actions, UnsafePointer<CChar>) -> Int32
        let call: Call = try symbol("posix_spawn_file_actions_addchdir_np")
        _ = call(&actions, path)
    }

    private static func symbol<Call>(_ name: String) throws -> Call {
        guard let address = dlsym(nil, name) else {
            throw ChildProcess.StartFailure(executable: name, reason: "not in this C library")
        }
        return unsafeBitCast(address, to: Call.self)
    }
}
