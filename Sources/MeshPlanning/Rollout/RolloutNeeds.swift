import Diagnostics
import MeshModel

/// All writes that a plan asks for within a limit, before they have their order.
struct RolloutNeeds {
    let suggested: PlacedSteps
    let diagnostics: [Diagnostic]
    /// Mesh-wide writes, and those of the limit's own namespaces that rest on them, which the limit
    /// leaves out.
    let meshWide: [Change]

    /// - Parameter namespaces: those of the whole plan.
    init(
        _ plan: MeshPlan, _ namespaces: [ResolvedNamespace], state: MeshState,
        within limit: WaveLimit, options: RolloutPlanner.Options
    ) {
        let enrolment = EnrolmentNeeds(
            namespaces.filter { limit.includes($0.entry.wave) }, state: state)
        let policies = PolicyNeeds(
            plan, namespaces, enrolment: enrolment, state: state, prune: options.prune,
            within: limit)
        let traffic = TrafficNeeds(
            plan, namespaces, state: state, prune: options.prune, within: limit)
        suggested =
            StepOrder(
                enrolment: enrolment.needs, policies: policies.needs, traffic: traffic.needs,
                rollout: plan.rollout
            ).order
        diagnostics = enrolment.diagnostics + policies.diagnostics + traffic.diagnostics
        let last = options.through
        meshWide =
            policies.meshWide.filter { $0.stage <= last }.map { .policy($0.change) }
            + traffic.meshWide.filter { $0.stage <= last }.map { .traffic($0.change) }
    }

    /// What the limit leaves out, though it is nobody else's either.
    var meshWideNote: [Diagnostic] {
        guard !meshWide.isEmpty else { return [] }
        let objects = Set(meshWide.map(\.object)).sorted().map(\.text)
        return [
            Diagnostic(
                .meshStepsLeftOut, .note,
                "\(meshWide.count) mesh-wide \(meshWide.count == 1 ? "step is" : "steps are") "
                    + "left out",
                detail: "Mesh-wide steps need all waves: leave `--wave` out once these are done, "
                    + "for \(objects.shortList).")
        ]
    }
}
