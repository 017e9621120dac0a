import MeshModel

/// The whole file: `apiVersion`, `kind`, `metadata`, `spec`.
enum PlanRoot {
    static let apiVersion = "meshctl.dev/v1alpha1"
    static let kind = "MeshPlan"

    static let object = PlanObject(
        "The desired mesh, its rollout and its gates.",
        [
            PlanKey(
                "apiVersion", .oneOf([apiVersion]), "The version of this format.", required: true),
            PlanKey("kind", .oneOf([kind]), "What the file holds.", required: true),
            PlanKey("metadata", .object(metadata), "Names the plan.", required: true),
            PlanKey("spec", .object(spec), "The desired mesh.", required: true),
        ])

    static let metadata = PlanObject(
        "Names the plan.",
        [
            PlanKey(
                "name", .name(.label),
                "The plan's name; objects that meshctl creates carry it in the label "
                    + "`meshctl.dev/plan`.", required: true)
        ])

    static let spec = PlanObject(
        "The desired mesh; what is absent stays as it is.",
        [
            PlanKey("mesh", .object(MeshPart.object), "What holds for the whole mesh."),
            PlanKey(
                "namespaces", .list(.object(NamespacePart.object)),
                "Namespaces by name or selector, with the data plane and mode they should have."),
            PlanKey(
                "clients", .list(.object(ClientPart.object)),
                "Client-side TLS towards single hosts (DestinationRule)."),
            PlanKey(
                "external", .list(.object(ExternalPart.object)),
                "Hosts outside the cluster (ServiceEntry, and DestinationRule for `tls`)."),
            PlanKey(
                "flows", .list(.object(FlowPart.object)),
                "Traffic that must be carried, or must be refused."),
            PlanKey(
                "ignoreFlows", .list(.object(IgnoredFlowPart.object)),
                "Inferred or observed traffic that need not be kept."),
            PlanKey("rollout", .object(RolloutPart.object), "Order, pace and patience."),
            PlanKey(
                "gates", .object(GatesPart.object),
                "Settings of the built-in gates, and gates of your own."),
        ])

    static func plan(_ root: PlanFields) -> MeshPlan? {
        let name = root["metadata"]?.fields(metadata)?["name"]?.name(.label)
        guard let spec = root["spec"]?.fields(spec) else { return nil }
        var plan = MeshPlan(name: name ?? "")
        plan.keyRanges = spec.keyRanges
        if let mesh = spec["mesh"] { plan.mesh = MeshPart.entry(mesh) }
        if let rollout = spec["rollout"] { plan.rollout = RolloutPart.settings(rollout) }
        plan.namespaces = spec.list("namespaces", NamespacePart.entry)
        plan.clients = spec.list("clients", ClientPart.entry)
        plan.external = spec.list("external", ExternalPart.entry)
        plan.flows = spec.list("flows", FlowPart.entry)
        plan.ignoreFlows = spec.list("ignoreFlows", IgnoredFlowPart.entry)
        if let gates = spec["gates"] { plan.gates = GatesPart.settings(gates) }
        return plan
    }
}
