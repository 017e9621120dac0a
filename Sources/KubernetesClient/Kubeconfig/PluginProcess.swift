import Foundation
import Glibc

/// Runs a credential plugin to its end and collects what it prints.
///
/// Its input is empty: Foundation starts children in a process group of their own, and such a one is
/// stopped by the system when it reads from the terminal. What it says on stderr is told on, at once: it may ask
/// to log in somewhere.
struct PluginProcess {
    var executable: String
    var arguments: [String]
    var environment: [String: String]
    var words: PluginWords
    var tell: (String) -> Void

    /// Far above any credential.
    private static let maximumAnswer = 1 << 20

    func run(
        _ makeError: (KubeconfigError.PluginFailure) -> KubeconfigError
    ) throws(KubeconfigError) -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = environment
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        do {
            try Self.withSignalsUnblocked { try process.run() }
        } catch {
            let isMissing = !FileManager.default.fileExists(atPath: executable)
            throw makeError(isMissing ? .notFound : .couldNotStart("it cannot be executed"))
        }
        let answer = collect(
            output.fileHandleForReading.fileDescriptor, errors.fileHandleForReading.fileDescriptor,
            while: { process.isRunning })
        // The whole group: the end of the process counts once all that it started have ended.
        if answer == nil { kill(-process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        guard let answer else { throw makeError(.unusableAnswer("it is larger than 1 MiB")) }
        guard process.terminationStatus == 0 else {
            throw makeError(.failed(exitCode: process.terminationStatus))
        }
        return answer
    }

    /// A child inherits the signal mask of the thread that starts it, and the threads that run Swift's
    /// tasks block nearly all: without this, nobody could end a plugin but with SIGKILL.
    private static func withSignalsUnblocked(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    /// The whole answer, and meanwhile line by line what is said beside it. Nil when the answer is more than any
    /// credential.
    private func collect(
        _ output: Int32, _ errors: Int32, while isRunning: () -> Bool
    ) -> [UInt8]? {
        var words = words
        var answer: [UInt8] = []
        // poll(2) passes over negative descriptors.
        var streams = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // Something that it started, such as a browser, may keep its standard error open for hours.
        while streams[0].fd >= 0 || streams[1].fd >= 0 {
            let isLast = streams[0].fd < 0 && !isRunning()
            let ready = poll(&streams, 2, isLast ? 0 : 50)
            if ready < 0, errno != EINTR { break }
            if ready == 0, isLast { break }
            for index in streams.indices where ready > 0 && streams[index].revents != 0 {
                let piece = Self.read(streams[index].fd)
                if piece.isEmpty { streams[index].fd = -1 }
                if index == 1 { words.lines(adding: piece).forEach(tell) } else { answer += piece }
            }
            if answer.count > Self.maximumAnswer { return nil }
        }
        words.end().forEach(tell)
        return answer
    }

    /// Empty at the end.
    private static func read(_ descriptor: Int32) -> ArraySlice<UInt8> {
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            return bytes[..<max(0, count)]
        }
    }
}
