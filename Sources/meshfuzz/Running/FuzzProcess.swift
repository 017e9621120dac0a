import Foundation

/// A batch in a child process, and what became of it.
struct FuzzProcess {
    struct Outcome {
        /// Fingerprints of results, by seed.
        var results: [UInt64: String] = [:]
        /// Texts of broken promises, by seed.
        var broken: [UInt64: String] = [:]
        var iterations = 0
        /// The seed at which the process ended before its time.
        var died: UInt64?
    }

    var reader: String
    var corpus: String
    var scratch: String

    func run(_ seeds: Range<UInt64>, seconds: Double, tracing: Bool = false) throws -> Outcome {
        let progress = "\(scratch)/progress"
        try? FileManager.default.removeItem(atPath: progress)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "--batch", progress, "--reader", reader, "--corpus", corpus,
            "--first-seed", String(seeds.lowerBound), "--iterations", String(seeds.count),
            "--seconds", String(seconds),
        ]
        var environment = ProcessInfo.processInfo.environment
        environment["SWIFT_BACKTRACE"] =
            tracing ? "enable=yes,color=no,interactive=no" : "enable=no"
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        let errors = "\(scratch)/errors"
        try Data().write(to: URL(fileURLWithPath: errors))
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        var outcome = Self.read(String(decoding: text, as: UTF8.self))
        if process.terminationReason == .uncaughtSignal || process.terminationStatus != 0 {
            let seed = Self.seed(in: progress) ?? seeds.lowerBound
            let signal = process.terminationStatus
            let words = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
            outcome.died = seed
            outcome.iterations = Int(seed - seeds.lowerBound) + 1
            outcome.broken[seed] =
                signal == SIGPROF
                ? "it takes too long, and was given up" : "signal \(signal) \(words)"
        }
        return outcome
    }

    private static func read(_ text: String) -> Outcome {
        var outcome = Outcome()
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count >= 2, let number = UInt64(words[1]) else { continue }
            switch words[0] {
            case "result": outcome.results[number] = String(words.last ?? "")
            case "broken": outcome.broken[number] = String(words.last ?? "")
            case "end": outcome.iterations = Int(number)
            default: break
            }
        }
        return outcome
    }

    private static func seed(in progress: String) -> UInt64? {
        guard let bytes = FileManager.default.contents(atPath: progress), bytes.count >= 8 else {
            return nil
        }
        return bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
