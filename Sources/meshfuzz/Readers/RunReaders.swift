import CLI
import Foundation
import JSON
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting
import Timing

extension FuzzReader {
    static let savedPlan = FuzzReader("saved-plan", .json, seconds: 2) { bytes in
        let saved: SavedPlan
        do throws(CommandFailure) {
            saved = try SavedPlan.decode(bytes, named: "strict.plan")
        } catch {
            try Promises.isHarmless(error.message)
            return error.message
        }
        let age = try outcome {
            try saved.check(at: now)
            return "young"
        }
        let header = RunHeader(
            id: RunID("fuzz"), kind: .apply, plan: "fuzz", clusterUID: "", server: "")
        return age + driven(RunState(header: header, rollout: saved.rollout))
    }

    /// The events of a run, one a line: read, replayed, shown, gone on with and rolled back.
    static let journal = FuzzReader("journal", .jsonLines, seconds: 4) { bytes in
        var events: [RunEvent] = []
        var text = ""
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            do {
                events.append(try JSONDecoder().decode(RunEvent.self, from: Data(line)))
            } catch {
                text += "unreadable\n"
            }
        }
        guard let state = RunState(replaying: events) else { return text + "no run" }
        let times: [Int64] = [0, 1_795_000_000_000, .max, .min]
        let timed = events.enumerated().map {
            (time: Timestamp(milliseconds: times[$0.offset % times.count]), event: $0.element)
        }
        let report = RunReport(
            state, events: timed, rollbacks: [RecordedRun(state, startedAt: now)])
        for format in ReportFormat.allCases {
            let shown = report.rendered(as: format)
            try Promises.isHarmless(shown)
            text += shown
        }
        let rollback = RollbackPlanner.plan(
            undoing: state, rollbacks: [], on: MeshState(), options: RollbackPlanner.Options())
        text += try Promises.hold(rollback.diagnostics, in: [], named: "-")
        return text + JSONValueText.of(rollback.rollout) + driven(state)
    }

    /// A checkpoint from the cluster, compressed as it stands there or not, and the way back from it.
    static let checkpoint = FuzzReader("checkpoint", .json, seconds: 3) { bytes in
        if let compressed = try? Checkpoint(decoding: bytes) { return pulled(compressed) }
        do throws(CheckpointError.Problem) {
            return pulled(try Checkpoint(json: bytes))
        } catch {
            let sentence = CheckpointSentence.of(
                CheckpointError(
                    run: RunID("fuzz"), configMap: "meshctl-system/meshctl-fuzz-0", problem: error))
            try Promises.isHarmless(sentence)
            return sentence
        }
    }

    private static func pulled(_ checkpoint: Checkpoint) -> String {
        var state = RunState(header: checkpoint.header, rollout: checkpoint.rollout)
        state.apply(.pulled(by: "fuzz"))
        let rollback = RollbackPlanner.plan(
            undoing: state, rollbacks: [], on: MeshState(), options: RollbackPlanner.Options())
        return JSONValueText.of(rollback.rollout)
            + driven(RunState(header: checkpoint.header, rollout: rollback.rollout))
    }

    /// The Lease of the lock: who holds it is whatever its text says.
    static let lease = FuzzReader("lease", .json) { bytes in
        try outcome {
            let record = LeaseRecord(try JSONValue(parsing: bytes))
            guard record.duration >= .seconds(5), record.duration <= .seconds(60) else {
                throw BrokenPromise("somebody is locked out for \(record.duration)")
            }
            let holder = TerminalText.sanitized(record.holder?.sentence ?? "nobody")
            try Promises.isHarmless(holder)
            return "\(holder) \(record)"
        }
    }

    private static let now = Timestamp(milliseconds: 1_795_000_000_000)

    /// What the run machine wants done, everything going well.
    private static func driven(_ state: RunState) -> String {
        var text = ""
        for policy in [RunMachine.FailurePolicy.stop, .goOn] {
            var machine = RunMachine(state: state, failurePolicy: policy, now: now)
            var actions = machine.start()[...]
            var steps = 0
            while let action = actions.popFirst(), steps < 3000 {
                steps += 1
                let name = Mirror(reflecting: action).children.first?.label ?? "\(action)"
                text += "\(name) "
                if let input = answer(to: action) { actions += machine.handle(input) }
            }
        }
        return text
    }

    private static func answer(to action: RunAction) -> RunInput? {
        switch action {
        case .append(let event): return .appended(event)
        case .read(let step): return .read(step.id, .absent)
        case .write(let id, _): return .written(id, WriteReceipt(uid: "u", resourceVersion: "1"))
        case .confirm(let step, _): return .confirmed(step.id, evidence: "seen")
        case .settle(let batch, let duration, _):
            _ = now + duration
            return .settleElapsed(batch: batch)
        case .ask(let round, _): return .gatesFound(round, [])
        case .lookBefore(let target): return .guardLooked(batch: target.batch, GuardLook(at: now))
        case .lookAfter(let guarded): return .guardFound(report(guarded))
        case .soak(let soak, let since, let guarded):
            _ = (since ?? now) + .milliseconds(soak.milliseconds)
            _ = report(guarded)
            return .soakElapsed(batch: soak.batch)
        case .abandonWaits, .finish: return nil
        }
    }

    private static func report(_ guarded: [GuardedBatch]) -> GuardReport {
        let base = guarded.first?.base ?? GuardLook(at: now)
        var watch = GuardWatch(guarded.map(\.target), rule: AbortRule(), base: base)
        _ = watch.logsSince
        _ = watch.isStale(at: now)
        for batch in guarded { _ = watch.add(batch.base) }
        return watch.add(base, isProbed: true)
    }
}

enum JSONValueText {
    static func of(_ value: some Encodable) -> String {
        (try? JSONValue(encoding: value).canonicalText) ?? "-"
    }
}
