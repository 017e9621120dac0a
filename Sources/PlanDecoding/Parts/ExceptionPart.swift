import Diagnostics
import MeshModel

/// One item of a namespace's `exceptions`
enum ExceptionPart {
    static let modes: [MTLSMode] = [.permissive, .strict, .disable]

    static let object = PlanObject(
        "A workload whose ports differ from its namespace's mode.",
        [
            PlanKey(
                "name", .name(.subdomain),
                "Names the PeerAuthentication, after `meshctl-`; unique in the namespace.",
                required: true),
            PlanKey("selector", .labels, "Labels of the workload's pods.", required: true),
            PlanKey(
                "ports", .ports(modes.map(\.rawValue)),
                "Container ports, never Service ports, each with its mode.", required: true),
            PlanKey("reason", .text, "Why the exception is needed.", required: true),
            PlanKey("owner", .text, "Who answers for it."),
            PlanKey("expires", .date, "The last day on which nobody asks about it."),
            PlanKey(
                "adopt", .flag, "Take over the policy that is there, under its name.",
                default: "false"),
        ])

    static func entry(_ cursor: PlanCursor) -> ExceptionEntry? {
        guard let fields = cursor.fields(object) else { return nil }
        let name = fields["name"].flatMap(objectName)
        let selector = fields["selector"]?.selector()
        let ports = fields["ports"]?.ports(modes, kind: "container")
        let reason = fields["reason"]?.text()
        let owner = fields["owner"]?.text()
        let expires = fields["expires"]?.date()
        let adopt = fields["adopt"]?.flag()
        guard let name, let selector, let ports, let reason else { return nil }
        var entry = ExceptionEntry(name: name, selector: selector, ports: ports, reason: reason)
        entry.owner = owner
        entry.expires = expires
        entry.adopt = adopt ?? false
        entry.range = fields["name"]?.place
        return entry
    }

    /// The policy is called `meshctl-` and this name, which together have to be a name.
    private static func objectName(_ cursor: PlanCursor) -> String? {
        guard let name = cursor.name(.subdomain) else { return nil }
        guard KubernetesName.Form.subdomain.accepts("meshctl-" + name) else {
            cursor.report(
                .invalidValue, "the exception's name is too long",
                detail: "Its policy is called `meshctl-NAME`, at most 253 characters.")
            return nil
        }
        return name
    }
}
