import Foundation
import Glibc

/// Runs a credential plugin to its end and collects what it prints.
///
/// Its input is empty: Foundation starts children in a process group of their own, and such a one is
/// stopped by the system when it reads from the terminal. What it says on stderr is shown.
struct PluginProcess {
    var executable: String
    var arguments: [String]
    var environment: [String: String]

    /// Far above any credential.
    private static let maximumAnswer = 1 << 20

    func run(
        _ makeError: (KubeconfigError.PluginFailure) -> KubeconfigError
    ) throws(KubeconfigError) -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        do {
            try Self.withSignalsUnblocked { try process.run() }
        } catch {
            let isMissing = !FileManager.default.fileExists(atPath: executable)
            throw makeError(isMissing ? .notFound : .couldNotStart("it cannot be executed"))
        }
        let answer = Self.collect(output.fileHandleForReading)
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

    /// Nil when it is more than any credential.
    private static func collect(_ handle: FileHandle) -> [UInt8]? {
        var answer: [UInt8] = []
        while let piece = try? handle.read(upToCount: 64 * 1024), !piece.isEmpty {
            answer += piece
            if answer.count > maximumAnswer { return nil }
        }
        return answer
    }
}
