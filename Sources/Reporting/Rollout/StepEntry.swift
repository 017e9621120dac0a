import JSON
import MeshModel
import MeshPlanning

/// One step of a rollout or a rollback, as every output shows it.
package struct StepEntry: Encodable, Sendable, Hashable {
    package var id: String
    /// Of an apply; a rollback's steps have a phase instead.
    package var stage: String?
    package var phase: String?
    @OrNull package var wave: String?
    /// Steps of one batch run together.
    package var batch: Int
    package var action: String
    /// `PeerAuthentication shop/default`
    package var object: String
    /// What is written, one part for each thing that differs.
    package var detail: [String]
    /// `loosens`, `disruptive`
    package var marks: [String]
    /// The gates that must pass before the step.
    package var gates: [String]

    /// - Parameter gates: those that stand before the step's batch.
    init(_ step: Step, gates: [GateCheck]) {
        id = String(step.id.number)
        switch step.phase {
        case .enroll, .permissive, .strict: stage = step.phase.rawValue
        case .relax, .restore, .remove, .retighten: phase = step.phase.rawValue
        }
        _wave = OrNull(wrappedValue: step.wave)
        batch = step.batch
        action = step.change.action.rawValue
        object = step.change.object.text
        detail = ChangeDetail.parts(of: step.change)
        marks = step.marks.map(\.rawValue)
        self.gates = gates.map(\.question.gate.rawValue)
    }
}

// MARK: - Text

extension StepEntry {
    /// The heading over the step, without its wave.
    var sectionTitle: String {
        if let stage { return "Stage \(stage)" }
        switch phase {
        case "relax": return "Relax"
        case "restore": return "Restore data planes"
        case "remove": return "Remove"
        case "retighten": return "Re-tighten"
        default: return ""
        }
    }

    /// Symbol and object, detail.
    var cells: [TextLine] {
        [TextLine(symbol + " ", symbolStyle) + TextLine(object), detailLine]
    }

    var symbol: String {
        switch action {
        case "create": "+"
        case "delete": "-"
        case "restart": "↻"
        default: "~"
        }
    }

    private var symbolStyle: TextStyle {
        switch action {
        case "create": .green
        case "delete": .red
        default: .yellow
        }
    }

    private var detailLine: TextLine {
        var line = TextLine()
        for part in detail {
            if !line.isEmpty { line = line + ", " }
            line = line + TextLine(part, Self.style(of: part))
        }
        return line
    }

    /// Parts that begin with a sign are coloured like it.
    private static func style(of part: String) -> TextStyle {
        switch part.prefix(2) {
        case "+ ": .green
        case "- ": .red
        case "~ ": .yellow
        default: .plain
        }
    }

    /// What the person should know before the step.
    var markNotes: [String] {
        marks.map { mark in
            switch mark {
            case "loosens": "loosens: an effective STRICT stays open until stage strict closes it"
            case "disruptive":
                "disruptive: clients notice the restart (no spare pod, or the way in from outside)"
            default: mark
            }
        }
    }
}

/// A wait between two batches.
package struct WaitEntry: Encodable, Sendable, Hashable {
    package var afterBatch: Int
    /// `30s`
    package var duration: String
    package var reason: String

    /// The waits of a rollout: after each batch but the last that has a step which settles.
    static func of(_ rollout: Rollout) -> [WaitEntry] {
        let milliseconds = rollout.settings.settleMilliseconds
        guard milliseconds > 0 else { return [] }
        return rollout.batches.dropLast().compactMap { batch in
            guard let first = batch.first, batch.contains(where: \.settles) else { return nil }
            return WaitEntry(
                afterBatch: first.batch, duration: Phrases.duration(milliseconds: milliseconds),
                reason: "propagation to the proxies cannot be proved")
        }
    }
}
