import CFaultVFS
import CLI
import Foundation
import JSON
import Journal
import KubernetesSandbox
import MeshPlanning
import Synchronization
import Timing

/// One story from its script to its end, and what was wrong in it.
final class Story: Sendable {
    struct Result: Sendable {
        var mark: SimulationTrace.Mark
        /// What an invariant says against it, a line each; empty when it passes.
        var failures: [String]
        var lines: [String]
        /// Once it has settled down.
        var image: ClusterImage
    }

    private let script: StoryScript
    private let variant: StoryVariant
    private let executor: SimulationExecutor
    private let cluster: SimulatedCluster
    private let trace: SimulationTrace
    private let weather: APIWeather
    private let operators: [Operator]
    private let state: Mutex<State>

    private struct State {
        var random: SeededRandom
        var failures: [String] = []
        /// What other people did, and wants to stay.
        var edits: [@Sendable (inout ClusterImage) -> Void] = []
        /// Somebody rolls back, and nobody is to apply any more.
        var isCalledOff = false
        /// Operators whose last command may have left the Lease behind: it died, or the server was away.
        var mayHoldLock: Set<String> = []
    }

    /// What is the same for every story of a variant.
    struct Ground: Sendable {
        var variant: StoryVariant
        var cluster: SandboxCluster
        /// What the plan comes to; nil for the story that finds it out.
        var desired: ClusterImage?
    }

    /// - Parameter folder: of its own; it is made, and taken away again.
    static func play(
        _ script: StoryScript, on ground: Ground, random: SeededRandom, folder: String,
        sabotage: Sabotage?, keepsLines: Bool
    ) throws -> Result {
        let story = try Story(
            script, ground, random, folder: folder, sabotage: sabotage, keepsLines: keepsLines)
        faultvfs_skip_sleep(1)
        defer {
            faultvfs_skip_sleep(0)
            for person in story.operators { person.disk.remove() }
        }
        return story.play(on: ground)
    }

    private init(
        _ script: StoryScript, _ ground: Ground, _ random: SeededRandom, folder: String,
        sabotage: Sabotage?, keepsLines: Bool
    ) throws {
        var random = random
        self.script = script
        variant = ground.variant
        trace = SimulationTrace(keepsLines: keepsLines)
        executor = SimulationExecutor(random: random.fork(), start: ground.cluster.now)
        cluster = SimulatedCluster(
            ground.cluster, executor, trace, keepsPast: script.requestTrouble != nil)
        weather = APIWeather(random: random.fork(), oneIn: script.requestTrouble)
        let race = Mutex<(@Sendable (String) -> Void)?>(nil)
        let stage = Operator.Stage(
            executor: executor, cluster: cluster, weather: weather, trace: trace,
            sabotage: sabotage,
            beforeWrite: { path in
                let race = race.withLock { $0 }
                race?(path)
            })
        var operators: [Operator] = []
        for name in script.company.isNone ? ["a"] : ["a", "b"] {
            let disk = try SimulatedDisk(
                folder: folder + "/" + name, random: random.fork(), oneIn: script.diskTrouble,
                sabotage: sabotage)
            let person = Operator(name: name, disk: disk, stage: stage, random: random.fork())
            try ground.variant.planText.write(
                toFile: person.planPath, atomically: false, encoding: .utf8)
            operators.append(person)
        }
        self.operators = operators
        state = Mutex(State(random: random))
        race.withLock { $0 = { [weak self] in self?.race(to: $0) } }
    }

    private func play(on ground: Ground) -> Result {
        let before = ClusterImage(ground.cluster)
        for edit in script.edits {
            executor.at(executor.now + edit.after) { [self] in perform(edit) }
        }
        let going = Mutex(operators.count)
        for person in operators {
            _ = executor.start { [self] in
                await way(of: person)
                going.withLock { $0 -= 1 }
            }
        }
        switch executor.run(until: { going.withLock { $0 == 0 } }) {
        case .done: break
        case .stuck: fail("a command waits for what never comes")
        case .endless: fail("the story does not come to an end")
        }
        if executor.foreignJobs > 0 {
            fail("\(executor.foreignJobs) jobs came from outside of the simulation")
        }
        let last = settled()
        let image = ClusterImage(last)
        if let desired = ground.desired {
            var wanted = script.goal == .before ? before : desired
            for edit in state.withLock(\.edits) { edit(&wanted) }
            for line in image.differences(from: wanted) { fail(line) }
        }
        for line in cluster.refusedTraffic { fail("traffic: \(line)") }
        for person in operators { checkState(of: person) }
        checkLock(last)
        return Result(
            mark: trace.mark, failures: state.withLock(\.failures), lines: trace.lines,
            image: image)
    }

    /// The cluster once all that was begun has come to its end.
    private func settled() -> SandboxCluster {
        let isOver = Mutex(false)
        _ = executor.start { [executor] in
            await executor.wait(.seconds(180))
            isOver.withLock { $0 = true }
        }
        _ = executor.run(until: { isOver.withLock(\.self) })
        return cluster.present
    }

    private func perform(_ edit: StoryEdit) {
        trace.note("\(executor.now.milliseconds) somebody: \(edit.kind)")
        guard let expectation = edit.perform(on: cluster, of: variant) else { return }
        state.withLock { $0.edits.append(expectation) }
    }

    /// Somebody is faster than a write that is about to arrive.
    private func race(to path: String) {
        guard let oneIn = script.races, draw({ $0.oneIn(oneIn) }),
            let expectation = StoryEdit.race(to: path, on: cluster)
        else { return }
        trace.note("\(executor.now.milliseconds) somebody is faster")
        state.withLock { $0.edits.append(expectation) }
    }

    private func fail(_ command: String, _ outcome: Operator.Outcome) {
        for line in (outcome.output + outcome.errors).split(separator: "\n") {
            trace.note("it said: \(line)")
        }
        fail("\(command) ends with \(outcome.status ?? -1): \(outcome.why)")
    }

    private func fail(_ words: String) {
        trace.note("failure: \(words)")
        state.withLock { $0.failures.append(words) }
    }
}

// MARK: - What the operators do

extension Story {
    private func way(of person: Operator) async {
        if person.name != "a" {
            switch script.company {
            case .none: return
            case .colleague: await executor.wait(.milliseconds(draw { $0.below(60_000) }))
            case .rescuer(let after):
                await executor.wait(after)
                return await rescue(person)
            }
        }
        let isThere = await apply(person, limit: script.turnsBackAfter)
        guard isThere, script.goal != .desired, await rollBack(person), script.goal == .there
        else { return }
        _ = await apply(person, limit: nil)
    }

    /// Rolls back until nothing is left of what the first operator did, whose last command may still be running.
    private func rescue(_ person: Operator) async {
        state.withLock { $0.isCalledOff = true }
        var isOver = false
        while !isOver {
            isOver = !operators[0].isBusy
            guard await rollBack(person) else { return }
            while operators[0].isBusy { await executor.wait(.seconds(1)) }
        }
    }

    /// - Parameter limit: after so many commands the operator has had enough.
    /// - Returns: false where the story cannot go on.
    private func apply(_ person: Operator, limit: Int?) async -> Bool {
        var commands = 0
        var refusals = 0
        for stage in script.stages {
            let arguments =
                ["apply", "-f", person.planPath, "--stage", stage, "--yes"]
                + Self.approvals.flatMap { ["--approve", $0] }
            var isDone = false
            while !isDone {
                if state.withLock(\.isCalledOff) { return false }
                if let limit, commands >= limit { return true }
                guard commands < Self.patience, refusals < Self.patience else {
                    fail("apply --stage \(stage) does not come to its end")
                    return false
                }
                let outcome = await run(arguments, person, commands)
                commands += 1
                switch outcome.status {
                case 0 where outcome.errors.contains("Other machines take it for open"):
                    await pause()
                case 0: isDone = true
                case 6:
                    // Somebody is at it: their commands count, not those that wait for them.
                    commands -= 1
                    refusals += 1
                    await executor.wait(.milliseconds(draw { 1000 + $0.below(120_000) }))
                case nil, 1, 3, 10, 130:
                    for deployment in outcome.restarts {
                        StoryEdit.restart(deployment, on: cluster, at: executor.now)
                    }
                    await pause()
                default:
                    fail("apply --stage \(stage)", outcome)
                    return false
                }
            }
        }
        return true
    }

    private func rollBack(_ person: Operator) async -> Bool {
        var commands = 0
        while true {
            guard commands < Self.patience else {
                fail("rollback does not come to its end")
                return false
            }
            let outcome = await run(["rollback", "--yes"], person, commands)
            commands += 1
            switch outcome.status {
            case 0:
                if !hasMoreToUndo(person) { return true }
            case nil, 1, 3, 6, 10, 130: await pause()
            // In an old list an object is not as it was left: somebody seems to have changed it.
            case 5 where outcome.hardships.contains(.oldList): await pause()
            default:
                fail("rollback", outcome)
                return false
            }
        }
    }

    private func run(
        _ arguments: [String], _ person: Operator, _ commands: Int
    ) async -> Operator.Outcome {
        let outcome = await person.run(arguments, fate(commands))
        state.withLock { state in
            if outcome.status == nil || outcome.hardships.contains(.trouble) {
                state.mayHoldLock.insert(person.name)
            } else {
                state.mayHoldLock.remove(person.name)
            }
        }
        return outcome
    }

    private func hasMoreToUndo(_ person: Operator) -> Bool {
        guard let runs = try? person.journal() else { return true }
        let history = RunHistory(
            newestFirst: runs.reversed().compactMap { RunState(replaying: $0) })
        return history.rollbackTarget != nil || history.openRollback != nil
    }

    /// What a person is asked for in these stories.
    private static let approvals = ["disruptive", "loosens", "unverified-version"]
    /// Commands that are tried before the story is given up.
    private static let patience = 40
    /// After so many commands nothing goes wrong any more: every trouble has an end.
    private static let troubledCommands = 10

    private func fate(_ commands: Int) -> Operator.Fate {
        guard commands < Self.troubledCommands else {
            weather.calmDown()
            for person in operators { person.disk.calmDown() }
            return .calm
        }
        return draw { random in
            var fate = Operator.Fate()
            if let deaths = script.deaths, random.oneIn(deaths) {
                let countsWrites = random.oneIn(2)
                fate.death = SimulatedProcess.Death(
                    seam: 1 + random.below(countsWrites ? 16 : 2 << random.below(11)),
                    countsWrites: countsWrites)
                fate.losesPower = random.oneIn(2)
            }
            if script.deaths != nil, random.oneIn(8) {
                fate.stopAfter = .milliseconds(random.below(1 << (4 + random.below(14))))
            }
            guard script.clocksAreWrong else { return fate }
            func error() -> Duration { .seconds(random.below(1200) - 600) }
            fate.wallClockError = error()
            if random.oneIn(2) {
                fate.clockJump = (.milliseconds(random.below(1 << (4 + random.below(14)))), error())
            }
            return fate
        }
    }

    private func pause() async {
        let pause = draw { $0.below(1 << (1 + $0.below(18))) }
        await executor.wait(SimulatedTransport.lastMoment * 4 + .milliseconds(pause))
    }

    private func draw<Value>(_ body: (inout SeededRandom) -> Value) -> Value {
        state.withLock { body(&$0.random) }
    }
}

// MARK: - What is left

extension Story {
    private func checkState(of person: Operator) {
        let runs: [[RunEvent]]
        do {
            runs = try person.journal()
        } catch {
            return fail("the state file of \(person.name) does not open: \(error)")
        }
        let writes = cluster.writes.filter(JournalTruth.accounts)
        let truth = JournalTruth(
            runs: runs, writes: writes.filter { $0.writer == person.name },
            others: writes.filter { $0.writer != person.name })
        for run in runs {
            for event in run { trace.note("journal of \(person.name): \(event.kind)") }
        }
        for lie in truth.lies { fail("journal of \(person.name): \(lie)") }
        if person.disk.leftOpen > 0 { fail("a process of \(person.name) left files open") }
        if !person.lockIsFree() { fail("the state file of \(person.name) is still locked") }
    }

    private func checkLock(_ cluster: SandboxCluster) {
        let lease = cluster.allObjects.first { $0.key.resource == "leases.coordination.k8s.io" }
        let identity = lease?.1[path: "spec", "holderIdentity"]?.string ?? ""
        guard !identity.isEmpty, identity != StoryEdit.somebody else { return }
        let operators = operators.map(\.name).filter { identity.hasPrefix($0 + "@") }
        let isLeftBehind = state.withLock { !$0.mayHoldLock.isDisjoint(with: operators) }
        if !isLeftBehind { fail("the Lease is still held: \(identity)") }
    }
}
