extension RollbackReport {
    package var document: TextDocument {
        var header: [(String, String)] = []
        if let run { header.append(("Rollback of", run + extent)) }
        if emergency {
            header.append(
                ("Emergency", policiesOnly ? "relax what meshctl made STRICT" : "leave ambient"))
        }
        if !plan.isEmpty { header.append(("Plan", plan)) }
        return TextDocument(
            header: header + [("Cluster", server)], steps: StepList(steps, waits: waits),
            hazards: hazards, summary: summaryLine
        ) {
            addGates(to: &$0)
            addConflicts(to: &$0)
        }
    }

    /// `, to the end of stage permissive`
    private var extent: String {
        if policiesOnly { return ", policies only" }
        return toStage.map { ", to the end of stage \($0)" } ?? ""
    }

    private func addGates(to document: inout TextDocument) {
        let batches = Dictionary(grouping: steps.filter { !$0.gates.isEmpty }, by: \.batch)
        guard !batches.isEmpty else { return }
        document.addHeading("Gates")
        var table = TextTable()
        for (_, steps) in batches.sorted(by: { $0.key < $1.key }) {
            let ids = steps.map(\.id)
            table.add([
                TextLine("before step\(ids.count == 1 ? "" : "s") \(ids.joined(separator: ", "))"),
                TextLine(steps[0].gates.joined(separator: ", ")),
            ])
        }
        document.add(table, indent: 2)
    }

    private func addConflicts(to document: inout TextDocument) {
        guard !conflicts.isEmpty else { return }
        document.addHeading("Left alone, because somebody else changed them since")
        for conflict in conflicts {
            document.add(TextLine(conflict.object, .yellow), indent: 2)
            var table = TextTable(header: ["", "BEFORE", "OURS", "NOW"])
            for field in conflict.fields {
                table.add([
                    TextLine(field.name), TextLine(field.before ?? "(absent)"),
                    TextLine(field.ours ?? "(absent)"), TextLine(field.now ?? "(absent)"),
                ])
            }
            document.add(table, indent: 4)
        }
        document.add("--overwrite restores them all the same.", indent: 2)
    }

    var summaryLine: String {
        let left =
            conflicts.isEmpty ? "" : " \(Phrases.count(conflicts.count, "object")) left alone."
        guard !steps.isEmpty else { return nothing + left }
        let counts = StepCounts.text(
            create: summary.create, update: summary.update, delete: summary.delete,
            label: summary.label, restart: summary.restart)
        return "\(emergency ? "Emergency" : "Rollback"): "
            + "\(Phrases.count(summary.steps, "step")) (\(counts))." + left
    }

    private var nothing: String {
        guard emergency else { return "Nothing to roll back." }
        return policiesOnly
            ? "Nothing that meshctl made is STRICT."
            : "meshctl put the ambient label on no namespace."
    }
}
