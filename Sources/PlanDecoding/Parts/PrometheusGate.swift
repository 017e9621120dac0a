import Diagnostics
import MeshModel

/// One item of `spec.gates.prometheus`
enum PrometheusGate {
    static let object = PlanObject(
        "A query whose value has to stay within bounds, of which there is at least one.",
        [
            PlanKey("name", .name(.label), "Names the gate in reports.", required: true),
            PlanKey("query", .text, "A PromQL query that gives one value.", required: true),
            PlanKey("minimum", .number, "The smallest value that passes."),
            PlanKey("maximum", .number, "The largest value that passes."),
        ])

    /// - Parameter server: nil where the plan file's has a mistake.
    static func gate(
        _ cursor: PlanCursor, _ server: PrometheusServer?
    ) -> GateSettings.PrometheusCheck? {
        guard let fields = cursor.fields(object) else { return nil }
        let name = fields["name"]?.name(.label)
        let query = fields["query"]?.text()
        let minimum = fields["minimum"]?.number()
        let maximum = fields["maximum"]?.number()
        if fields["minimum"] == nil, fields["maximum"] == nil {
            cursor.report(
                .missingKey, "`\(cursor.path)` needs the key `maximum` or `minimum`",
                detail: "Without a bound every value would pass.")
        }
        if let minimum, let maximum, minimum > maximum {
            cursor.report(
                .conflictingKeys, "`minimum` is larger than `maximum`",
                detail: "No value could pass.", at: fields.keyRange("minimum"))
        }
        guard let name, let query, let server else { return nil }
        var gate = GateSettings.PrometheusCheck(name: name, query: query, server: server)
        gate.minimum = minimum
        gate.maximum = maximum
        gate.range = fields["name"]?.place
        return gate
    }
}
