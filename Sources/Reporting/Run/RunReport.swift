package import MeshPlanning
package import Timing
import MeshModel

/// `meshctl show RUN`: a run with its steps, its evidence and its rollbacks.
package struct RunReport: Report {
    package let formatVersion = "1.0"
    package let kind = "Run"
    package var id: String
    /// `apply` or `rollback`.
    package var operation: String
    package var plan: String
    package var server: String
    package var clusterUID: String
    /// An apply's last stage; the stage that a rollback goes back to, null for all the way.
    @OrNull package var stage: String?
    /// The waves that an apply is limited to, `-` for the namespaces without one; null for no limit.
    @OrNull package var waves: [String]?
    package var policiesOnly: Bool
    /// The run that a rollback undoes.
    @OrNull package var target: String?
    package var startedBy: String
    /// Flows that a person let break.
    package var acceptedFlows: [String]
    /// RFC 3339; null when there are no events.
    @OrNull package var startedAt: String?
    @OrNull package var latestAt: String?
    package var result: RunResult
    package var summary: Summary
    package var steps: [RunStepEntry]
    /// What was asked of the cluster before and after steps, each time, and what was seen.
    package var gates: [GateRoundEntry]
    /// What the guard found last; null where it has not looked.
    @OrNull package var `guard`: GuardEntry?
    package var rollbacks: [RunEntry]
    package var events: [EventEntry]

    package struct Summary: Encodable, Sendable, Hashable {
        package var steps: Int
        package var done: Int
        package var failed: Int
    }

    /// - Parameter rollbacks: the runs that aim at this one, newest first.
    package init(
        _ run: RunState, events: [(time: Timestamp, event: RunEvent)],
        rollbacks: [RecordedRun] = []
    ) {
        let header = run.header
        id = header.id.text
        operation = header.kind.rawValue
        plan = header.plan
        server = header.server
        clusterUID = header.clusterUID
        _stage = OrNull(wrappedValue: header.stage?.rawValue)
        _waves = OrNull(wrappedValue: header.waves)
        policiesOnly = header.isPoliciesOnly
        _target = OrNull(wrappedValue: header.target?.text)
        startedBy = header.startedBy
        acceptedFlows = header.acceptedFlows ?? []
        _startedAt = OrNull(wrappedValue: events.first?.time.rfc3339)
        _latestAt = OrNull(wrappedValue: events.last?.time.rfc3339)
        result = RunResult(of: run, rollbacks: rollbacks.map(\.state))
        let eventsByStep = Dictionary(grouping: events, by: \.event.stepID)
        let gatesByRound = run.rollout.gatesByRound
        steps = run.rollout.steps.map {
            RunStepEntry(
                $0, in: run, gates: gatesByRound[GateRound(.before, batch: $0.batch)] ?? [],
                events: eventsByStep[$0.id] ?? [])
        }
        summary = Summary(
            steps: run.rollout.steps.count, done: run.doneSteps,
            failed: steps.count { $0.failure != nil })
        gates = GateRoundEntry.all(events, in: run.rollout)
        _guard = OrNull(wrappedValue: run.guardReport.map { GuardEntry($0) })
        self.rollbacks = rollbacks.map { RunEntry($0, rollbacks: []) }
        self.events = events.map { EventEntry($0.event, at: $0.time, in: run.rollout) }
    }
}

extension RunReport {
    package var document: TextDocument {
        var document = TextDocument()
        var header = TextTable()
        func add(_ name: String, _ value: TextLine) {
            header.add([TextLine(name, .bold), value])
        }
        add("Run", TextLine("\(id), \(operation)\(target.map { " of \($0)" } ?? "")"))
        add("Plan", TextLine(plan + extent))
        add("Cluster", TextLine(server))
        if let startedAt {
            let person = startedBy.isEmpty ? "" : " by \(startedBy)"
            add("Started", TextLine(Phrases.time(startedAt) + person))
        }
        for flow in acceptedFlows { add("Accepted", TextLine("\(flow) may break", .yellow)) }
        if let latestAt { add("Latest", TextLine(Phrases.time(latestAt))) }
        let count = "; \(summary.done) of \(Phrases.count(summary.steps, "step")) done"
        add("Result", TextLine(result.text, result.style) + TextLine(count))
        document.add(header)
        if !steps.isEmpty {
            document.addGap()
            document.add(StepList(steps.map(\.item)).table)
        }
        if !gates.isEmpty { document.addHeading("Gates") }
        document.add(gates)
        if let found = `guard` {
            document.addHeading("Guard")
            document.add(found, indent: 2)
        }
        if !rollbacks.isEmpty {
            document.addHeading("Rollbacks of it")
            document.add(RunEntry.table(rollbacks), indent: 2)
        }
        return document
    }

    private var extent: String {
        if policiesOnly { return ", policies only" }
        guard let stage else { return "" }
        return operation == RunHeader.Kind.rollback.rawValue
            ? ", to the end of stage \(stage)"
            : (waves.map { ", \(WaveLimit.words($0))" } ?? "") + ", through stage \(stage)"
    }
}
