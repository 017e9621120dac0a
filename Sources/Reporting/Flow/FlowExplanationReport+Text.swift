import MeshModel
import MeshPlanning

extension FlowExplanationReport {
    package var document: TextDocument {
        var document = TextDocument()
        document.add(TextLine("Flow  ", .bold) + TextLine("\(from) → \(to)"))
        if !endpoints.isEmpty {
            document.addGap()
            document.add(table)
        }
        if let outside {
            document.addGap()
            document.add(outside.table)
        }
        let rules =
            endpoints.map { ($0.sentBecause, $0.destinationRule) }
            + (outside ?? []).map { ($0.sentBecause, $0.destinationRule) }
        var named: [String: [String]] = [:]
        for case (let code?, let rule?) in rules { named[code, default: []].append(rule) }
        document.addReasons(
            sent: rules.compactMap(\.0), received: reasons, naming: named)
        addPolicies(to: &document)
        document.addList(
            "Seen as",
            (endpoints.flatMap(\.seenAs) + (outside ?? []).flatMap(\.seenAs)).uniqued)
        addStages(to: &document)
        document.addList("Assumed", assumptions)
        document.addGap()
        document.add(TextLine("Outcome: ", .bold) + TextLine(outcome, Self.style(of: outcome)))
        return document
    }

    private var reasons: [String] {
        endpoints.map(\.reason) + (outside ?? []).map(\.reason) + [reason].compactMap(\.self)
    }

    private var table: TextTable {
        let namesClient = endpoints.contains { $0.client != nil }
        var table = TextTable(
            header: (namesClient ? ["CLIENT"] : []) + [
                "SERVER", "PORT", "SENT", "MODE", "OUTCOME", "REASON",
            ])
        for entry in endpoints {
            table.add(
                (namesClient ? [TextLine(entry.client ?? "-")] : []) + [
                    TextLine(entry.server), TextLine("\(entry.port)"), TextLine(entry.sent),
                    TextLine(entry.mode == EnforcedMode.none ? "-" : entry.mode),
                    TextLine(entry.outcome, Self.style(of: entry.outcome)), TextLine(entry.reason),
                ])
        }
        return table
    }

    /// One list for all servers whose policies are the same.
    private func addPolicies(to document: inout TextDocument) {
        let judged = endpoints.filter { $0.pod != nil || $0.template != nil }
        let chains = judged.map(\.policies).uniqued
        for chain in chains {
            let servers = judged.filter { $0.policies == chain }.map(\.server).uniqued
            let whose = chains.count > 1 ? " of " + Phrases.names(servers) : ""
            document.addHeading("Policies\(whose)")
            let mode = judged.first { $0.policies == chain }?.mode ?? EnforcedMode.none
            document.add(chain.table(mode: mode), indent: 2)
        }
        for note in notes { document.add(TextLine("! " + note, .yellow), indent: 2) }
    }

    private func addStages(to document: inout TextDocument) {
        guard let stages else { return }
        document.addHeading("With plan \(plan ?? ""), after each stage")
        var table = TextTable()
        let now = Set(reasons).sorted()
        table.add([
            TextLine("now"), TextLine(outcome, Self.style(of: outcome)),
            TextLine(now.joined(separator: ", ")),
        ])
        for stage in stages {
            table.add([
                TextLine(stage.stage), TextLine(stage.outcome, Self.style(of: stage.outcome)),
                TextLine(Set(stage.reasons).sorted().joined(separator: ", ")),
                TextLine(Phrases.blocked(by: stage.blockedBy), .red),
            ])
        }
        document.add(table, indent: 2)
        if stages.contains(where: \.blocked) {
            document.add("meshctl plan says what blocks it.", indent: 2)
        }
    }

    static func style(of outcome: String) -> TextStyle {
        switch FlowOutcome(rawValue: outcome) {
        case .carried: .green
        case .refused, .garbled: .red
        case .bypassed, .unknown, nil: .yellow
        }
    }
}

extension [OutsideFlowEntry] {
    fileprivate var table: TextTable {
        let namesClient = contains { $0.client != nil }
        var table = TextTable(
            header: (namesClient ? ["CLIENT"] : []) + ["HOST", "PORT", "SENT", "OUTCOME", "REASON"])
        for entry in self {
            table.add(
                (namesClient ? [TextLine(entry.client ?? "-")] : []) + [
                    TextLine(entry.host), TextLine("\(entry.port)"), TextLine(entry.sent),
                    TextLine(
                        entry.outcome, FlowExplanationReport.style(of: entry.outcome)),
                    TextLine(entry.reason),
                ])
        }
        return table
    }
}

extension FlowEndpointEntry {
    /// The pod, the controller of one that is not there yet, or an address.
    fileprivate var server: String { pod ?? template ?? address ?? "-" }
}

extension TextDocument {
    /// What each code means, in words.
    ///
    /// - Parameter names: objects to be named behind a code.
    mutating func addReasons(
        sent: [String], received: [String], naming names: [String: [String]] = [:]
    ) {
        var table = TextTable()
        for code in sent.uniqued {
            guard let reason = SendReason(rawValue: code) else { continue }
            let named = names[code].map { ": " + $0.uniqued.joined(separator: ", ") } ?? ""
            table.add([TextLine(code), TextLine(FlowPhrases.of(reason) + named)])
        }
        for code in received.uniqued {
            guard let reason = FlowReason(rawValue: code) else { continue }
            table.add([TextLine(code), TextLine(FlowPhrases.of(reason))])
        }
        guard !table.lines.isEmpty else { return }
        addHeading("Why")
        add(table, indent: 2)
    }

    /// A heading with one line for each text; nothing where there are none.
    mutating func addList(_ heading: String, _ texts: [String]) {
        guard !texts.isEmpty else { return }
        addHeading(heading)
        for text in texts { add(TextLine(text), indent: 2) }
    }
}

extension Array where Element: Hashable {
    /// In order, each once.
    var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension Phrases {
    /// `the plan is blocked: mesh-flip-not-covered`; empty where it is not.
    static func blocked(by codes: [String]) -> String {
        codes.isEmpty ? "" : "the plan is blocked: " + codes.joined(separator: ", ")
    }

    /// `a, b, c and 4 more`
    static func names(
        _ names: [String], atMost most: Int = 3, separator: String = ", "
    ) -> String {
        guard names.count > most + 1 else { return names.joined(separator: separator) }
        return names.prefix(most).joined(separator: separator)
            + " and \(names.count - most) more"
    }
}
