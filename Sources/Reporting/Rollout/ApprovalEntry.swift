import MeshPlanning

/// Something that a person has to approve before a rollout goes on.
package struct ApprovalEntry: Encodable, Sendable, Hashable {
    /// As `apply --approve` takes it.
    package var name: String
    package var why: String
    /// The step before whose batch it is asked for the first time.
    package var beforeStep: String

    /// Each name once, in the order in which they are asked.
    static func all(of rollout: Rollout) -> [ApprovalEntry] {
        let firstSteps = Dictionary(
            rollout.steps.map { ($0.batch, $0.id.number) }, uniquingKeysWith: min)
        var names: Set<String> = []
        return rollout.gates.compactMap { check in
            guard case .approval(let asked) = check.question, names.insert(asked.name).inserted
            else { return nil }
            return ApprovalEntry(
                name: asked.name, why: asked.why,
                beforeStep: firstSteps[check.round.batch].map(String.init) ?? "")
        }
    }
}
