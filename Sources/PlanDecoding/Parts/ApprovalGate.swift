import MeshModel

/// One item of `spec.gates.approval`
enum ApprovalGate {
    static let object = PlanObject(
        "A person's word before a stage or wave.",
        [
            PlanKey(
                "name", .name(.label), "The name to give to `apply --approve`.", required: true),
            PlanKey("before", .object(before), "What waits for it.", required: true),
        ])

    static let before = PlanObject(
        "What waits for the approval.",
        [
            PlanKey(
                "stage", .oneOf(Stage.allCases.map(\.rawValue)), "The stage.", required: true),
            PlanKey("wave", .name(.label), "Only this wave of the stage.", default: "all waves"),
        ])

    static func gate(_ cursor: PlanCursor) -> GateSettings.Approval? {
        guard let fields = cursor.fields(object) else { return nil }
        let name = fields["name"]?.name(.label)
        let before = fields["before"]?.fields(before)
        let stage = before?["stage"]?.choice(Stage.allCases)
        let wave = before?["wave"]?.name(.label)
        guard let name, let stage else { return nil }
        var approval = GateSettings.Approval(name: name, stage: stage, wave: wave)
        approval.range = fields["name"]?.place
        approval.waveRange = before?["wave"]?.place
        return approval
    }
}
