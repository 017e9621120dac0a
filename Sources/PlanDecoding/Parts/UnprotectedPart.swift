import MeshModel

/// One item of a namespace's `unprotected`
enum UnprotectedPart {
    static let object = PlanObject(
        "A workload known to stay outside STRICT.",
        [
            PlanKey("selector", .labels, "Labels of the workload's pods.", required: true),
            PlanKey("reason", .text, "Why it cannot be protected.", required: true),
            PlanKey("owner", .text, "Who answers for it."),
        ])

    static func entry(_ cursor: PlanCursor) -> UnprotectedEntry? {
        guard let fields = cursor.fields(object) else { return nil }
        let selector = fields["selector"]?.selector()
        let reason = fields["reason"]?.text()
        let owner = fields["owner"]?.text()
        guard let selector, let reason else { return nil }
        return UnprotectedEntry(selector: selector, reason: reason, owner: owner)
    }
}
