package import MeshModel
import MeshPlanning

/// `meshctl explain --from CLIENT --to SERVER:PORT`: what happens to a flow at each endpoint, and why.
package struct FlowExplanationReport: Report {
    package let formatVersion = "1.0"
    package let kind = "FlowExplanation"
    /// As asked.
    package var from: String
    package var to: String
    package var endpoints: [FlowEndpointEntry]
    /// That of all endpoints; `mixed` where they differ.
    package var outcome: String
    /// Why there are no endpoints to judge; absent where there are.
    package var reason: String?
    package var assumptions: [String]

    /// - Parameter clients: one, or the pods of a workload, whose verdicts may differ.
    package init(
        from: String, to: String, clients: [FlowClient], target: FlowTarget, judge: FlowJudge
    ) {
        self.from = from
        self.to = to
        let judged = clients.map { ($0, judge.judge($0, to: target)) }
        let groups = Set(judged.map { $0.1.map(\.verdict) })
        var seen: Set<[FlowVerdict]> = []
        // Pods of one workload that fare alike are told once.
        endpoints = judged.filter { seen.insert($0.1.map(\.verdict)).inserted }
            .flatMap { client, verdicts in
                verdicts.map {
                    FlowEndpointEntry(
                        $0, client: client, target: target, judge: judge,
                        namesClient: groups.count > 1)
                }
            }
        let outcomes = Set(endpoints.map(\.outcome))
        if let only = outcomes.first {
            outcome = outcomes.count == 1 ? only : "mixed"
        } else {
            outcome = FlowOutcome.unknown.rawValue
            var reason = FlowReason.noEndpoints
            if case .service(let service, _) = target, service.isExternalName {
                reason = .externalName
            }
            self.reason = reason.rawValue
        }
        assumptions = FlowAssumptions.list(
            index: judge.index, clients: clients, target: target,
            verdicts: judged.flatMap(\.1), isForced: judge.forced != nil)
    }
}

extension FlowExplanationReport {
    package var document: TextDocument {
        var document = TextDocument()
        document.add(TextLine("Flow  ", .bold) + TextLine("\(from) → \(to)"))
        if !endpoints.isEmpty {
            document.addGap()
            document.add(table)
        }
        addWhy(to: &document)
        let symptoms = endpoints.flatMap(\.seenAs).uniqued
        if !symptoms.isEmpty {
            document.addHeading("Seen as")
            for symptom in symptoms { document.add(TextLine(symptom), indent: 2) }
        }
        if !assumptions.isEmpty {
            document.addHeading("Assumed")
            for assumption in assumptions { document.add(TextLine(assumption), indent: 2) }
        }
        document.addGap()
        document.add(TextLine("Outcome: ", .bold) + TextLine(outcome, Self.style(of: outcome)))
        return document
    }

    private var table: TextTable {
        let namesClient = endpoints.contains { $0.client != nil }
        var table = TextTable(
            header: (namesClient ? ["CLIENT"] : []) + [
                "SERVER", "PORT", "SENT", "MODE", "DECIDED BY", "OUTCOME", "REASON",
            ])
        for entry in endpoints {
            table.add(
                (namesClient ? [TextLine(entry.client ?? "-")] : []) + [
                    TextLine(entry.pod ?? entry.address ?? "-"), TextLine("\(entry.port)"),
                    TextLine(entry.sent),
                    TextLine(entry.mode == EnforcedMode.none ? "-" : entry.mode),
                    TextLine(entry.decidedBy.last ?? "-"),
                    TextLine(entry.outcome, Self.style(of: entry.outcome)), TextLine(entry.reason),
                ])
        }
        return table
    }

    private func addWhy(to document: inout TextDocument) {
        var table = TextTable()
        for code in endpoints.compactMap(\.sentBecause).uniqued {
            guard let reason = SendReason(rawValue: code) else { continue }
            let rules = endpoints.filter { $0.sentBecause == code }.compactMap(\.destinationRule)
            let named = rules.isEmpty ? "" : ": " + rules.uniqued.joined(separator: ", ")
            table.add([TextLine(code), TextLine(FlowPhrases.of(reason) + named)])
        }
        for code in (endpoints.map(\.reason) + [reason].compactMap(\.self)).uniqued {
            guard let reason = FlowReason(rawValue: code) else { continue }
            table.add([TextLine(code), TextLine(FlowPhrases.of(reason))])
        }
        document.addHeading("Why")
        document.add(table, indent: 2)
    }

    private static func style(of outcome: String) -> TextStyle {
        switch FlowOutcome(rawValue: outcome) {
        case .carried: .green
        case .refused, .garbled: .red
        case .bypassed, .unknown, nil: .yellow
        }
    }
}

extension [String] {
    /// In order, each once.
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
