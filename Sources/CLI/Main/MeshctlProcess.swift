import Foundation
import Synchronization

/// The process around a command: signals, terminal, environment. The only place that exits.
package enum MeshctlProcess {
    package static func run() async -> Never {
        // A closed pipe is no error: writes to it fail, and the command's end is what counts.
        signal(SIGPIPE, SIG_IGN)
        // Nor is a limit on the size of files (`ulimit -f`) the process's end: the write to the journal fails.
        signal(SIGXFSZ, SIG_IGN)
        openStandardStreams()
        let signals = StopSignals()
        let information = ProcessInfo.processInfo
        let home = information.environment["HOME"] ?? NSHomeDirectory()
        let context = CommandContext(
            environment: information.environment,
            workingDirectory: FileManager.default.currentDirectoryPath, homeDirectory: home,
            standardOutput: FileSink(descriptor: STDOUT_FILENO),
            standardError: FileSink(descriptor: STDERR_FILENO),
            isInteractive: isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
            outputIsTerminal: isatty(STDOUT_FILENO) == 1,
            errorIsTerminal: isatty(STDERR_FILENO) == 1, readLine: { readLine(until: signals) },
            person: "\(NSUserName())@\(information.hostName)", host: information.hostName,
            processID: information.processIdentifier, clock: SystemClock(),
            randomBits: { UInt64.random(in: .min ... .max) },
            stopRequests: { signals.stream() })
        exit(await MeshctlMain.run(Array(CommandLine.arguments.dropFirst()), context))
    }

    /// A stream that was closed by who started us would be the first file that we open: what is meant for a
    /// person would go into it.
    private static func openStandardStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number, and so this one.
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// A person's line; nil at the end of input, and once a stop was asked for.
    private static func readLine(until signals: StopSignals) -> String? {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while !signals.hasBeenAsked {
            if poll(&input, 1, 100) > 0 { return Swift.readLine() }
        }
        return nil
    }
}

/// Writes to a file descriptor, whole.
private final class FileSink: TextSink {
    private let descriptor: Int32
    private let error = Mutex<Int32?>(nil)

    init(descriptor: Int32) { self.descriptor = descriptor }

    var failure: String? { error.withLock { $0.map { String(cString: strerror($0)) } } }

    func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                // Somebody who shares the pipe has switched waiting off.
                var output = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&output, 1, -1)
                continue
            }
            guard count > 0 else {
                if errno != EPIPE { error.withLock { [code = errno] in $0 = code } }
                return
            }
            bytes = bytes.dropFirst(count)
        }
    }
}
