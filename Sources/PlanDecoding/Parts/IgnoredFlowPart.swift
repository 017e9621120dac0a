import Diagnostics
import MeshModel

/// One item of `spec.ignoreFlows`
enum IgnoredFlowPart {
    static let object = PlanObject(
        "Traffic that need not be kept; what is absent matches everything.",
        [
            PlanKey("from", .object(endpoint), "Who calls."),
            PlanKey("to", .object(endpoint), "Who is called."),
            PlanKey("reason", .text, "Why nobody will miss it.", required: true),
        ])

    static let endpoint = PlanObject(
        "One side of the traffic; what is absent matches everything.",
        [
            PlanKey("namespace", .name(.label), "The namespace."),
            PlanKey("workload", .pattern(WorkloadName.pattern), "A name, or `kind/name`."),
            PlanKey("service", .name(.label), "The Service."),
            PlanKey("port", .integer(PlanCursor.ports), "The port."),
        ])

    static func entry(_ cursor: PlanCursor) -> IgnoredFlow? {
        guard let fields = cursor.fields(object) else { return nil }
        let reason = fields["reason"]?.text()
        let from = fields["from"].flatMap(side)
        let to = fields["to"].flatMap(side)
        if fields["from"] == nil, fields["to"] == nil {
            cursor.report(
                .missingKey, "`\(cursor.path)` needs the key `from` or `to`",
                detail: "Without both it would dismiss all traffic.")
        }
        guard let reason else { return nil }
        var flow = IgnoredFlow(reason: reason)
        flow.from = from
        flow.to = to
        flow.range = cursor.place
        return flow
    }

    private static func side(_ cursor: PlanCursor) -> IgnoredFlow.Endpoint? {
        guard let fields = cursor.fields(endpoint) else { return nil }
        var side = IgnoredFlow.Endpoint()
        side.namespace = fields["namespace"]?.name(.label)
        side.workload = fields["workload"].flatMap(WorkloadName.text)
        side.service = fields["service"]?.name(.label)
        side.port = fields["port"]?.port()
        if fields.isEmpty {
            cursor.report(
                .invalidValue, "`\(cursor.key)` names nothing",
                detail: "An empty side matches all traffic; remove the key if that is meant.")
        }
        return side
    }
}
