import Foundation

/// Fuzzes one reader until its time or its iterations are over, and says what it found.
struct FuzzCampaign {
    var reader: FuzzReader
    var options: FuzzOptions
    /// Where inputs that break a promise are written.
    var findings: String

    /// So many seeds go into one process; the first of them are read by a second one as well.
    private static let batch: UInt64 = 20_000
    private static let readTwice: UInt64 = 300
    /// Of one reader nobody looks at more.
    private static let mostFailures = 20

    /// The number of inputs that broke a promise.
    func run() throws -> Int {
        let corpus = try Corpus(of: reader.corpus, in: options.corpus)
        let maker = InputMaker(corpus, format: reader.format)
        let scratch = FileManager.default.temporaryDirectory
            .appendingPathComponent("meshfuzz-\(ProcessInfo.processInfo.processIdentifier)").path
        try FileManager.default.createDirectory(
            atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let process = FuzzProcess(
            reader: reader.name, corpus: options.corpus, scratch: scratch)
        let start = Date()
        let end = options.iterations.map { options.firstSeed + $0 } ?? .max
        var seed = options.firstSeed
        var failures = 0
        var iterations = 0
        while seed < end, failures < Self.mostFailures {
            let left = options.seconds.map { $0 - Date().timeIntervalSince(start) } ?? .infinity
            if left <= 0 { break }
            let seeds =
                seed..<min(
                    end,
                    seed.addingReportingOverflow(
                        seed == options.firstSeed ? Self.readTwice : Self.batch
                    ).partialValue)
            var outcome = try process.run(seeds, seconds: min(left, 1e9))
            if seed == options.firstSeed, outcome.died == nil {
                let again = try process.run(seeds, seconds: min(left, 1e9))
                for (seed, result) in outcome.results {
                    if let other = again.results[seed], other != result {
                        outcome.broken[seed] = "another process gets another result"
                    }
                }
            }
            for (seed, what) in outcome.broken.sorted(by: { $0.key < $1.key }) {
                failures += 1
                try report(seed, what, maker)
            }
            iterations += outcome.iterations
            if let died = outcome.died {
                seed = died + 1
            } else if outcome.iterations == 0 {
                break
            } else {
                seed += UInt64(outcome.iterations)
            }
        }
        let spent = Int(Date().timeIntervalSince(start).rounded())
        let found =
            failures == 0 ? "no failures" : failures == 1 ? "1 failure" : "\(failures) failures"
        say(
            "\(reader.name): \(iterations) iterations in \(spent) s, \(found), corpus of \(corpus.entries.count)"
        )
        return failures
    }

    private func report(_ seed: UInt64, _ what: String, _ maker: InputMaker) throws {
        try FileManager.default.createDirectory(
            atPath: findings, withIntermediateDirectories: true)
        let path = "\(findings)/\(reader.name)-\(seed)"
        try Data(maker.input(seed: seed)).write(to: URL(fileURLWithPath: path))
        let line = what.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(300)
        say("\(reader.name): seed \(seed): \(line)")
        say("  input: \(path); again: meshfuzz --reader \(reader.name) --input \(path)")
    }
}
