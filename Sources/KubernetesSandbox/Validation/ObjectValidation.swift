import JSON

/// What an API server refuses in an object: `Invalid` with one cause per field.
enum ObjectValidation {
    typealias Cause = APIStatus.Cause

    static func causes(_ object: JSONValue, _ resource: SandboxResource) -> [Cause] {
        var causes = metadata(object, resource)
        switch resource.qualifiedName {
        case "peerauthentications.security.istio.io": causes += peerAuthentication(object)
        case "destinationrules.networking.istio.io", "serviceentries.networking.istio.io",
            "sidecars.networking.istio.io":
            causes += TrafficSchema.causes(object["spec"] ?? [:], resource)
        case "deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps":
            causes += workload(object)
        case "pods": causes += podSpec(object["spec"] ?? [:], at: "spec")
        default: break
        }
        return causes
    }

    /// What an update must not change.
    static func immutable(from old: JSONValue, to new: JSONValue) -> [Cause] {
        var causes: [Cause] = []
        if !new.uid.isEmpty, new.uid != old.uid {
            causes.append(invalid("metadata.uid", .string(new.uid), "field is immutable"))
        }
        return causes
    }

    private static func invalid(_ field: String, _ value: JSONValue, _ why: String) -> Cause {
        Cause(
            reason: "FieldValueInvalid", message: "Invalid value: \(value.canonicalText): \(why)",
            field: field)
    }

    private static func required(_ field: String, _ why: String = "") -> Cause {
        Cause(
            reason: "FieldValueRequired",
            message: "Required value" + (why.isEmpty ? "" : ": \(why)"), field: field)
    }

    private static func metadata(_ object: JSONValue, _ resource: SandboxResource) -> [Cause] {
        var causes: [Cause] = []
        let name = object.name
        let (isValid, rule) =
            switch resource.qualifiedName {
            case "namespaces": (Names.isLabel(name), Names.labelRule)
            case "services": (Names.isServiceLabel(name), Names.serviceLabelRule)
            default: (Names.isSubdomain(name), Names.subdomainRule)
            }
        if name.isEmpty {
            causes.append(required("metadata.name", "name or generateName is required"))
        } else if !isValid {
            causes.append(invalid("metadata.name", .string(name), rule))
        }
        for (key, value) in object.labels.sorted(by: { $0.key < $1.key }) {
            if !Names.isLabelKey(key) {
                causes.append(invalid("metadata.labels", .string(key), Names.labelKeyRule))
            }
            if !Names.isLabelValue(value) {
                causes.append(invalid("metadata.labels", .string(value), Names.labelValueRule))
            }
        }
        for key in object.annotations.keys.sorted() where !Names.isLabelKey(key.lowercased()) {
            causes.append(invalid("metadata.annotations", .string(key), Names.labelKeyRule))
        }
        return causes
    }

    private static let modes = ["UNSET", "DISABLE", "PERMISSIVE", "STRICT"]

    /// The CRD's schema and its one rule (istio `security/v1/peer_authentication.proto`).
    private static func peerAuthentication(_ object: JSONValue) -> [Cause] {
        guard let spec = object["spec"] else { return [] }
        var causes: [Cause] = []
        func check(_ mode: JSONValue?, _ field: String) {
            guard let mode else { return }
            guard !modes.contains(mode.string ?? "") else { return }
            let supported = modes.map { "\"\($0)\"" }.joined(separator: ", ")
            causes.append(
                Cause(
                    reason: "FieldValueNotSupported",
                    message:
                        "Unsupported value: \(mode.canonicalText): supported values: \(supported)",
                    field: field))
        }
        check(spec["mtls"]?["mode"], "spec.mtls.mode")
        let ports = spec["portLevelMtls"]?.object ?? [:]
        for (port, value) in ports.sorted(by: { $0.key < $1.key }) {
            check(value["mode"], "spec.portLevelMtls[\(port)].mode")
            if !(Int(port).map { (1...65_535).contains($0) } ?? false) {
                causes.append(
                    invalid("spec.portLevelMtls", .string(port), "port must be between 1-65535"))
            }
        }
        guard causes.isEmpty else {
            causes.append(
                Cause(
                    reason: "FieldValueInvalid",
                    message: "Invalid value: null: some validation rules were not checked because "
                        + "the object was invalid; correct the existing errors to complete validation",
                    field: "<nil>"))
            return causes
        }
        let selected = spec["selector"]?["matchLabels"]?.object ?? [:]
        if !ports.isEmpty, selected.isEmpty {
            causes.append(
                Cause(
                    reason: "FieldValueInvalid",
                    message: "Invalid value: portLevelMtls requires selector", field: "spec"))
        }
        return causes
    }

    private static func workload(_ object: JSONValue) -> [Cause] {
        let spec = object["spec"] ?? [:]
        let selector = LabelQuery(selector: spec["selector"])
        guard !selector.isEmpty else { return [required("spec.selector")] }
        let template = spec["template"] ?? [:]
        var causes: [Cause] = []
        if !selector.matches(template.labels) {
            causes.append(
                invalid(
                    "spec.template.metadata.labels", JSONValue(template.labels),
                    "`selector` does not match template `labels`"))
        }
        return causes + podSpec(template["spec"] ?? [:], at: "spec.template.spec")
    }

    private static func podSpec(_ spec: JSONValue, at field: String) -> [Cause] {
        let containers = spec["containers"]?.array ?? []
        guard !containers.isEmpty else { return [required("\(field).containers")] }
        return containers.enumerated().flatMap { index, container in
            var causes: [Cause] = []
            if container["name"]?.string ?? "" == "" {
                causes.append(required("\(field).containers[\(index)].name"))
            }
            if container["image"]?.string ?? "" == "" {
                causes.append(required("\(field).containers[\(index)].image"))
            }
            return causes
        }
    }
}
