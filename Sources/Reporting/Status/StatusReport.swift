package import MeshModel

/// `meshctl status`: what enforces which mode, by namespace and by pod, and which policy decides it.
package struct StatusReport: Report {
    package let formatVersion = "1.1"
    package let kind = "MeshStatus"
    package var rootNamespace: String
    package var namespaces: [NamespaceStatus]
    package var workloads: [WorkloadStatus]
    /// Live pods without the data plane that their labels ask for, by controller.
    package var missing: [MissingDataplane]
    /// The plan that next steps are of; absent without a plan file.
    package var plan: String?
    /// The codes of the errors that block that plan; absent without a plan file.
    package var planBlockedBy: [String]?
    /// Absent where nothing was ever observed, which is not the same as no plaintext.
    package var plaintextSeen: PlaintextSeen?
    /// What was not in the input and was taken for granted.
    package var assumptions: [String]

    /// - Parameters:
    ///   - only: the namespaces to tell of; nil for all.
    ///   - assumptions: those of the reader, told before the report's own.
    package init(
        _ state: MeshState, only: Set<String>? = nil, outlook: StatusOutlook? = nil,
        plaintext: PlaintextSeen? = nil, assumptions: [String] = []
    ) {
        let decisions = StatusDecisions(state)
        let labels = Dictionary(
            state.namespaces.map { ($0.name, $0.meta.labels) },
            uniquingKeysWith: { first, _ in first })
        let facts = PodFacts.all(in: state).filter { only?.contains($0.namespace) ?? true }
        let workloads = facts.map {
            WorkloadStatus(
                $0, namespaceLabels: labels[$0.namespace] ?? [:], decisions: decisions)
        }
        let known = Set(labels.keys)
        let referred = Set(facts.map(\.namespace))
            .union(state.peerAuthentications.map(\.meta.namespace)).subtracting(known)
        let entries = Dictionary(grouping: zip(facts, workloads), by: \.0.namespace)
        rootNamespace = state.rootNamespace
        self.workloads = workloads
        plan = outlook?.plan
        planBlockedBy = outlook?.blockedBy
        plaintextSeen = plaintext
        let told = known.union(referred).filter { only?.contains($0) ?? true }
        namespaces = told.sorted().map { name in
            let here = entries[name] ?? []
            let live = here.filter { $0.0.isLive }
            var status = NamespaceStatus(
                name, labels: labels[name] ?? [:],
                entries: here.filter { $0.0.isLive || $0.0.kind != "Pod" }.map(\.1),
                pods: NamespaceStatus.Pods(
                    total: live.count,
                    enforced: live.count { $0.1.mtls.mode != EnforcedMode.none }),
                decisions: decisions)
            status.nextStep = outlook?.steps[name]
            status.plaintextSeen = plaintext?.seen(in: name)
            return status
        }
        missing = MissingDataplane.all(in: zip(facts, workloads).filter(\.0.isLive).map(\.1))
        self.assumptions =
            assumptions
            + Self.assumptions(
                referred: referred.intersection(told), workloads: workloads,
                revisions: state.revisions)
    }

    private static func assumptions(
        referred: Set<String>, workloads: [WorkloadStatus], revisions: Set<String>?
    ) -> [String] {
        var assumptions = referred.sorted().map {
            "namespace \($0) is only referred to: it is taken to exist without labels"
        }
        if revisions == nil, workloads.contains(where: \.injection.onRestart) {
            assumptions.append(
                "no MutatingWebhookConfiguration was read: "
                    + "the standard webhooks of the revisions that labels name are taken to exist")
        }
        return assumptions
    }
}

extension StatusReport {
    package var document: TextDocument {
        var document = TextDocument()
        guard !namespaces.isEmpty else {
            document.add("No namespaces.")
            return document
        }
        let hasSteps = namespaces.contains { $0.nextStep != nil }
        var table = TextTable(
            header: ["NAMESPACE", "DATA PLANE", "MODE", "DECIDED BY", "ENFORCED", "EXCEPTIONS"]
                + (plaintextSeen == nil ? [] : ["PLAINTEXT SEEN"])
                + (hasSteps ? ["NEXT STEP"] : []))
        for namespace in namespaces { table.add(row(namespace)) }
        document.add(table)
        addMissing(to: &document)
        addPlaintext(to: &document)
        addPlan(to: &document)
        document.addList("Assumed", assumptions)
        document.addGap()
        document.add(TextLine(summaryLine, .bold))
        return document
    }

    private func row(_ namespace: NamespaceStatus) -> [TextLine] {
        let mode = namespace.mtls.mode
        let exceptions = namespace.exceptions.map { $0.text(namespaceMode: mode) }
        let pods = namespace.pods
        let plaintext = namespace.plaintextSeen.map { seen in
            TextLine(
                seen.text(hasProxies: namespace.pods.enforced > 0),
                seen.flows > 0 ? .yellow : .plain)
        }
        return [
            TextLine(namespace.name), TextLine(namespace.dataPlane),
            mode == EnforcedMode.none ? "-" : TextLine(mode, Self.style(of: mode)),
            TextLine(namespace.mtls.decidedBy ?? "-"),
            TextLine(pods.total == 0 ? "no pods" : "\(pods.enforced)/\(pods.total) pods"),
            TextLine(Phrases.names(exceptions, separator: "; ")),
        ] + [plaintext].compactMap(\.self) + [TextLine(namespace.nextStep?.text ?? "")]
    }

    private static func style(of mode: String) -> TextStyle {
        switch mode {
        case MTLSMode.strict.rawValue: .green
        case MTLSMode.disable.rawValue: .red
        default: .yellow
        }
    }

    private func addPlan(to document: inout TextDocument) {
        guard let plan, let planBlockedBy else { return }
        document.addGap()
        if !planBlockedBy.isEmpty {
            document.add(
                TextLine("Plan \(plan) is blocked", .red)
                    + TextLine(": \(planBlockedBy.joined(separator: ", ")); meshctl plan says why"))
        } else if namespaces.contains(where: { $0.nextStep != nil }) {
            document.add(TextLine("The next steps are those of plan \(plan)."))
        } else {
            document.add(TextLine("Plan \(plan) has nothing to do here."))
        }
    }

    private func addPlaintext(to document: inout TextDocument) {
        guard let seen = plaintextSeen else { return }
        document.addHeading("Plaintext seen by meshctl observe")
        var table = TextTable()
        for flow in seen.flows.prefix(Self.plaintextLines) {
            table.add([
                TextLine("\(flow.client) → \(flow.server)"),
                TextLine(
                    "\(Phrases.count(flow.connections, "connection")), last "
                        + Phrases.time(flow.lastSeen)),
            ])
        }
        if seen.flows.count > Self.plaintextLines {
            table.add(line: "and \(seen.flows.count - Self.plaintextLines) more, with -o json")
        }
        document.add(table, indent: 2)
        document.add(
            TextLine(
                "\(seen.flows.isEmpty ? "None. " : "")Watched for "
                    + "\(Phrases.duration(milliseconds: seen.coveredMilliseconds)) between "
                    + "\(Phrases.time(seen.since)) and \(Phrases.time(seen.until))."),
            indent: 2)
    }

    private static let plaintextLines = 20

    private func addMissing(to document: inout TextDocument) {
        guard !missing.isEmpty else { return }
        document.addHeading("Asked for, and not there yet")
        var table = TextTable()
        for entry in missing {
            let what =
                entry.dataPlane == PodDataplane.sidecar.rawValue
                ? "without a sidecar until restarted" : "not captured by ztunnel"
            table.add([
                TextLine(entry.workload), TextLine("\(Phrases.count(entry.pods, "pod")) \(what)"),
            ])
        }
        document.add(table, indent: 2)
    }

    private var summaryLine: String {
        let total = namespaces.reduce(0) { $0 + $1.pods.total }
        let enforced = namespaces.reduce(0) { $0 + $1.pods.enforced }
        let strict = namespaces.count { $0.mtls.mode == MTLSMode.strict.rawValue }
        return "\(enforced) of \(Phrases.count(total, "pod")) behind a data plane that enforces; "
            + "\(strict) of \(Phrases.count(namespaces.count, "namespace")) STRICT."
    }
}
