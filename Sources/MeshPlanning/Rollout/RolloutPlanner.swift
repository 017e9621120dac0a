package import Diagnostics
package import MeshModel

/// The pipeline: a plan and an observed state in, a rollout out. Pure; equal inputs give equal rollouts.
package enum RolloutPlanner {
    package struct Options: Sendable, Equatable {
        /// The last stage to plan for.
        package var through: Stage
        /// Delete what meshctl made for entries that left the plan, instead of only naming it.
        package var prune: Bool
        /// Texts of flows that may break, as a person decided with `--accept-breaking`.
        package var accepted: Set<String>
        /// Judges what has expired; nil where nothing is to be held against a date.
        package var today: CalendarDate?
        /// Whether an expired exception blocks the plan.
        package var strictExpiry: Bool

        package init(
            through: Stage = .strict, prune: Bool = false, accepted: Set<String> = [],
            today: CalendarDate? = nil, strictExpiry: Bool = false
        ) {
            self.through = through
            self.prune = prune
            self.accepted = accepted
            self.today = today
            self.strictExpiry = strictExpiry
        }
    }

    package static func plan(
        _ plan: MeshPlan, on observed: MeshState, flows: [Flow] = [], options: Options = Options()
    ) -> PlannedRollout {
        let observed = observed.sorted
        let resolution = NamespaceResolution(plan, in: observed)
        let enrolment = EnrolmentNeeds(resolution.namespaces, state: observed)
        let policies = PolicyNeeds(
            plan, resolution.namespaces, enrolment: enrolment, state: observed,
            prune: options.prune)
        let traffic = TrafficNeeds(
            plan, resolution.namespaces, state: observed, prune: options.prune)
        let suggested = StepOrder(
            enrolment: enrolment.needs, policies: policies.needs, traffic: traffic.needs,
            rollout: plan.rollout
        ).order
        let search = OrderSearch(
            suggested, keeping: FlowGuarantee(flows, on: observed), accepted: options.accepted,
            plan: plan.name, chainsAtOnce: max(1, plan.rollout.limits.namespacesAtOnce),
            through: options.through)
        let rollout = Rollout(
            steps: search.order.steps,
            settings: RunSettings(
                settle: plan.rollout.settle, confirm: plan.rollout.limits.confirm))
        var found =
            resolution.diagnostics + enrolment.diagnostics + policies.diagnostics
            + traffic.diagnostics
            + UnmatchedFlows.diagnostics(
                options.accepted.sorted(), of: "--accept-breaking", among: flows)
        // A rollout that is blocked already lacks steps that these would ask for.
        if !found.hasErrors {
            found += flowDiagnostics(search, resolution.namespaces, options)
            found += EnrolmentProtection.diagnostics(
                for: rollout, of: resolution.namespaces, on: observed)
            found += MeshFlipCoverage.diagnostics(for: rollout, of: plan, on: observed)
            // Where no order is safe the steps are all there, in the order suggested: what is to be said of
            // their end is said in the same pass.
            found += Hazards.diagnostics(
                in: HazardContext(
                    plan: plan, namespaces: resolution.namespaces, observed: observed,
                    rollout: rollout, through: suggested.steps.map(\.change),
                    flows: search.untoldFlows, broken: search.blockingBreaks,
                    today: options.today, strictExpiry: options.strictExpiry),
                isBlocked: found.hasErrors)
        }
        return PlannedRollout(
            rollout: rollout, diagnostics: found,
            effectiveChanges: effectiveChanges(of: rollout, on: observed, search.guarantee))
    }

    private static func flowDiagnostics(
        _ search: OrderSearch, _ namespaces: [ResolvedNamespace], _ options: Options
    ) -> [Diagnostic] {
        let index = search.guarantee.world.index
        return FlowBreakReport(
            index: index, remedies: FlowRemedies(index: index, namespaces: namespaces),
            kind: .planned(gaveUp: search.gaveUp), accepted: options.accepted
        ).diagnostics(for: search.breaks) + FlowExpectations.diagnostics(search.guarantee)
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
