import MeshModel

/// One item of `spec.gates.accept`
enum AcceptedDoubtPart {
    /// An approval is never inconclusive: it is there or it is not.
    static let gates = Gate.allCases.filter { $0 != .approval }

    static let object = PlanObject(
        "An inconclusive gate that somebody answers for; a failed one cannot be accepted.",
        [
            PlanKey("gate", .oneOf(gates.map(\.rawValue)), "The gate.", required: true),
            PlanKey(
                "namespace", .name(.label), "The namespace for which it may be inconclusive.",
                required: true),
            PlanKey("reason", .text, "Why there is no data.", required: true),
            PlanKey("owner", .text, "Who answers for it.", required: true),
            PlanKey(
                "expires", .date, "The last day on which it is accepted.", required: true),
        ])

    static func entry(_ cursor: PlanCursor) -> GateSettings.AcceptedDoubt? {
        guard let fields = cursor.fields(object) else { return nil }
        let gate = fields["gate"]?.choice(gates)
        let namespace = fields["namespace"]?.name(.label)
        let reason = fields["reason"]?.text()
        let owner = fields["owner"]?.text()
        let expires = fields["expires"]?.date()
        guard let gate, let namespace, let reason, let owner, let expires else { return nil }
        return GateSettings.AcceptedDoubt(
            gate: gate, namespace: namespace, reason: reason, owner: owner, expires: expires)
    }
}
