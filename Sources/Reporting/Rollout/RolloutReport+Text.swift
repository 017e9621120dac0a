import MeshModel
import MeshPlanning

extension RolloutReport {
    package var document: TextDocument {
        if blocked {
            var document = TextDocument()
            addBlocked(to: &document)
            return document
        }
        return TextDocument(
            header: [("Plan", subject), ("Cluster", server)], steps: StepList(steps, waits: waits),
            hazards: hazards, summary: summaryLine
        ) {
            addEffectiveChanges(to: &$0)
            addApprovals(to: &$0)
        }
    }

    private func addBlocked(to document: inout TextDocument) {
        document.add(
            TextLine("Plan blocked: \(Phrases.count(summary.errors, "error")).", .red)
                + " Nothing will be changed.")
        document.add(TextLine("Plan \(subject), on \(server)"))
        document.add(hazards.filter(\.isError))
        document.add(hazards.filter { !$0.isError })
    }

    private func addEffectiveChanges(to document: inout TextDocument) {
        guard !effectiveChanges.isEmpty else { return }
        document.addHeading("Effective changes")
        var table = TextTable()
        for change in effectiveChanges {
            table.add([
                TextLine(change.workload), TextLine(change.before.text),
                TextLine("→ \(change.after.text)"),
            ])
            for port in change.ports {
                table.add(
                    line: TextLine("  \(port.text)", port.clients.refused > 0 ? .yellow : .dim))
            }
        }
        document.add(table, indent: 2)
    }

    private func addApprovals(to document: inout TextDocument) {
        guard !approvals.isEmpty else { return }
        document.addHeading("Approvals, with apply --approve NAME")
        var table = TextTable()
        for approval in approvals {
            table.add([
                TextLine(approval.name), TextLine("before step \(approval.beforeStep)"),
                TextLine(approval.why),
            ])
        }
        document.add(table, indent: 2)
    }

    private var subject: String {
        plan + (limit.map { ", \($0)" } ?? "") + ", through stage \(through)"
    }

    /// `waves canary, payments`; nil for no limit.
    var limit: String? { waves.map(WaveLimit.words) }

    /// `Plan: 9 steps (3 to create, 4 to update, 1 label, 1 restart) in 2 stages.`
    var summaryLine: String {
        guard !steps.isEmpty else {
            let bound = through == Stage.strict.rawValue ? nil : "through stage \(through)"
            let extent = [limit.map { "for \($0)" }, bound].compactMap(\.self)
                .joined(separator: ", ")
            return extent.isEmpty
                ? "No changes. The mesh is as the plan says."
                : "No changes. \(extent.prefix(1).uppercased() + extent.dropFirst()), "
                    + "the mesh is as the plan says."
        }
        return "Plan: \(Phrases.count(summary.steps, "step")) (\(actionCounts)) in "
            + "\(Phrases.count(summary.stages, "stage"))."
    }

    private var actionCounts: String {
        StepCounts.text(
            create: summary.create, update: summary.update, delete: summary.delete,
            label: summary.label, restart: summary.restart)
    }
}
