package import MeshPlanning
package import MeshModel
package import Timing

/// One line of a run's progress, for a log or a terminal.
package struct ProgressLine: Sendable, Hashable {
    /// Sanitized: one line, without control characters.
    package var text: String

    private init(_ text: String) { self.text = TerminalText.sanitized(text) }

    /// What has just been journaled.
    package init(_ event: RunEvent, in rollout: Rollout) {
        switch event {
        case .started(let header, let rollout):
            self.init(Self.started(header, rollout))
        case .resumed(let person):
            self.init("the run goes on\(person.isEmpty ? "" : ", taken up by \(person)")")
        case .pulled(let person):
            self.init(
                "taken over from its checkpoint in the cluster by \(person); which of its steps were "
                    + "done is not known")
        case .stepIntended(let id, let intent):
            let change = intent.change
            let detail = ChangeDetail.parts(of: change).joined(separator: ", ")
            let action = change.action.rawValue
            // A restart's detail begins with the action's name.
            let rest =
                detail.hasPrefix(action + ", ") ? detail.dropFirst(action.count + 2) : detail[...]
            self.init(id, of: rollout, "\(action) \(change.object.text): \(rest)")
        case .stepWritten(let id, let receipt):
            self.init(
                id, of: rollout,
                receipt.foundByReadingBack
                    ? "written: no answer came, but reading it back shows the change" : "written")
        case .stepFoundDone(let id):
            self.init(id, of: rollout, "already done: \(Self.object(id, rollout)) is as planned")
        case .stepConfirmed(let id, let evidence):
            self.init(id, of: rollout, "done: \(evidence)")
        case .stepFailed(let id, let failure):
            self.init(
                id, of: rollout,
                "failed: \(Self.object(id, rollout)): \(failure.message). \(failure.advice)")
        case .settled:
            self.init("settled: waited, since propagation cannot be proved")
        case .gatesAsked(let round, let findings):
            self.init(Self.gates(round, findings))
        case .soakStarted(let batch, let time):
            let soak = rollout.soaks.first { $0.batch == batch }
            let end = soak.map {
                (Timestamp(milliseconds: time) + .milliseconds($0.milliseconds)).rfc3339
            }
            self.init("watching \(soak?.name ?? "the wave") until \(end ?? "?")")
        case .soaked:
            self.init("watched long enough")
        case .guardStarted:
            self.init("the guard has looked at the proxies")
        case .guardReported(let report):
            self.init(Self.guarding(report))
        case .stopped(let reason):
            self.init("stopped: \(reason.text)")
        case .finished(let outcome):
            self.init(outcome == .done ? "finished" : "finished, with objects left as they are")
        }
    }

    /// A written step whose effect is waited for.
    package static func waiting(_ id: StepID, of rollout: Rollout, missing: String) -> ProgressLine
    {
        ProgressLine(id, of: rollout, "waiting: \(missing)")
    }

    /// `2 of 3`, with what is missing.
    package static func waiting(
        _ id: StepID, of rollout: Rollout, done: Int, total: Int, missing: String
    ) -> ProgressLine {
        waiting(id, of: rollout, missing: "\(done) of \(total); \(missing)")
    }

    /// Gates are being asked.
    package static func asking(_ round: GateRound, _ gates: [Gate]) -> ProgressLine {
        ProgressLine("asking \(Phrases.count(gates.count, "gate")) …")
    }

    /// A wave is being watched.
    package static func soaking(_ soak: Soak, until end: Timestamp) -> ProgressLine {
        ProgressLine("watching \(soak.name) until \(end.rfc3339)")
    }

    /// The wait after a batch begins.
    package static func settling(_ duration: Duration) -> ProgressLine {
        let milliseconds = duration.wholeMilliseconds
        return ProgressLine(
            "settling \(Phrases.duration(milliseconds: milliseconds)): propagation cannot be proved"
        )
    }

    /// The API server does not answer: said before it is asked again.
    package static func away(since: Timestamp, left: Duration, why: String) -> ProgressLine {
        ProgressLine(
            "the API server does not answer since \(since.rfc3339) (\(why)); \(again(left))")
    }

    /// The same, where it was said before.
    package static func stillAway(left: Duration) -> ProgressLine {
        ProgressLine("the API server does not answer; \(again(left))")
    }

    private static func again(_ left: Duration) -> String {
        "trying again, \(Phrases.duration(milliseconds: left.wholeSeconds * 1000)) left"
    }

    package static func back(after duration: Duration) -> ProgressLine {
        let duration = Phrases.duration(milliseconds: duration.wholeSeconds * 1000)
        return ProgressLine("the API server answers again, after \(duration)")
    }

    /// Ctrl-C or its like.
    package static let stopping = ProgressLine(
        "stopping: a write in flight is finished first; a second Ctrl-C does not wait for it")

    /// `gates: 5 pass, 1 inconclusive and accepted; no-plaintext: namespace shop: …`
    private static func gates(_ round: GateRound, _ findings: [GateFinding]) -> String {
        let passed = findings.count { $0.verdict == .pass }
        let accepted = findings.count { $0.verdict != .pass && $0.letsPass }
        let bad = findings.filter { !$0.letsPass }.map {
            "\($0.gate.rawValue) \($0.verdict == .fail ? "fails" : "is inconclusive"), "
                + "\($0.subject): \($0.reason)"
        }
        let good = "\(passed) pass" + (accepted == 0 ? "" : ", \(accepted) accepted")
        let place = round.moment == .before ? "gates" : "gates afterwards"
        return "\(place): " + ([good] + bad).joined(separator: "; ")
    }

    /// `guard: 7 refusals of required traffic: … ; listed: …`
    private static func guarding(_ report: GuardReport) -> String {
        let counted = report.refusals.filter { $0.excuse == nil }.map(\.text)
        let listed = report.refusals.filter { $0.excuse != nil }.map(\.text)
        let head =
            counted.isEmpty
            ? "no required traffic is refused"
            : "\(Phrases.count(report.counted, "refusal")) of required traffic"
        return "guard: "
            + ([head] + counted + report.regressions + listed
            + report.doubts.map { "cannot judge all, because \($0)" }).joined(separator: "; ")
    }

    private init(_ id: StepID, of rollout: Rollout, _ text: String) {
        self.init("[\(id.number)/\(rollout.steps.count)] \(text)")
    }

    private static func object(_ id: StepID, _ rollout: Rollout) -> String {
        // Steps are numbered from 1, so the place is known; a journal from elsewhere may differ.
        let place = id.number > 0 ? id.number - 1 : 0
        let step =
            rollout.steps.indices.contains(place) && rollout.steps[place].id == id
            ? rollout.steps[place] : rollout.steps.first { $0.id == id }
        return step?.change.object.text ?? "step \(id.number)"
    }

    private static func started(_ header: RunHeader, _ rollout: Rollout) -> String {
        let steps = Phrases.count(rollout.steps.count, "step")
        switch header.kind {
        case .apply:
            let waves = header.waves.map { ", \(WaveLimit.words($0))" } ?? ""
            let stage = header.stage.map { ", through stage \($0.rawValue)" } ?? ""
            return "run \(header.id): apply of \(header.plan)\(waves)\(stage), \(steps)"
        case .rollback:
            let target = header.target.map { " of \($0)" } ?? ""
            return "run \(header.id): rollback\(target), \(steps)"
        }
    }
}

extension Duration {
    fileprivate var wholeSeconds: Int64 { components.seconds }
}

extension Soak {
    /// `stage strict, wave canary`
    fileprivate var name: String {
        "stage \(phase.rawValue)" + (wave.map { ", wave \($0)" } ?? "")
    }
}

extension GuardReport {
    /// Why the guard tripped, or would.
    package var cause: String {
        counted > 0 || regressions.isEmpty
            ? "traffic that is counted on is refused" : "pods of what was tightened got worse"
    }

    /// Whether it says more than that all is well.
    package var isWorthTelling: Bool {
        !refusals.isEmpty || !regressions.isEmpty || !doubts.isEmpty
    }
}

extension GuardReport.Refusal {
    /// `ingress/Deployment/cloudflared to default/Deployment/mirai-frontend, 7 times`
    package var text: String {
        "\(source) to \(destination), \(Phrases.count(count, "time"))"
            + (excuse.map { " (not counted: \($0))" } ?? "")
    }
}

extension StopReason {
    var text: String {
        switch self {
        case .stepFailed(let id): "step \(id.number) failed"
        case .interrupted: "interrupted"
        case .gate: "a gate does not let it pass"
        case .soaking(let end): "soaking until \(Timestamp(milliseconds: end).rfc3339)"
        case .guardTripped: "the guard tripped"
        case .unreachable(let since):
            "no answer from the API server since \(Timestamp(milliseconds: since).rfc3339)"
        case .lockLost(let who): "lost the lock of the cluster to \(who)"
        case .stopRequested(let who, let why): "\(who) asked for the lock, \(why)"
        case .superseded: "a newer apply took over"
        }
    }
}
