import Timing

/// What counters and logs of some time say of one target's refusals: who counts, and who is only listed.
///
/// A log and a counter tell of the same refusals. Where the log names the kind or the port, that decides; how many
/// there were is the larger of the two numbers.
struct RefusalJudge {
    /// The first look since a ztunnel has a target's traffic, or since its policies changed: connections that
    /// were open are closed once, and whoever used one just then is told so.
    struct Closing: Hashable, Sendable {
        var at: Int64
        var target: String
    }

    private let target: TrafficGuard.Target
    /// The plan's names by those of counters: `shop/web` is `shop/Deployment/web`.
    private let required: [String: String]
    private let givenUp: [String: String]
    private let lines: [GuardLook.Line]
    private let rates: [RefusalCounts.Key: Double]
    private let milliseconds: Int64
    private var sums: [GuardLook.Kind: [GuardLook.Source: Int]] = [:]
    /// Resets that may be single closes of connections that were open.
    private var closes: [GuardLook.Source: Int] = [:]
    /// What was counted of unknown sources while meshctl itself was one.
    private var probed = 0

    init(
        _ target: TrafficGuard.Target, _ increments: [RefusalCounts.Increment],
        _ lines: [GuardLook.Line], rates: [RefusalCounts.Key: Double], milliseconds: Int64,
        closings: Set<Closing>
    ) {
        self.target = target
        self.lines = lines
        self.rates = rates
        self.milliseconds = milliseconds
        required = Self.byCounterName(target.required)
        givenUp = Self.byCounterName(target.givenUp)
        for increment in increments {
            let (kind, source) = (increment.key.kind, increment.key.source)
            if increment.isProbed, source == .unknown {
                probed = probed.plus(increment.count)
            } else if kind == .reset || kind == .sent,
                closings.contains(Closing(at: increment.until, target: target.workload))
            {
                if kind == .reset {
                    closes[source] = (closes[source] ?? 0).plus(increment.count)
                }
            } else {
                sums[kind, default: [:]][source] = sum(kind, source).plus(increment.count)
            }
        }
    }

    private static func byCounterName(_ workloads: [String]) -> [String: String] {
        Dictionary(
            workloads.map { (TargetName($0).counterName, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    var refusals: [GuardReport.Refusal] {
        var found = workloads.flatMap(refusals(of:))
        found += probes
        found += strangers
        found += [unknownToZtunnel, unknownToSidecar, whileProbing].compactMap(\.self)
        return found.filter { $0.count > 0 }
    }

    private func refusal(
        of source: String, _ count: Int, _ evidence: [String], excuse: String? = nil
    ) -> GuardReport.Refusal {
        GuardReport.Refusal(
            from: source, to: target.workload, count: count,
            evidence: GateWords.evidence(evidence), excuse: excuse)
    }

    private func sum(_ kind: GuardLook.Kind, _ source: GuardLook.Source) -> Int {
        sums[kind]?[source] ?? 0
    }

    /// How many there would have been at the rate of before.
    private func usual(_ kind: GuardLook.Kind, _ source: GuardLook.Source) -> Int {
        let key = RefusalCounts.Key(kind: kind, source: source, destination: target.workload)
        let number = ((rates[key] ?? 0) * Double(max(0, milliseconds))).rounded()
        return Int(exactly: number) ?? .max
    }

    // MARK: - Workloads

    private var workloads: [String] {
        let counted = [GuardLook.Kind.refused, .reset].flatMap { sums[$0].map(\.keys) ?? [:].keys }
        let names = (counted + closes.keys + lines.map(\.source)).compactMap { source in
            if case .workload(let name) = source { name } else { nil }
        }
        return Set(names).sorted()
    }

    private func refusals(of name: String) -> [GuardReport.Refusal] {
        let source = GuardLook.Source.workload(name)
        let mine = lines.filter { $0.source == source }
        let closed = mine.filter { $0.kind == .policyChange }
        let text = required[name] ?? givenUp[name] ?? source.text
        var found: [GuardReport.Refusal] = []
        let closes = closes[source] ?? 0
        if !closed.isEmpty || closes > 0 {
            found.append(
                refusal(
                    of: text, max(closed.count, closes), evidence(source, closed, resets: closes),
                    excuse: Self.closedOnce))
        }
        guard required[name] != nil else {
            let rest = mine.filter { $0.kind != .policyChange }
            let count = max(
                sum(.refused, source) - closed.count, resets(source), rest.count, share(of: rest))
            found.append(
                refusal(
                    of: text, count, evidence(source, rest),
                    excuse: givenUp[name] == nil ? Self.notKnown : Self.mayBeRefused))
            return found
        }
        let open = Set(givenUp[name].flatMap { target.givenUpPorts[$0] } ?? [])
        let counting = mine.filter { counts($0) && !open.contains($0.port) }
        found.append(
            refusal(
                of: text,
                max(
                    byZtunnel(mine, counting, counted: sum(.refused, source)), resets(source),
                    share(of: counting)), evidence(source, counting)))
        let denied = mine.filter { $0.kind == .denied }
        found.append(refusal(of: text, denied.count, evidence(denied), excuse: Self.usersPolicy))
        let elsewhere = mine.filter { counts($0) && open.contains($0.port) }
        found.append(
            refusal(
                of: text, max(elsewhere.count, share(of: elsewhere)), evidence(elsewhere),
                excuse: Self.mayBeRefused))
        return found
    }

    private func counts(_ line: GuardLook.Line) -> Bool {
        line.kind == .refused || line.kind == .unmatched
    }

    /// Of what ztunnel counted, the part that counts here. Newer ztunnels give the flag `DENY` also to connections
    /// that they close when policies change (istio/ztunnel `src/proxy/metrics.rs:record`).
    private func byZtunnel(
        _ told: [GuardLook.Line], _ counting: [GuardLook.Line], counted: Int
    ) -> Int {
        let own = counting.count { $0.kind != .unmatched }
        let closed = told.count { $0.kind == .policyChange }
        let others = told.count { $0.kind != .unmatched } - own - closed
        if own == 0, others > 0 { return 0 }
        return max(own, counted - others - closed)
    }

    /// Now and then a server ends a connection just as a client begins to use it. What goes beyond the rate of
    /// before counts, and all where most of what was sent failed.
    private func resets(_ source: GuardLook.Source) -> Int {
        let resets = sum(.reset, source)
        if resets >= sum(.sent, source) - resets { return resets }
        return max(0, resets - usual(.reset, source))
    }

    // MARK: - Sidecars as servers

    private var unmatched: Int { sum(.unmatched, .unknown) }
    private var unmatchedLines: [GuardLook.Line] { lines.filter { $0.kind == .unmatched } }

    /// A sidecar counts without a source; where its access log is on, that has all of them.
    private func share(of lines: [GuardLook.Line]) -> Int {
        let part = lines.count { $0.kind == .unmatched }
        guard part > 0 else { return 0 }
        let share = Double(unmatched) * Double(part) / Double(unmatchedLines.count)
        return max(part, Int(exactly: share.rounded(.up)) ?? .max)
    }

    private var unknownToSidecar: GuardReport.Refusal? {
        guard unmatchedLines.isEmpty else { return nil }
        let atClients = (sums[.reset] ?? [:]).values.reduce(0) { $0.plus($1) }
        let rest = unmatched - min(unmatched, atClients)
        let before = min(rest, usual(.unmatched, .unknown))
        let evidence = [
            "its sidecars had no filter chain, or no client certificate, \(Self.times(unmatched))"
                + (before > 0 ? "; \(before) of them as before the step" : "")
        ]
        let excuse: String? =
            if !target.givenUp.isEmpty {
                "a sidecar does not count whom it refuses, and \(HazardWords.list(target.givenUp)) may be refused"
            } else if target.required.isEmpty, !target.hasOutsideClients {
                Self.notKnown
            } else { nil }
        return refusal(
            of: GuardLook.Source.unknown.text, excuse == nil ? rest - before : rest, evidence,
            excuse: excuse)
    }

    // MARK: - Who is no workload

    private var probes: [GuardReport.Refusal] {
        let named = Set((sums[.refused] ?? [:]).keys).union(lines.map(\.source))
        return named.sorted().compactMap { source in
            guard case .probe = source else { return nil }
            let told = lines.filter { $0.source == source }
            return refusal(
                of: source.text, max(sum(.refused, source), told.count), evidence(source, told),
                excuse: Self.ownProbe)
        }
    }

    private var whileProbing: GuardReport.Refusal? {
        refusal(of: GuardLook.Source.unknown.text, probed, [], excuse: Self.ownProbe)
    }

    private var strangerLines: [GuardLook.Line] {
        lines.filter {
            switch $0.source {
            case .node, .address, .unknown: true
            case .workload, .probe: false
            }
        }
    }

    /// Whether it was refused at a port that somebody outside must reach: nobody gets in there then.
    private func countsOutside(_ line: GuardLook.Line) -> Bool {
        target.hasOutsideClients && counts(line)
            && (target.outsidePorts.isEmpty || target.outsidePorts.contains(line.port))
    }

    private var strangers: [GuardReport.Refusal] {
        let bySource = Dictionary(grouping: strangerLines, by: \.source)
        var found: [GuardReport.Refusal] = []
        for (isCounted, excuse) in [(true, nil), (false, Self.notFromOutside)] as [(Bool, String?)]
        {
            let parts = bySource.mapValues { $0.filter { countsOutside($0) == isCounted } }
                .filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
            found += parts.prefix(Self.strangersShown).map { source, told in
                refusal(
                    of: source.text, max(told.count, share(of: told)), evidence(told),
                    excuse: excuse)
            }
            let others = parts.dropFirst(Self.strangersShown)
            found.append(
                refusal(
                    of: "\(others.count) more addresses",
                    others.reduce(0) { $0.plus(max($1.value.count, share(of: $1.value))) }, [],
                    excuse: excuse))
        }
        return found
    }

    /// A port scan comes from where it likes.
    private static let strangersShown = 20

    /// What ztunnel counted of sources without a name, and its log does not tell.
    private var unknownToZtunnel: GuardReport.Refusal? {
        // The reader may know more names than ztunnel.
        let named = workloads.reduce(0) { total, name in
            let source = GuardLook.Source.workload(name)
            let told = lines.count {
                $0.source == source && ($0.kind == .refused || $0.kind == .denied)
            }
            return total.plus(max(0, told - sum(.refused, source)))
        }
        let strangers = strangerLines.filter { $0.kind != .unmatched }
        let counted = sum(.refused, .unknown)
        let rest = max(0, counted - min(counted, named.plus(strangers.count)))
        let counts =
            strangers.isEmpty ? target.hasOutsideClients : strangers.contains(where: countsOutside)
        let before = counts && strangers.isEmpty ? min(rest, usual(.refused, .unknown)) : 0
        return refusal(
            of: GuardLook.Source.unknown.text, rest - before,
            [Self.denied(counted) + (before > 0 ? "; \(before) of them as before the step" : "")],
            excuse: counts ? nil : Self.notFromOutside)
    }

    // MARK: - Words

    private static let closedOnce = "open connections are closed once, as the step takes effect"
    private static let notKnown = "not a known flow"
    private static let mayBeRefused =
        "it may be refused there, as the plan file or a person decided"
    private static let usersPolicy = "an AuthorizationPolicy with action DENY refuses it"
    private static let ownProbe = "meshctl asked it itself"
    private static let notFromOutside = "nobody outside is known to need it there"

    private static func times(_ count: Int) -> String { HazardWords.count(count, "time") }

    private static func denied(_ count: Int) -> String {
        "ztunnel closed \(HazardWords.count(count, "connection")) with the flag DENY"
    }

    private func evidence(
        _ source: GuardLook.Source, _ told: [GuardLook.Line], resets: Int? = nil
    ) -> [String] {
        var words: [String] = []
        if resets == nil, sum(.refused, source) > 0 {
            words.append(Self.denied(sum(.refused, source)))
        }
        let count = resets ?? sum(.reset, source)
        if count > 0 {
            words.append(
                "its sidecars counted \(HazardWords.count(count, "answer")) with the flag UC"
                    + (resets == nil ? " of \(max(count, sum(.sent, source)))" : ""))
        }
        return words + evidence(told)
    }

    private func evidence(_ told: [GuardLook.Line]) -> [String] {
        let byPort = Dictionary(grouping: told) { "\($0.kind.text) at port \($0.port)" }
        return byPort.sorted { $0.key < $1.key }.map { what, lines in
            let last = Timestamp(milliseconds: lines.map(\.at).max() ?? 0)
            return "access log: \(what), \(Self.times(lines.count)), last at \(last.rfc3339)"
        }
    }
}

extension GuardLook.Line.Kind {
    fileprivate var text: String {
        switch self {
        case .refused, .unmatched: "refused"
        case .denied: "denied by a user's policy"
        case .policyChange: "closed when the policies changed"
        }
    }
}
