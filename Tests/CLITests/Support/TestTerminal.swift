import Foundation
import Synchronization

/// A terminal for a process, whose screen the test reads.
final class TestTerminal: Sendable {
    /// The system gives no terminal.
    struct Missing: Error {}

    private let master: Int32
    private let screen = Mutex("")
    /// What the process gets as its standard input and standard error.
    let slave: Int32

    init() throws {
        var ends: (master: Int32, slave: Int32) = (-1, -1)
        guard openpty(&ends.master, &ends.slave, nil, nil, nil) == 0 else { throw Missing() }
        (master, slave) = ends
        for end in [master, slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(slave)
        close(master)
    }

    /// All that was written to it so far.
    var text: String {
        screen.withLock { screen in
            var bytes = [UInt8](repeating: 0, count: 16 * 1024)
            while true {
                let count = read(master, &bytes, bytes.count)
                guard count > 0 else { return screen }
                screen += String(decoding: bytes.prefix(count), as: UTF8.self)
            }
        }
    }
}
