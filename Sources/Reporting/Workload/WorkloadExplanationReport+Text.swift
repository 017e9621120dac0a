import MeshModel
import MeshPlanning

extension WorkloadExplanationReport {
    package var document: TextDocument {
        var document = TextDocument()
        document.add(TextLine("Workload  ", .bold) + TextLine(workload))
        if let reason, let known = FlowReason(rawValue: reason) {
            document.addGap()
            document.add(TextLine("\(reason): \(FlowPhrases.of(known))", .yellow))
        }
        for group in pods { add(group, to: &document) }
        let clients = pods.flatMap(\.ports).flatMap(\.clients)
        document.addReasons(
            sent: clients.compactMap(\.sentBecause), received: clients.map(\.reason))
        addSymptoms(to: &document)
        addStages(to: &document)
        document.addList("Assumed", assumptions)
        return document
    }

    private func add(_ group: PodGroupEntry, to document: inout TextDocument) {
        let count = group.pods.count > 1 ? " (\(group.pods.count) pods, all alike)" : ""
        document.addHeading(Phrases.names(group.pods) + count)
        document.add(group.facts, indent: 2)
        document.addHeading("Policies")
        document.add(group.policies.table(mode: group.mtls.mode), indent: 2)
        for note in group.notes { document.add(TextLine("! " + note, .yellow), indent: 2) }
        for (ports, clients) in group.portsByClients {
            let names = ports.map { $0.text(on: group.dataPlane) }
            document.addHeading("Clients of " + names.joined(separator: ", "))
            document.add(Self.table(of: clients), indent: 2)
        }
    }

    private static func table(of clients: [ClientEntry]) -> TextTable {
        var table = TextTable(header: ["CLIENT", "SENT", "BECAUSE", "OUTCOME", "REASON"])
        for entry in clients {
            table.add([
                TextLine(entry.client.rawValue), TextLine(entry.sent),
                TextLine(entry.sentBecause ?? "-"),
                TextLine(entry.outcome, FlowExplanationReport.style(of: entry.outcome)),
                TextLine(entry.reason),
            ])
        }
        return table
    }

    /// What is seen, behind the kinds of client that it is about.
    private func addSymptoms(to document: inout TextDocument) {
        let clients = pods.flatMap(\.ports).flatMap(\.clients)
        var table = TextTable()
        for symptom in clients.flatMap(\.seenAs).uniqued {
            let kinds = clients.filter { $0.seenAs.contains(symptom) }.map(\.client).uniqued
            let names = ClientKind.allCases.filter(kinds.contains).map(\.rawValue)
            table.add([TextLine(names.joined(separator: ", ")), TextLine(symptom)])
        }
        guard !table.lines.isEmpty else { return }
        document.addHeading("Seen as")
        document.add(table, indent: 2)
    }

    private func addStages(to document: inout TextDocument) {
        guard let stages else { return }
        document.addHeading("With plan \(plan ?? ""), after each stage")
        var table = TextTable()
        let namesPods = pods.count > 1 || stages.contains { $0.pods.count > 1 }
        func add(_ stage: String, _ group: PodGroupEntry, blockedBy codes: [String] = []) {
            let names = namesPods ? [TextLine(Phrases.names(group.pods, atMost: 1))] : []
            table.add(
                [TextLine(stage)] + names + group.stageCells
                    + [TextLine(Phrases.blocked(by: codes), .red)])
        }
        for group in pods { add("now", group) }
        for stage in stages {
            if stage.mode == nil {
                table.add([
                    TextLine(stage.stage), TextLine("unknown", .yellow),
                    TextLine(Phrases.blocked(by: stage.blockedBy), .red),
                ])
            }
            for group in stage.pods { add(stage.stage, group, blockedBy: stage.blockedBy) }
        }
        document.add(table, indent: 2)
        if stages.contains(where: \.blocked) {
            document.add("meshctl plan says what blocks it.", indent: 2)
        }
    }
}

extension PodGroupEntry {
    fileprivate var facts: TextTable {
        var table = TextTable()
        func add(_ name: String, _ text: String) { table.add([TextLine(name), TextLine(text)]) }
        add("data plane", template ? "\(dataPlane), once there are pods" : dataPlane)
        let injected = InjectionReason(rawValue: injection.reason).map(DataPlanePhrases.of) ?? ""
        add("injection", "\(injection.onRestart ? "yes" : "no"), \(injection.reason): \(injected)")
        let enrolled = AmbientReason(rawValue: ambient.reason).map(DataPlanePhrases.of) ?? ""
        add("ambient", "\(ambient.wanted ? "yes" : "no"), \(ambient.reason): \(enrolled)")
        if !template { add("after a restart", onRestart ?? "nothing would make it again") }
        add("reached by", (["plaintext"] + reachedBy).joined(separator: ", "))
        add("mode", modes)
        return table
    }

    /// `STRICT, 3000 PERMISSIVE`
    private var modes: String {
        mtls.mode == EnforcedMode.none
            ? "none: nothing enforces policy"
            : ([mtls.mode] + Phrases.ports(mtls.ports))
                .joined(separator: ", ")
    }

    /// Data plane, mode, and who is not carried at the ports that are known.
    fileprivate var stageCells: [TextLine] {
        let known = ports.filter { $0.port != nil }
        let broken = (known.isEmpty ? ports : known).compactMap(\.notCarried)
        return [
            TextLine(dataPlane), TextLine(mtls.mode == EnforcedMode.none ? "-" : modes),
            TextLine(broken.joined(separator: "; "), .red),
        ]
    }

    /// Ports whose clients fare alike stand together.
    fileprivate var portsByClients: [([ServedPortEntry], [ClientEntry])] {
        ports.map(\.clients).uniqued.map { clients in
            (ports.filter { $0.clients == clients }, clients)
        }
    }
}

extension ServedPortEntry {
    /// `not carried at 3000: plain, external`; nil where everybody is.
    fileprivate var notCarried: String? {
        let broken = [FlowOutcome.refused, .garbled].map(\.rawValue)
        let kinds = clients.filter { broken.contains($0.outcome) }.map(\.client.rawValue)
        guard !kinds.isEmpty else { return nil }
        return "not carried at \(port.map(String.init) ?? "any port"): "
            + kinds.joined(separator: ", ")
    }

    /// `port 3000 (http, by shop/service/cart:80)`
    fileprivate func text(on plane: String) -> String {
        guard let port else { return "all other ports, by the pod's address" }
        let way = via == Self.byAddress ? "by the pod's address" : "by \(via)"
        let isOpen = !intercepted && plane == PodDataplane.sidecar.rawValue
        return "port \(port) (\(declaredAs), \(way)\(isOpen ? ", kept out of the sidecar" : ""))"
    }
}
