import CLI
import Foundation
import Journal
import KubernetesClient
import MeshPlanning
import Synchronization
import Timing

/// A person at a machine: a state file, and one command after another.
final class Operator: Sendable {
    /// How a command ended.
    struct Outcome: Sendable {
        /// nil when the process died.
        var status: Int32?
        var hardships: Set<SimulatedProcess.Hardship> = []
        var output = ""
        var errors = ""

        /// From the line on that says why.
        var why: String {
            let lines = errors.split(separator: "\n").drop { !$0.hasPrefix("Error: ") }
            return lines.prefix(4).joined(separator: " / ")
        }

        /// Deployments that it says to restart.
        var restarts: [(namespace: String, name: String)] {
            errors.matches(of: /kubectl -n (\S+) rollout restart deployment\/(\S+)/).map {
                (String($0.1), String($0.2))
            }
        }
    }

    /// What befalls one process.
    struct Fate: Sendable {
        var death: SimulatedProcess.Death?
        /// With its death, power is cut.
        var losesPower = false
        var wallClockError = Duration.zero
        /// How long after its start its wall clock is set, and by how much.
        var clockJump: (after: Duration, by: Duration)?
        var stopAfter: Duration?

        static let calm = Fate()
    }

    let name: String
    let disk: SimulatedDisk
    private let stage: Stage
    private let state: Mutex<State>

    private struct State {
        var processes = 0
        var isBusy = false
        var random: SeededRandom
    }

    /// What all that happens in a story happens on.
    struct Stage: Sendable {
        var executor: SimulationExecutor
        var cluster: SimulatedCluster
        var weather: APIWeather
        var trace: SimulationTrace
        var sabotage: Sabotage?
        /// Told the path of each write just before the server has it.
        var beforeWrite: @Sendable (String) -> Void
    }

    init(name: String, disk: SimulatedDisk, stage: Stage, random: SeededRandom) {
        self.name = name
        self.disk = disk
        self.stage = stage
        state = Mutex(State(random: random))
    }

    var statePath: String { disk.folder + "/meshctl.db" }
    var planPath: String { disk.folder + "/plan.yaml" }

    /// Whether a command of theirs is running.
    var isBusy: Bool { state.withLock(\.isBusy) }

    /// Runs a command of meshctl's in a process of its own, to its end or its death.
    func run(_ arguments: [String], _ fate: Fate) async -> Outcome {
        let number = state.withLock { state in
            state.processes += 1
            state.isBusy = true
            return state.processes
        }
        defer { state.withLock { $0.isBusy = false } }
        let process = SimulatedProcess(
            number: number, of: name, executor: stage.executor, trace: stage.trace,
            death: fate.death, wallClockError: fate.wallClockError)
        process.note("runs " + arguments.joined(separator: " ").replacing(disk.folder, with: "…"))
        let (output, errors) = (TextBuffer(), TextBuffer())
        let transport = SimulatedTransport(
            process, stage.cluster, stage.weather, stage.sabotage,
            beforeWrite: stage.beforeWrite, onAnswer: { [disk] in disk.noteAnswer() })
        let context = context(process, transport, output, errors)
        let status = Mutex<Int32?>(nil)
        disk.belong(to: process)
        schedule(fate, process)
        let task = stage.executor.start {
            let code = await MeshctlMain.run(arguments, context)
            status.withLock { $0 = code }
        }
        process.own(task)
        await task.value
        disk.belong(to: nil)
        if process.isDead {
            disk.processDied(powerLost: fate.losesPower)
            process.note(fate.losesPower ? "is gone, and so was the power" : "is gone")
            return Outcome()
        }
        disk.noteAnswer()
        let outcome = Outcome(
            status: status.withLock(\.self), hardships: process.hardships,
            output: output.contents, errors: errors.contents)
        let why = outcome.why.replacing(disk.folder, with: "…")
        process.note("ends with \(outcome.status ?? -1) after \(process.seams) seams \(why)")
        process.end()
        return outcome
    }

    private func context(
        _ process: SimulatedProcess, _ transport: SimulatedTransport, _ output: TextBuffer,
        _ errors: TextBuffer
    ) -> CommandContext {
        let link = ClusterLink(
            settings: ConnectionSettings(server: Self.server), transport: transport,
            name: "the simulation")
        return CommandContext(
            environment: ["MESHCTL_STATE": statePath], workingDirectory: disk.folder,
            homeDirectory: disk.folder,
            standardOutput: output, standardError: errors, person: "\(name)@simulation",
            host: "machine-of-\(name)", processID: 100, clock: ProcessClock(process),
            randomBits: { [self] in state.withLock { $0.random.next() } },
            stopRequests: { process.stopRequests() }, link: link)
    }

    private static let server: ServerURL = {
        guard let url = try? ServerURL("https://simulation:6443") else {
            preconditionFailure("the simulation's address")
        }
        return url
    }()

    private func schedule(_ fate: Fate, _ process: SimulatedProcess) {
        let executor = stage.executor
        if let (after, step) = fate.clockJump {
            executor.at(executor.now + after) {
                process.wallClockError += step
            }
        }
        if let after = fate.stopAfter {
            executor.at(executor.now + after) { process.requestStop() }
        }
    }

    /// Every run's events, oldest run first.
    func journal() throws(JournalError) -> [[RunEvent]] {
        let store: JournalStore
        do throws(JournalError) {
            store = try JournalStore.open(path: statePath, readOnly: true)
        } catch .missing {
            return []
        }
        var runs: [[RunEvent]] = []
        for summary in try store.runs().reversed() {
            runs.append(try store.events(of: summary.header.id).map(\.event))
        }
        return runs
    }

    /// Whether nobody holds the state file.
    func lockIsFree() -> Bool {
        do {
            let lock = try StateLock.acquire(
                statePath: statePath,
                as: StateLock.Holder(
                    pid: 1, host: "simulation", command: "check", since: stage.executor.now))
            lock.release()
            return true
        } catch {
            return false
        }
    }
}
