import ArgumentParser
import Foundation
import Synchronization

/// Plays what may happen to runs of meshctl, by the seed (docs/simulation.md).
@main
struct Meshsim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meshsim",
        abstract: "Play apply and rollback with deaths, power cuts and API faults, each by a seed.",
        discussion: """
            Each seed is a story: a small cluster, a plan, somebody who applies it and perhaps rolls it back, \
            and all that goes wrong meanwhile. It passes when the cluster is exactly as wanted in the end, the \
            journal tells the truth, and no traffic was refused at any moment.

            EXAMPLES
              meshsim --seeds 10000
              meshsim --first-seed 4711 --seeds 1 --verbose
              meshsim --seeds 200 --break no-fsync
            """)

    @Option(help: "How many seeds are played.")
    var seeds: UInt64 = 1000

    @Option(help: "The first one; the others follow it.")
    var firstSeed: UInt64 = 1

    @Option(help: "How many are played at the same time.")
    var threads = 2

    @Option(
        name: .customLong("break"),
        help: ArgumentHelp(
            "Break what keeps runs safe: \(Sabotage.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "what"))
    var sabotage: Sabotage?

    @Flag(help: "Print all that happens.")
    var verbose = false

    func validate() throws {
        guard seeds > 0 else { throw ValidationError("--seeds takes a number from 1") }
        guard (1...64).contains(threads) else {
            throw ValidationError("--threads takes a number from 1 to 64")
        }
    }

    func run() throws {
        try restartWithoutRandomHashing()
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("meshsim-\(ProcessInfo.processInfo.processIdentifier)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let runner = SeedRunner(folder: folder, sabotage: sabotage, keepsLines: verbose)
        let passed = play(runner)
        say("\(passed) of \(seeds) seeds pass")
        if passed < seeds { throw ExitCode(1) }
    }

    /// - Returns: how many pass.
    private func play(_ runner: SeedRunner) -> UInt64 {
        let next = Atomic<UInt64>(firstSeed)
        let passed = Atomic<UInt64>(0)
        let (first, last) = (firstSeed, firstSeed + (seeds - 1))
        let (isVerbose, broken) = (verbose, sabotage)
        let done = DispatchSemaphore(value: 0)
        let output = Mutex(())
        for _ in 0..<threads {
            let thread = Thread {
                while true {
                    let (seed, _) = next.add(1, ordering: .relaxed)
                    guard seed >= first, seed <= last else { break }
                    let verdict = runner.verdict(on: seed)
                    if verdict.failures.isEmpty { passed.add(1, ordering: .relaxed) }
                    output.withLock { _ in
                        if isVerbose { for line in verdict.lines { say(line) } }
                        if let line = verdict.line(broken) { say(line) }
                    }
                }
                done.signal()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        for _ in 0..<threads { done.wait() }
        return passed.load(ordering: .relaxed)
    }

    /// Sets and dictionaries have another order in every process, and a seed has to be the same in all of them.
    private func restartWithoutRandomHashing() throws {
        let name = "SWIFT_DETERMINISTIC_HASHING"
        guard ProcessInfo.processInfo.environment[name] == nil,
            let path = Bundle.main.executablePath
        else { return }
        setenv(name, "1", 1)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv(path, &arguments)
        throw ValidationError("cannot start \(path) again: \(String(cString: strerror(errno)))")
    }
}

extension Sabotage: ExpressibleByArgument {}

/// At once, also into a pipe: who reads wants to see what failed so far.
private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

extension SeedRunner.Verdict {
    /// nil for one that passes.
    fileprivate func line(_ sabotage: Sabotage?) -> String? {
        guard let first = failures.first else { return nil }
        let more = failures.count > 1 ? " (and \(failures.count - 1) more)" : ""
        let option = sabotage.map { " --break \($0.rawValue)" } ?? ""
        return "seed \(seed): \(first)\(more)\n"
            + "  swift run -c release meshsim --first-seed \(seed) --seeds 1 --verbose\(option)"
    }
}
