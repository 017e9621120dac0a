extension RolloutReport {
    /// For a comment on a pull request: the same steps as tables.
    package var markdown: String {
        var text = "### meshctl plan: \(Markdown.code(plan))\n\n"
        text +=
            blocked
            ? "**Plan blocked: \(Phrases.count(summary.errors, "error")).** Nothing will be changed.\n"
            : "**\(Markdown.escaped(summaryLine))**\n"
        let waves = limit.map { Markdown.escaped($0) + ", " } ?? ""
        text +=
            "\nCluster \(Markdown.code(server)), \(waves)through stage \(Markdown.code(through)).\n"
        if !blocked, !steps.isEmpty { text += "\n" + stepTable }
        if !blocked, !effectiveChanges.isEmpty {
            text += "\n#### Effective changes\n\n" + effectiveChangeTable
        }
        if !hazards.isEmpty {
            let ordered = hazards.filter(\.isError) + hazards.filter { !$0.isError }
            text += "\n#### Hazards\n\n" + Markdown.list(ordered)
        }
        return text
    }

    private var stepTable: String {
        Markdown.table(
            header: ["#", "stage", "wave", "", "object", "detail"],
            rows: steps.map { step in
                let notes = (step.detail + step.markNotes).map(Markdown.escaped)
                return [
                    step.id, step.stage ?? "", Markdown.escaped(step.wave ?? ""), step.action,
                    Markdown.code(step.object), notes.joined(separator: "<br>"),
                ]
            })
    }

    private var effectiveChangeTable: String {
        Markdown.table(
            header: ["workload", "before", "after", "clients"],
            rows: effectiveChanges.map {
                [
                    Markdown.code($0.workload), Markdown.escaped($0.before.text),
                    Markdown.escaped($0.after.text),
                    $0.ports.map { Markdown.escaped($0.text) }.joined(separator: "<br>"),
                ]
            })
    }
}
