import Diagnostics
package import MeshModel

/// On a fresh read, the steps of the batch break no required flow.
package struct FlowsCarried: Sendable, Hashable, Codable {
    /// The batch that is about to start.
    package var batch: Int

    package init(batch: Int) { self.batch = batch }
}

extension FlowsCarried: GateRule {
    package static var gate: Gate { .flowsCarried }

    /// Nothing of it is sampled pod by pod: the flows are a `FlowCatalogue`'s, made of the same state.
    package struct Sample: Sendable {
        package var state: MeshState
        package var flows: [Flow]
        /// The rollout's; those of the batch count.
        package var steps: [Step]
        /// Texts of flows that may break, as a person decided with `--accept-breaking`.
        package var accepted: Set<String>

        package init(
            state: MeshState, flows: [Flow], steps: [Step], accepted: Set<String> = []
        ) {
            self.state = state
            self.flows = flows
            self.steps = steps
            self.accepted = accepted
        }
    }

    package func findings(in sample: Sample) -> [GateFinding] {
        let steps = sample.steps.filter { $0.batch == batch }
        guard !steps.isEmpty else {
            return [doubt(about: subject, in: nil, because: "the rollout has no such batch")]
        }
        var guarantee = FlowGuarantee(sample.flows, on: sample.state)
        let touched = guarantee.affected(by: steps)
            .filter { sample.flows[$0].isRequired && !guarantee.flows[$0].pairs.isEmpty }
        let breaks = guarantee.take(steps).sorted { $0.key < $1.key }.map(\.value)
        let required = breaks.filter {
            $0.flow.isRequired && !sample.accepted.contains($0.flow.text)
        }
        let index = guarantee.world.index
        let found =
            failures(
                required.filter { $0.after.outcome != .unknown }, index,
                isWayBack: steps.contains(where: \.phase.isOfRollback))
            + self.doubts(required.filter { $0.after.outcome == .unknown }, index)
            + unreadDoubts(in: sample.state, steps)
        guard found.isEmpty else { return found }
        let tolerated = breaks.map {
            "\($0.flow.text) breaks: \($0.flow.isRequired ? "accepted" : "not required")"
        }
        return [
            finding(
                .pass, about: subject, "breaks no required flow",
                evidence: [
                    "required flows that its steps touch: \(touched.count), of "
                        + "\(HazardWords.count(sample.flows.count, "flow")) known"
                ] + GateWords.evidence(tolerated))
        ]
    }

    private var subject: String { "batch \(batch)" }

    private func failures(
        _ breaks: [FlowBreak], _ index: FlowIndex, isWayBack: Bool
    ) -> [GateFinding] {
        let (hint, command) =
            isWayBack
            ? (
                "The cluster has changed since the rollback was planned. Given again, the command "
                    + "leaves out what would break the flow.", "meshctl rollback"
            )
            : (
                "The cluster has changed since the plan was made: plan again. To let the flow "
                    + "break, give --accept-breaking.", "meshctl plan"
            )
        return report(index).diagnostics(for: breaks).map { found in
            finding(
                .fail, about: subject, found.message,
                evidence: [found.detail].compactMap(\.self), hint: hint, command: command)
        }
    }

    /// Each in the namespace of the server, where the plan file can accept it.
    private func doubts(_ breaks: [FlowBreak], _ index: FlowIndex) -> [GateFinding] {
        let groups = Dictionary(grouping: breaks) { $0.flow.server.namespace ?? "" }
        return groups.sorted { $0.key < $1.key }.flatMap { namespace, breaks in
            report(index).diagnostics(for: breaks).map { found in
                doubt(
                    about: subject, in: namespace.isEmpty ? nil : namespace,
                    because: found.message, evidence: [found.detail].compactMap(\.self),
                    command: "meshctl explain flow")
            }
        }
    }

    private func unreadDoubts(in state: MeshState, _ steps: [Step]) -> [GateFinding] {
        let unread = state.flows.unreadable.sorted()
        guard !unread.isEmpty else { return [] }
        return doubts(
            in: steps.map(\.change.namespace),
            because: "these kinds may not be listed, and flows that they lead are not known: "
                + unread.shortList)
    }

    private func report(_ index: FlowIndex) -> FlowBreakReport {
        FlowBreakReport(
            index: index, remedies: FlowRemedies(index: index, namespaces: []), kind: .asked)
    }
}
