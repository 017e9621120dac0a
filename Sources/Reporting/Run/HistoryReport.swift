import MeshPlanning
import MeshModel
import Timing

/// `meshctl history`: the runs, newest first.
package struct HistoryReport: Report {
    package let formatVersion = "1.0"
    package let kind = "History"
    package var runs: [RunEntry]

    package init(newestFirst runs: [RecordedRun]) {
        // An apply and its rollbacks belong to one cluster: run ids are unique across them all.
        let history = RunHistory(newestFirst: runs.map(\.state))
        self.runs = runs.map { RunEntry($0, rollbacks: history.rollbacks(of: $0.state.header.id)) }
    }

    package var document: TextDocument {
        var document = TextDocument()
        if runs.isEmpty {
            document.add("No runs yet.")
        } else {
            document.add(RunEntry.table(runs))
        }
        return document
    }
}

/// A run as a list shows it.
package struct RunEntry: Encodable, Sendable, Hashable {
    package var id: String
    /// `apply` or `rollback`.
    package var operation: String
    package var plan: String
    package var server: String
    @OrNull package var stage: String?
    /// The waves that an apply is limited to; null for no limit.
    @OrNull package var waves: [String]?
    package var policiesOnly: Bool
    /// A rollback that the guard started by itself.
    package var automatic: Bool
    /// A rollback of what the cluster showed of meshctl, whichever runs it came from.
    package var emergency: Bool
    /// The run that a rollback undoes.
    @OrNull package var target: String?
    package var startedBy: String
    /// RFC 3339.
    package var startedAt: String
    package var steps: Int
    package var done: Int
    package var result: RunResult

    init(_ run: RecordedRun, rollbacks: [RunState]) {
        let header = run.state.header
        id = header.id.text
        operation = header.kind.rawValue
        plan = header.plan
        server = header.server
        _stage = OrNull(wrappedValue: header.stage?.rawValue)
        _waves = OrNull(wrappedValue: header.waves)
        policiesOnly = header.isPoliciesOnly
        automatic = header.isAutomatic ?? false
        emergency = run.state.isEmergency
        _target = OrNull(wrappedValue: header.target?.text)
        startedBy = header.startedBy
        startedAt = run.startedAt.rfc3339
        steps = run.state.rollout.steps.count
        done = run.state.doneSteps
        result = RunResult(of: run.state, rollbacks: rollbacks)
    }

    /// `strict`, `strict (canary)`, `policies`, `policies, automatic`, `policies, emergency`, `all`
    private var extent: String {
        if emergency { return policiesOnly ? "policies, emergency" : "ambient, emergency" }
        if policiesOnly { return automatic ? "policies, automatic" : "policies" }
        return (stage ?? "all") + (waves.map { " (\($0.joined(separator: ", ")))" } ?? "")
    }

    static func table(_ runs: [RunEntry]) -> TextTable {
        var table = TextTable(
            header: ["RUN", "KIND", "PLAN", "STAGE", "STARTED", "STEPS", "RESULT"],
            alignments: [.left, .left, .left, .left, .left, .right])
        for run in runs {
            let target = run.target.map { " (of \($0))" } ?? ""
            table.add([
                TextLine(run.id), TextLine(run.operation), TextLine(run.plan),
                TextLine(run.extent),
                TextLine(Phrases.time(run.startedAt)), TextLine("\(run.done)/\(run.steps)"),
                TextLine(run.result.text, run.result.style) + TextLine(target),
            ])
        }
        return table
    }
}
