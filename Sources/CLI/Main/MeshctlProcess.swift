import Dispatch
import Foundation
import Synchronization

/// The process around a command: signals, terminal, environment. The only place that exits.
package enum MeshctlProcess {
    package static func run() async -> Never {
        // A closed pipe is no error: writes to it fail, and the command's end is what counts.
        signal(SIGPIPE, SIG_IGN)
        let information = ProcessInfo.processInfo
        let home = information.environment["HOME"] ?? NSHomeDirectory()
        let context = CommandContext(
            environment: information.environment,
            workingDirectory: FileManager.default.currentDirectoryPath, homeDirectory: home,
            standardOutput: FileSink(descriptor: STDOUT_FILENO),
            standardError: FileSink(descriptor: STDERR_FILENO),
            isInteractive: isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
            outputIsTerminal: isatty(STDOUT_FILENO) == 1,
            errorIsTerminal: isatty(STDERR_FILENO) == 1, readLine: { Swift.readLine() },
            person: "\(NSUserName())@\(information.hostName)", host: information.hostName,
            processID: information.processIdentifier, clock: SystemClock(),
            randomBits: { UInt64.random(in: .min ... .max) },
            stopRequests: { stopRequests() })
        exit(await MeshctlMain.run(Array(CommandLine.arguments.dropFirst()), context))
    }

    /// Ctrl-C and SIGTERM as a stream; a second one ends the process where it is, which the journal survives.
    private static func stopRequests() -> AsyncStream<Void> {
        AsyncStream { continuation in
            let queue = DispatchQueue(label: "dev.meshctl.signals")
            let sources = [SIGINT, SIGTERM].map { number in
                signal(number, SIG_IGN)
                return DispatchSource.makeSignalSource(signal: number, queue: queue)
            }
            let count = Mutex(0)
            for source in sources {
                source.setEventHandler {
                    let isFirst = count.withLock { count in
                        count += 1
                        return count == 1
                    }
                    if !isFirst { exit(ExitStatus.interrupted.rawValue) }
                    continuation.yield()
                }
                source.resume()
            }
            let kept = SignalSources(sources)
            continuation.onTermination = { _ in kept.cancel() }
        }
    }
}

/// Keeps signal sources alive for as long as their stream is.
private final class SignalSources: Sendable {
    private let sources: Mutex<[any DispatchSourceSignal]>

    init(_ sources: sending [any DispatchSourceSignal]) { self.sources = Mutex(sources) }

    func cancel() {
        sources.withLock { sources in
            for source in sources { source.cancel() }
            for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        }
    }
}

/// Writes to a file descriptor, whole.
private struct FileSink: TextSink {
    let descriptor: Int32

    func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
