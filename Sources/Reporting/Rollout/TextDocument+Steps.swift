extension TextDocument {
    /// What the texts of a plan and of a rollback have in common: what it is about, the steps, what has to be
    /// said of them, and the sum.
    ///
    /// - Parameters:
    ///   - header: names and values, one line each.
    ///   - addEffects: adds what stands between the steps and the hazards.
    init(
        header: [(name: String, value: String)], steps: StepList, hazards: [HazardEntry],
        summary: String, addEffects: (inout TextDocument) -> Void
    ) {
        self.init()
        var table = TextTable()
        for (name, value) in header { table.add([TextLine(name, .bold), TextLine(value)]) }
        add(table)
        addGap()
        add(steps.table)
        addEffects(&self)
        addGap()
        add(hazards)
        addGap()
        add(TextLine(summary, .bold))
    }
}

enum StepCounts {
    /// `3 to create, 1 label`; what is zero is left out.
    static func text(create: Int, update: Int, delete: Int, label: Int, restart: Int) -> String {
        var parts: [String] = []
        if create > 0 { parts.append("\(create) to create") }
        if update > 0 { parts.append("\(update) to update") }
        if delete > 0 { parts.append("\(delete) to delete") }
        if label > 0 { parts.append(Phrases.count(label, "label")) }
        if restart > 0 { parts.append(Phrases.count(restart, "restart")) }
        return parts.joined(separator: ", ")
    }
}
