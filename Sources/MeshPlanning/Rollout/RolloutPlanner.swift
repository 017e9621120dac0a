package import Diagnostics
package import MeshModel

/// The pipeline: a plan and an observed state in, a rollout out. Pure; equal inputs give equal rollouts.
package enum RolloutPlanner {
    package struct Options: Sendable, Equatable {
        /// The last stage to plan for.
        package var through: Stage
        /// Names of waves to limit the rollout to, `-` for what has none; empty for no limit.
        package var waves: [String]
        /// Delete what meshctl made for entries that left the plan, instead of only naming it.
        package var prune: Bool
        /// Texts of flows that may break, as a person decided with `--accept-breaking`.
        package var accepted: Set<String>
        /// Judges what has expired; nil where nothing is to be held against a date.
        package var today: CalendarDate?
        /// Whether an expired exception blocks the plan.
        package var strictExpiry: Bool

        package init(
            through: Stage = .strict, waves: [String] = [], prune: Bool = false,
            accepted: Set<String> = [], today: CalendarDate? = nil, strictExpiry: Bool = false
        ) {
            self.through = through
            self.waves = waves
            self.prune = prune
            self.accepted = accepted
            self.today = today
            self.strictExpiry = strictExpiry
        }
    }

    /// - Parameter dismissed: flows of which no account is taken; who is refused by that is expected.
    package static func plan(
        _ plan: MeshPlan, on observed: MeshState, flows: [Flow] = [], dismissed: [Flow] = [],
        options: Options = Options()
    ) -> PlannedRollout {
        let observed = observed.sorted
        let limit = WaveLimit(options.waves, of: plan)
        let resolution = NamespaceResolution(plan, in: observed, within: limit)
        let guarantee = FlowGuarantee(flows, on: observed)
        func needs(within limit: WaveLimit) -> RolloutNeeds {
            RolloutNeeds(
                plan, resolution.namespaces, state: observed, within: limit, options: options)
        }
        func search(_ needs: RolloutNeeds) -> OrderSearch {
            OrderSearch(
                needs.suggested, keeping: guarantee, accepted: options.accepted,
                plan: plan.name, chainsAtOnce: max(1, plan.rollout.limits.namespacesAtOnce),
                through: options.through)
        }
        let limited = needs(within: limit)
        let found = search(limited)
        var rollout = Rollout(
            steps: found.order.steps,
            settings: RunSettings(
                settle: plan.rollout.settle, confirm: plan.rollout.limits.confirm,
                abort: AbortRule(plan.rollout.abortOn ?? RolloutSettings.AbortOn())))
        let gates = GateTable(
            rollout.batches, of: plan, resolution.namespaces, on: observed,
            clients: KnownClients(
                found.guarantee, dismissed: dismissed, accepted: options.accepted, on: observed))
        rollout.gates = gates.checks
        rollout.soaks = gates.soaks
        rollout.guards = gates.guards
        var told =
            resolution.diagnostics + limited.diagnostics + limited.meshWideNote
            + UnmatchedFlows.diagnostics(
                options.accepted.sorted(), of: "--accept-breaking", among: flows)
        // A rollout that is blocked already lacks steps that these would ask for.
        if !told.hasErrors {
            let breaks = limit.isEverything ? [] : found.blockingBreaks
            let outside = OutsideWaves(breaks, of: options.waves, in: plan) { limit in
                search(needs(within: limit)).blockingBreaks
            }
            told += flowDiagnostics(found, outside, resolution.namespaces, options)
            told += EnrolmentProtection.diagnostics(
                for: rollout, of: resolution.namespaces, on: observed)
            told += MeshFlipCoverage.diagnostics(for: rollout, of: plan, on: observed)
            // Where no order is safe the steps are all there, in the order suggested: what is to be said of
            // their end is said in the same pass.
            told += Hazards.diagnostics(
                in: HazardContext(
                    plan: plan, namespaces: resolution.namespaces, observed: observed,
                    rollout: rollout, through: limited.suggested.steps.map(\.change),
                    within: limit, flows: found.untoldFlows, broken: found.blockingBreaks,
                    today: options.today, strictExpiry: options.strictExpiry),
                isBlocked: told.hasErrors)
        }
        return PlannedRollout(
            rollout: rollout, diagnostics: told,
            effectiveChanges: effectiveChanges(of: rollout, on: observed, found.guarantee))
    }

    private static func flowDiagnostics(
        _ search: OrderSearch, _ outside: OutsideWaves?, _ namespaces: [ResolvedNamespace],
        _ options: Options
    ) -> [Diagnostic] {
        let index = search.guarantee.world.index
        var report = FlowBreakReport(
            index: index, remedies: FlowRemedies(index: index, namespaces: namespaces),
            kind: .planned(gaveUp: search.gaveUp), accepted: options.accepted)
        let needless = Set((outside?.breaks ?? []).map(\.flow))
        var told = report.diagnostics(for: search.breaks.filter { !needless.contains($0.flow) })
        if let outside {
            report.kind = .limited(outside)
            told += report.diagnostics(for: outside.breaks)
        }
        return told + FlowExpectations.diagnostics(search.guarantee)
    }

    private static func effectiveChanges(
        of rollout: Rollout, on observed: MeshState, _ end: FlowGuarantee
    ) -> [EffectiveChange] {
        let tallies = end.tallies()
        return EffectiveChange.between(
            observed, observed.applying(rollout.steps.map(\.change))
        ).map { change in
            var change = change
            change.clients = tallies[change.workload] ?? []
            return change
        }
    }
}

/// A rollout with what has to be said about it. With an error among the diagnostics it is blocked.
package struct PlannedRollout: Sendable, Equatable {
    package var rollout: Rollout
    package var diagnostics: [Diagnostic]
    package var effectiveChanges: [EffectiveChange]

    package init(
        rollout: Rollout = Rollout(), diagnostics: [Diagnostic] = [],
        effectiveChanges: [EffectiveChange] = []
    ) {
        self.rollout = rollout
        self.diagnostics = diagnostics
        self.effectiveChanges = effectiveChanges
    }

    package var isBlocked: Bool { diagnostics.hasErrors }
}
