import MeshModel
import Timing

/// Which gates stand where in a rollout, and after which batches refusals are watched (`docs/gates.md`).
///
/// What a batch does decides: who gets stricter, who is about to be enrolled, who restarts. A gate that
/// cannot apply is not there, such as ztunnel's where nobody is in the ambient mesh; that is concluded from
/// the plan and what is installed, never from what could not be read.
struct GateTable {
    private(set) var checks: [GateCheck] = []
    private(set) var soaks: [Soak] = []
    private(set) var guards: [TrafficGuard] = []

    private let plan: MeshPlan
    /// Why pods that no controller owns may stay as they are, by namespace.
    private let unmanaged: [String: String]
    /// Names of approvals that stand somewhere already: one before a stage is asked once.
    private var approvalsAsked: Set<String> = []
    private var guarded: Set<StageAndWave> = []
    private var facts: GateFacts

    /// Watched at least this long where somebody got stricter: sidecars drain old connections for 45 s
    /// (istio `drainDuration`), and only then is refused who relied on them.
    private static let shortestStrictSoak = Duration.seconds(60)
    /// Watched at least this long where pods were captured: refusals take a few looks to tell.
    private static let shortestCaptureSoak = Duration.seconds(30)

    init(
        _ steps: [[Step]], of plan: MeshPlan, _ namespaces: [ResolvedNamespace],
        on observed: MeshState, clients: KnownClients
    ) {
        self.plan = plan
        unmanaged = namespaces.acceptedUnmanaged
        facts = GateFacts(
            observed, after: steps.flatMap(\.self).map(\.change), clients: clients)
        var stages: Set<StageAndWave> = []
        var tightening: Set<StageAndWave> = []
        var tightened: [(batch: Int, workloads: Set<String>)] = []
        var last: [StageAndWave: Int] = [:]
        for batch in steps {
            guard let first = batch.first else { continue }
            let targets = facts.tightened(by: batch)
            let places = Set(batch.map { StageAndWave(phase: $0.phase, wave: $0.wave) })
            add(batch, targets, opening: places.subtracting(stages))
            if let guarded = facts.trafficGuard(of: batch, tightening: targets) {
                guards.append(guarded)
                self.guarded.formUnion(places)
            }
            stages.formUnion(places)
            if !targets.isEmpty {
                tightened.append((first.batch, Set(targets.map(\.target.workload))))
            }
            for place in places { last[place] = first.batch }
            if !targets.isEmpty { tightening.formUnion(places) }
        }
        addRefusals(tightened)
        soaks = soaks(last: last, tightening: tightening)
        checks.sort { a, b in
            (a.round.batch, a.round.moment == .before ? 0 : 1, a.question.gate.place)
                < (b.round.batch, b.round.moment == .before ? 0 : 1, b.question.gate.place)
        }
    }

    private static let unverifiedVersion = "unverified-version"

    private struct StageAndWave: Hashable {
        var phase: Phase
        var wave: String?
    }

    private mutating func add(
        _ batch: [Step], _ targets: [Tightening], opening: Set<StageAndWave>
    ) {
        let before = GateRound(.before, batch: batch[0].batch)
        let after = GateRound(.after, batch: batch[0].batch)
        var questions = facts.health(batch, targets, plan.gates)
        if !targets.isEmpty {
            questions += GateQuestion.ofTightening(targets, plan.gates, unmanaged: unmanaged)
            let probes = plan.gates.probes.filter { $0.expect == .success }
            checks += plan.gates.prometheus.map {
                GateCheck(after, .prometheus(PrometheusQuery($0)))
            }
            checks += probes.map { GateCheck(after, .probe(ProbeRequest($0))) }
        }
        if let restarts = facts.injectable(batch) { questions.append(.injectable(restarts)) }
        questions.append(.flowsCarried(FlowsCarried(batch: before.batch)))
        questions += approvals(batch, opening: opening, tightens: !targets.isEmpty).map {
            .approval($0)
        }
        checks += questions.map { GateCheck(before, $0) }
    }

    /// A request that is to be refused has to be answered before its target gets stricter for the first time,
    /// and is refused once it has for the last. Who answers some URLs is not known: then everybody counts.
    private mutating func addRefusals(_ tightened: [(batch: Int, workloads: Set<String>)]) {
        for probe in plan.gates.probes where probe.expect == .refused {
            let target = facts.workloads(answering: probe)
            let batches = tightened.filter { target?.isDisjoint(with: $0.workloads) != true }
            guard let first = batches.first, let last = batches.last else { continue }
            checks += [
                GateCheck(
                    GateRound(.before, batch: first.batch),
                    .probe(ProbeRequest(probe, expects: .successBeforeRefusal))),
                GateCheck(
                    GateRound(.after, batch: last.batch),
                    .probe(ProbeRequest(probe, expects: .refused))),
            ]
        }
    }

    /// A person's word: as the plan file asks for it, and before what is felt in any case.
    private mutating func approvals(
        _ batch: [Step], opening: Set<StageAndWave>, tightens: Bool
    ) -> [ApprovalAsked] {
        var named = plan.gates.approvals.filter { approval in
            !approvalsAsked.contains(approval.name)
                && opening.contains {
                    $0.phase == Phase(approval.stage)
                        && (approval.wave == nil || approval.wave == $0.wave)
                }
        }.map {
            ApprovalAsked(
                name: $0.name,
                why: "before stage \($0.stage.rawValue)" + ($0.wave.map { ", wave \($0)" } ?? ""))
        }
        if tightens, !facts.isVersionVerified, !approvalsAsked.contains(Self.unverifiedVersion) {
            named.append(
                ApprovalAsked(
                    name: Self.unverifiedVersion,
                    why:
                        "STRICT with Istio \(facts.version?.text ?? "of unknown version"), for which "
                        + "the verdicts were not verified"))
        }
        approvalsAsked.formUnion(named.map(\.name))
        return named
            + StepMark.allCases.compactMap { mark in
                let marked = batch.filter { $0.marks.contains(mark) }.map(\.change.object.text)
                guard !marked.isEmpty else { return nil }
                return ApprovalAsked(
                    name: mark.rawValue, why: "\(mark.meaning): \(marked.joined(separator: ", "))")
            }
    }

    private func soaks(
        last: [StageAndWave: Int], tightening: Set<StageAndWave>
    ) -> [Soak] {
        var soaks: [Soak] = []
        for (place, batch) in last {
            let stage = Stage.allCases.first { Phase($0) == place.phase }
            let wanted = stage.flatMap { plan.rollout.soak[$0] } ?? .zero
            let shortest =
                tightening.contains(place)
                ? Self.shortestStrictSoak
                : guarded.contains(place) ? Self.shortestCaptureSoak : .zero
            let duration = max(wanted, shortest)
            guard duration > .zero else { continue }
            soaks.append(
                Soak(
                    batch: batch, phase: place.phase, wave: place.wave,
                    milliseconds: duration.wholeMilliseconds))
        }
        // Several waves may end with one batch: it is watched as long as the most careful of them wants.
        return Dictionary(grouping: soaks, by: \.batch).values.compactMap { together in
            together.max { ($0.milliseconds, $0.wave ?? "") < ($1.milliseconds, $1.wave ?? "") }
        }.sorted { $0.batch < $1.batch }
    }
}

extension [ResolvedNamespace] {
    /// Why pods that no controller owns may stay as they are, by namespace.
    var acceptedUnmanaged: [String: String] {
        Dictionary(
            compactMap { resolved in resolved.entry.acceptUnmanaged.map { (resolved.name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}

extension Gate {
    var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension StepMark {
    fileprivate var meaning: String {
        switch self {
        case .loosens: "a port that is STRICT now is opened for a while"
        case .disruptive: "clients notice the restart"
        }
    }
}
