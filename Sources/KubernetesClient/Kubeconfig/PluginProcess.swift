import Foundation

/// Runs a credential plugin to its end and collects what it prints.
struct PluginProcess {
    var executable: String
    var arguments: [String]
    var environment: [String: String]
    /// It may read from the terminal; what it says on stderr is always shown.
    var isInteractive: Bool

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
        if !isInteractive { process.standardInput = FileHandle.nullDevice }
        do {
            try process.run()
        } catch {
            let isMissing = !FileManager.default.fileExists(atPath: executable)
            throw makeError(isMissing ? .notFound : .couldNotStart("it cannot be executed"))
        }
        let answer = Self.collect(output.fileHandleForReading)
        if answer == nil { process.terminate() }
        process.waitUntilExit()
        guard let answer else { throw makeError(.unusableAnswer("it is larger than 1 MiB")) }
        guard process.terminationStatus == 0 else {
            throw makeError(.failed(exitCode: process.terminationStatus))
        }
        return answer
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
