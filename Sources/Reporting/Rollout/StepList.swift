/// The steps under their stages, waves or phases, with what is waited for in between.
struct StepList {
    private(set) var table = TextTable()
    private let namesWaves: Bool
    private let indent: String
    private let noteIndent: String

    init(_ steps: [StepEntry], waits: [WaitEntry]) {
        namesWaves = steps.contains { $0.wave != nil }
        indent = String(repeating: " ", count: namesWaves ? 4 : 2)
        let numberWidth = (steps.last?.id.count ?? 0) + 1
        // Under the object's name: margin, number, gap, symbol.
        noteIndent = indent + String(repeating: " ", count: numberWidth + 4)
        let waitAfter = Dictionary(
            waits.map { ($0.afterBatch, $0) }, uniquingKeysWith: { first, _ in first })
        var previous: StepEntry?
        for (index, step) in steps.enumerated() {
            addHeading(of: step, after: previous)
            let number = step.cells[0]
            let margin = String(repeating: " ", count: max(0, numberWidth - number.width))
            table.add([TextLine(indent + margin) + number] + step.cells.dropFirst())
            for note in step.markNotes { add(note: "! " + note, .yellow) }
            let isLastOfBatch =
                index + 1 == steps.count || steps[index + 1].batch != step.batch
            if isLastOfBatch, let wait = waitAfter[step.batch] {
                add(note: "settle \(wait.duration)", .dim)
            }
            previous = step
        }
    }

    private mutating func add(note: String, _ style: TextStyle) {
        table.add(line: TextLine(noteIndent) + TextLine(note, style))
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
