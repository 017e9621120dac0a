package import MeshModel
import Timing

/// The computed plan: ordered steps, complete enough that applying decides nothing.
package struct Rollout: Sendable, Hashable, Codable {
    package var steps: [Step]
    package var settings: RunSettings
    /// By batch; of one round in the order of `Gate`.
    package var gates: [GateCheck]
    /// By batch.
    package var soaks: [Soak]
    /// By batch.
    package var guards: [TrafficGuard]

    package init(
        steps: [Step] = [], settings: RunSettings = RunSettings(), gates: [GateCheck] = [],
        soaks: [Soak] = [], guards: [TrafficGuard] = []
    ) {
        self.steps = steps
        self.settings = settings
        self.gates = gates
        self.soaks = soaks
        self.guards = guards
    }

    /// Journals and saved plans of older versions have neither gates nor soaks nor guards.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        steps = try container.decode([Step].self, forKey: .steps)
        settings = try container.decode(RunSettings.self, forKey: .settings)
        gates = try container.decodeIfPresent([GateCheck].self, forKey: .gates) ?? []
        soaks = try container.decodeIfPresent([Soak].self, forKey: .soaks) ?? []
        guards = try container.decodeIfPresent([TrafficGuard].self, forKey: .guards) ?? []
    }

    package var gatesByRound: [GateRound: [GateCheck]] { Dictionary(grouping: gates, by: \.round) }

    /// The steps in their batches: those of one batch are independent and may run at the same time.
    package var batches: [[Step]] {
        var batches: [[Step]] = []
        for step in steps {
            if batches.last?.first?.batch == step.batch {
                batches[batches.count - 1].append(step)
            } else {
                batches.append([step])
            }
        }
        return batches
    }
}

/// A step's number within its rollout, from 1.
package struct StepID: Sendable, Hashable, Codable, Comparable {
    package var number: Int

    package init(_ number: Int) { self.number = number }

    package init(from decoder: any Decoder) throws {
        number = try decoder.singleValueContainer().decode(Int.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }

    package static func < (a: StepID, b: StepID) -> Bool { a.number < b.number }
}

/// One write to the cluster, with all that is needed to do, check and undo it.
package struct Step: Sendable, Hashable, Codable {
    package var id: StepID
    package var phase: Phase
    package var wave: String?
    /// Steps with the same number run together; a batch starts when the one before it is done.
    package var batch: Int
    /// Whether propagation has to be waited for after the step's batch.
    package var settles: Bool
    package var change: Change
    /// What the person should know before the step: `loosens`, `disruptive`.
    package var marks: [StepMark]

    package init(
        id: StepID, phase: Phase, wave: String? = nil, batch: Int, settles: Bool = false,
        change: Change, marks: [StepMark] = []
    ) {
        self.id = id
        self.phase = phase
        self.wave = wave
        self.batch = batch
        self.settles = settles
        self.change = change
        self.marks = marks
    }
}

package enum StepMark: String, Sendable, Hashable, Codable, CaseIterable {
    /// An effective STRICT is opened for as long as the rollout takes.
    case loosens
    /// Clients notice the restart: there is no spare pod, or it is the way in from outside the cluster.
    case disruptive
}

/// The stages of an apply and the phases of a rollback, each in order.
package enum Phase: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    case enroll, permissive, strict
    case relax, restore, remove, retighten

    package static func < (a: Phase, b: Phase) -> Bool { a.place < b.place }

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    package init(_ stage: Stage) {
        switch stage {
        case .enroll: self = .enroll
        case .permissive: self = .permissive
        case .strict: self = .strict
        }
    }
}

/// The limits and waits that a run keeps to, fixed when it is planned. Milliseconds throughout.
package struct RunSettings: Sendable, Hashable, Codable {
    package var settleMilliseconds: Int64
    package var confirmMilliseconds: Int64
    /// Writes in flight at the same time.
    package var writesAtOnce: Int
    package var abort: AbortRule

    package init(
        settle: Duration = .seconds(30), confirm: Duration = .seconds(600), writesAtOnce: Int = 32,
        abort: AbortRule = AbortRule()
    ) {
        settleMilliseconds = settle.wholeMilliseconds
        confirmMilliseconds = confirm.wholeMilliseconds
        self.writesAtOnce = writesAtOnce
        self.abort = abort
    }

    /// Journals and saved plans of older versions have no rule for the guard.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        settleMilliseconds = try container.decode(Int64.self, forKey: .settleMilliseconds)
        confirmMilliseconds = try container.decode(Int64.self, forKey: .confirmMilliseconds)
        writesAtOnce = try container.decode(Int.self, forKey: .writesAtOnce)
        abort = try container.decodeIfPresent(AbortRule.self, forKey: .abort) ?? AbortRule()
    }

    package var settle: Duration { .milliseconds(settleMilliseconds) }
    package var confirm: Duration { .milliseconds(confirmMilliseconds) }
}
