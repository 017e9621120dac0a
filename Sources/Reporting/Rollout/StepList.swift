/// The steps under their stages, waves or phases, with what belongs to each below it.
struct StepList {
    struct Item {
        var step: StepEntry
        /// How far the step is; nil in a plan.
        var state: TextLine?
        var notes: [TextLine]
    }

    private(set) var table = TextTable()
    private let namesWaves: Bool
    private let indent: String
    private let numberWidth: Int
    private let noteIndent: String

    init(_ items: [Item]) {
        namesWaves = items.contains { $0.step.wave != nil }
        indent = String(repeating: " ", count: namesWaves ? 4 : 2)
        numberWidth = (items.last?.step.id.count ?? 0) + 1
        // Under the state, or under the object's name: after margin, number and gap, and the symbol.
        let symbolWidth = items.contains { $0.state != nil } ? 0 : 2
        noteIndent = indent + String(repeating: " ", count: numberWidth + 2 + symbolWidth)
        var previous: StepEntry?
        for item in items {
            addHeading(of: item.step, after: previous)
            add(item)
            previous = item.step
        }
    }

    /// The steps of a plan, with its marks and its waits.
    init(_ steps: [StepEntry], waits: [WaitEntry]) {
        let waitAfter = Dictionary(
            waits.map { ($0.afterBatch, $0) }, uniquingKeysWith: { first, _ in first })
        self.init(
            steps.enumerated().map { index, step in
                var notes = step.markNotes.map { TextLine("! " + $0, .yellow) }
                let isLastOfBatch =
                    index + 1 == steps.count || steps[index + 1].batch != step.batch
                if isLastOfBatch, let wait = waitAfter[step.batch] {
                    notes.append(TextLine("settle \(wait.duration)", .dim))
                }
                return Item(step: step, notes: notes)
            })
    }

    private mutating func add(_ item: Item) {
        let number = item.step.id + "."
        let margin = String(repeating: " ", count: max(0, numberWidth - number.count))
        let state = item.state.map { [$0] } ?? []
        table.add([TextLine(indent + margin + number)] + state + item.step.cells)
        for note in item.notes { table.add(line: TextLine(noteIndent) + note) }
    }

    private mutating func addHeading(of step: StepEntry, after previous: StepEntry?) {
        let isNewSection = previous?.sectionTitle != step.sectionTitle
        if isNewSection {
            if previous != nil { table.add(line: TextLine()) }
            table.add(line: TextLine(step.sectionTitle, .bold))
        }
        if namesWaves, isNewSection || previous?.wave != step.wave {
            table.add(
                line: "  " + TextLine(step.wave.map { "Wave \($0)" } ?? "Without a wave", .bold))
        }
    }
}
