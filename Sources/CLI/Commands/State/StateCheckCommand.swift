import ArgumentParser
import Journal
import MeshPlanning
import Reporting
import Timing

struct StateCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the state file: every page, every reference, every event of every run.",
        discussion: """
            Only looks. With --move-aside a damaged file gets another name, PATH.damaged-TIME, and the next run \
            begins a new one.

            EXAMPLES
              meshctl state check
              meshctl state check --state /var/lib/meshctl/prod.db -o json
              meshctl state check --move-aside

            EXIT CODES
              0 sound, or moved aside · 1 not sound · 6 locked (--move-aside) · 64 usage
            """)

    @Flag(help: "Move a damaged file aside, after asking.")
    var moveAside = false

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var stateFile: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let context = try CommandContext.required()
        let path = stateFile.path(context)
        let holder = try? StateLock.look(statePath: path)
        let lock = try moveAside ? stateFile.lock(for: "state check --move-aside", context) : nil
        defer { lock?.release() }
        let check = StateCheck(path: path)
        context.printReport(report(check, path, holder), output)
        if check.passed { return }
        guard moveAside, check.isDamaged else { throw CommandFailure(.failure) }
        let place = "\(path).damaged-\(RunID.stamp(context.clock.now()))"
        try context.confirm("Move it to \(place)?", yes: yes, changes: "the state file")
        try JournalStore.moveAside(path: path, to: place)
        context.note("Moved to \(place). The next run begins a new state file.")
    }

    private func report(
        _ check: StateCheck, _ path: String, _ holder: StateLock.Present?
    ) -> StateCheckReport {
        var lockedBy: String?
        if case .held(let by) = holder {
            lockedBy = by.map(ErrorConversion.words) ?? "another meshctl"
        }
        return StateCheckReport(
            path: path, passed: check.passed, damaged: check.isDamaged,
            lockedBy: lockedBy,
            findings: check.findings.map {
                StateCheckReport.Finding(
                    question: $0.question.rawValue, passed: $0.passed, detail: $0.detail)
            }, advice: check.isDamaged && !moveAside ? JournalSentence.afterDamage(path) : [])
    }
}

extension StateOptions {
    /// Takes the state file's lock, for a command that is no run.
    func lock(for command: String, _ context: CommandContext) throws -> StateLock {
        try StateLock.acquire(
            statePath: path(context),
            as: StateLock.Holder(
                pid: context.processID, host: context.host, command: command,
                since: context.clock.now()))
    }
}
