import Reporting
package import Timing

/// All that a command takes from the process around it; nothing below reads the environment by itself.
package struct CommandContext: Sendable {
    package var environment: [String: String]
    package var workingDirectory: String
    package var homeDirectory: String
    package var standardOutput: any TextSink
    package var standardError: any TextSink
    /// Whether a person can be asked.
    package var isInteractive: Bool
    package var outputIsTerminal: Bool
    package var errorIsTerminal: Bool
    /// One line of the person's answer; nil at the end of input, and when a stop was asked for.
    package var readLine: @Sendable () -> String?
    /// `user@host`
    package var person: String
    package var host: String
    package var processID: Int32
    package var clock: any RunClock
    /// Random bits: for run ids, nonces and the spread of retries.
    package var randomBits: @Sendable () -> UInt64
    /// A new stream of stop requests: Ctrl-C and the like. Without one they end the process.
    package var stopRequests: @Sendable () -> AsyncStream<Void>
    /// The cluster, where it is not found by a kubeconfig or `--sandbox`.
    package var link: ClusterLink?

    package init(
        environment: [String: String], workingDirectory: String, homeDirectory: String,
        standardOutput: any TextSink, standardError: any TextSink, isInteractive: Bool = false,
        outputIsTerminal: Bool = false, errorIsTerminal: Bool = false,
        readLine: @escaping @Sendable () -> String? = { nil }, person: String, host: String,
        processID: Int32, clock: any RunClock, randomBits: @escaping @Sendable () -> UInt64,
        stopRequests: @escaping @Sendable () -> AsyncStream<Void>, link: ClusterLink? = nil
    ) {
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.homeDirectory = homeDirectory
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.isInteractive = isInteractive
        self.outputIsTerminal = outputIsTerminal
        self.errorIsTerminal = errorIsTerminal
        self.readLine = readLine
        self.person = person
        self.host = host
        self.processID = processID
        self.clock = clock
        self.randomBits = randomBits
        self.stopRequests = stopRequests
        self.link = link
    }

    /// The context of the command that runs now: ArgumentParser makes commands itself, so it cannot be passed.
    @TaskLocal package static var current: CommandContext?

    static func required() throws -> CommandContext {
        guard let current else { throw CommandFailure(.failure, "no command context") }
        return current
    }

    /// A path as the user gave it, relative to the working directory.
    func resolve(_ path: String) -> String {
        path.hasPrefix("/") ? path : workingDirectory + "/" + path
    }

    /// A result, on standard output.
    func print(_ text: String) { standardOutput.write(text.hasSuffix("\n") ? text : text + "\n") }

    /// Everything else, on standard error. Harmless, whatever words of others it holds; where these end is for
    /// the caller to keep visible, as a line break in them would not be.
    func note(_ text: String) {
        let text = TerminalText.sanitized(text, keepsLines: true)
        standardError.write(text.hasSuffix("\n") ? text : text + "\n")
    }
}
