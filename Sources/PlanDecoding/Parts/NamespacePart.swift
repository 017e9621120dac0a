import Diagnostics
import MeshModel

/// One item of `spec.namespaces`
enum NamespacePart {
    static let modes: [MTLSMode] = [.strict, .permissive, .disable, .unset]

    static let object = PlanObject(
        "A namespace by `name`, or all that a `selector` matches.",
        [
            PlanKey("name", .name(.label), "The namespace; wins over every selector."),
            PlanKey(
                "selector", .labels,
                "Labels of namespaces; never matches the root namespace or `kube-*`."),
            PlanKey(
                "dataplane", .oneOf(DesiredDataplane.allCases.map(\.rawValue)),
                "The data plane that pods should have; absent leaves it as it is."),
            PlanKey(
                "revision", .name(.labelValue),
                "With `dataplane: sidecar`: a revision or tag, written as `istio.io/rev` in place "
                    + "of `istio-injection`."),
            PlanKey(
                "enrolment", .oneOf(NamespaceEntry.Enrolment.allCases.map(\.rawValue)),
                "With `dataplane: ambient`: `rolling` labels the pod templates and rolls them "
                    + "first, so that no live connection is cut.", default: "namespace"),
            PlanKey(
                "mtls", .oneOf(modes.map(\.rawValue)),
                "The mode of the namespace's PeerAuthentication; `UNSET` removes the one that "
                    + "meshctl made, absent leaves it as it is."),
            PlanKey(
                "wave", .name(.label),
                "A wave of `rollout.waves`; namespaces without one come last."),
            PlanKey(
                "adopt", .flag, "Take over the namespace's policy that is there, under its name.",
                default: "false"),
            PlanKey(
                "exceptions", .list(.object(ExceptionPart.object)),
                "Workloads whose ports differ from the namespace's mode."),
            PlanKey(
                "unprotected", .list(.object(UnprotectedPart.object)),
                "Workloads known to stay outside STRICT."),
            PlanKey(
                "egress", .list(.pattern(EgressHost.pattern)),
                "Hosts that the namespace may call, as `namespace/host` (Sidecar resource)."),
            PlanKey(
                "acceptUnmanaged", .text,
                "Why pods that no controller owns may stay as they are until someone restarts them."
            ),
        ])

    static func entry(_ cursor: PlanCursor) -> NamespaceEntry? {
        guard let fields = cursor.fields(object) else { return nil }
        let subject = subject(fields)
        var entry = NamespaceEntry(subject ?? .name(""))
        entry.range = fields["name"]?.place ?? fields.keyRange("selector") ?? cursor.place
        entry.keyRanges = fields.keyRanges
        entry.waveRange = fields["wave"]?.place
        entry.dataplane = fields["dataplane"]?.choice(DesiredDataplane.allCases)
        entry.revision = revision(fields, dataplane: entry.dataplane)
        entry.enrolment = enrolment(fields, dataplane: entry.dataplane)
        entry.mtls = fields["mtls"]?.choice(modes)
        entry.wave = fields["wave"]?.name(.label)
        entry.adopt = fields["adopt"]?.flag() ?? false
        entry.exceptions = fields.list("exceptions", ExceptionPart.entry)
        entry.unprotected = fields.list("unprotected", UnprotectedPart.entry)
        if let cursor = fields["egress"] {
            entry.egress = fields.list("egress", EgressHost.text)
            if cursor.isEmptyList {
                cursor.report(
                    .invalidValue, "`egress` lists no host",
                    detail:
                        "Istio takes no empty list. Write `[\"~/*\"]` to let the namespace call "
                        + "nothing.")
            }
        }
        entry.acceptUnmanaged = fields["acceptUnmanaged"]?.text()
        return subject == nil ? nil : entry
    }

    private static func subject(_ fields: PlanFields) -> NamespaceEntry.Subject? {
        let name = fields["name"].map { $0.name(.label) }
        let selector = fields["selector"].map { $0.selector() }
        switch (name, selector) {
        case (.none, .none):
            fields.cursor.report(
                .missingKey, "`\(fields.cursor.path)` needs the key `name` or `selector`",
                detail: "`name` is one namespace, `selector` all namespaces with these labels.")
            return nil
        case (.some, .some):
            fields.cursor.report(
                .conflictingKeys, "`name` and `selector` exclude each other",
                detail: "Write two entries: one by name, one by selector.",
                at: fields.keyRange("selector"))
            return nil
        case (.some(let name), .none): return name.map { .name($0) }
        case (.none, .some(let selector)): return selector.map { .selector($0) }
        }
    }

    private static func revision(
        _ fields: PlanFields, dataplane: DesiredDataplane?
    ) -> String? {
        guard let cursor = fields["revision"] else { return nil }
        let revision = cursor.name(.labelValue)
        if fields["dataplane"] == nil || dataplane != nil, dataplane != .sidecar {
            cursor.report(
                .conflictingKeys, "`revision` needs `dataplane: sidecar`",
                detail: "A revision says which istiod injects the sidecars.",
                at: fields.keyRange("revision"))
        }
        return revision
    }

    private static func enrolment(
        _ fields: PlanFields, dataplane: DesiredDataplane?
    ) -> NamespaceEntry.Enrolment? {
        guard let cursor = fields["enrolment"] else { return nil }
        let enrolment = cursor.choice(NamespaceEntry.Enrolment.allCases)
        if fields["dataplane"] == nil || dataplane != nil, dataplane != .ambient {
            cursor.report(
                .conflictingKeys, "`enrolment` needs `dataplane: ambient`",
                detail: "It says how running pods get into the ambient mesh.",
                at: fields.keyRange("enrolment"))
        }
        return enrolment
    }
}
