import JSON

/// How a field's value is merged and owned: the part of OpenAPI that server-side apply reads
/// (`x-kubernetes-list-type`, `x-kubernetes-list-map-keys`, `x-kubernetes-map-type`).
indirect enum FieldSchema: Sendable {
    /// Members with schemas of their own; one that is not listed is judged by its value:
    /// an object is a structure, a list is atomic.
    case structure([String: FieldSchema])
    /// Free keys, such as labels: each one is owned for itself.
    case map(FieldSchema)
    /// Owned and replaced as a whole.
    case atomic
    /// A list whose items are told apart by these keys.
    case keyed([String], FieldSchema)
    /// A list of unlike scalars.
    case set

    static let unlisted = FieldSchema.structure([:])

    func member(_ name: String) -> FieldSchema {
        switch self {
        case .structure(let fields): fields[name] ?? .unlisted
        case .map(let element): element
        case .atomic, .keyed, .set: .unlisted
        }
    }

    /// Whether `name` is a declared field rather than a key of a map.
    func declares(_ name: String) -> Bool {
        if case .map = self { false } else { true }
    }
}

extension FieldSchema {
    /// The schema of a resource's objects.
    static func of(_ resource: SandboxResource) -> FieldSchema {
        var fields: [String: FieldSchema] = ["metadata": metadata]
        if resource.isCustom {
            fields["spec"] = .structure([
                "selector": .structure(["matchLabels": strings]),
                "portLevelMtls": .map(.unlisted),
            ])
            return .structure(fields)
        }
        fields["status"] = status
        switch resource.kind {
        case "Pod": fields["spec"] = podSpec
        case "Service":
            fields["spec"] = .structure([
                "ports": .keyed(["port", "protocol"], .unlisted), "selector": .atomic,
            ])
        case "ConfigMap", "Secret":
            fields["data"] = strings
            fields["binaryData"] = strings
        case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job":
            fields["spec"] = .structure(["selector": .atomic, "template": template])
        case "CronJob":
            fields["spec"] = .structure([
                "jobTemplate": .structure([
                    "metadata": metadata,
                    "spec": .structure(["selector": .atomic, "template": template]),
                ])
            ])
        case "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration":
            fields["webhooks"] = .keyed(
                ["name"],
                .structure([
                    "namespaceSelector": .atomic, "objectSelector": .atomic,
                ]))
        default: fields["spec"] = .structure(["selector": .atomic, "podSelector": .atomic])
        }
        return .structure(fields)
    }

    private static let strings = FieldSchema.map(.unlisted)

    static let metadata = FieldSchema.structure([
        "labels": strings, "annotations": strings, "finalizers": .set,
        "ownerReferences": .keyed(["uid"], .atomic),
    ])

    private static let status = FieldSchema.structure([
        "conditions": .keyed(["type"], .unlisted), "podIPs": .keyed(["ip"], .unlisted),
    ])

    private static let template = FieldSchema.structure(["metadata": metadata, "spec": podSpec])

    private static let podSpec = FieldSchema.structure([
        "containers": .keyed(["name"], container),
        "initContainers": .keyed(["name"], container),
        "ephemeralContainers": .keyed(["name"], container),
        "volumes": .keyed(["name"], .unlisted),
        "imagePullSecrets": .keyed(["name"], .unlisted),
        "hostAliases": .keyed(["ip"], .unlisted),
        "nodeSelector": .atomic,
        "topologySpreadConstraints": .keyed(
            ["topologyKey", "whenUnsatisfiable"], .structure(["labelSelector": .atomic])),
    ])

    private static let container = FieldSchema.structure([
        "ports": .keyed(["containerPort", "protocol"], .unlisted),
        "env": .keyed(["name"], .unlisted),
        "volumeMounts": .keyed(["mountPath"], .unlisted),
        "volumeDevices": .keyed(["devicePath"], .unlisted),
        "resources": .structure(["limits": strings, "requests": strings]),
    ])
}

extension FieldSchema {
    /// The element that names `item` in a keyed list or a set; nil where its keys are missing.
    func element(of item: JSONValue) -> String? {
        switch self {
        case .keyed(let keys, _):
            var values: [String: JSONValue] = [:]
            for key in keys {
                let fallback = JSONValue("TCP").omitted(if: key != "protocol")
                guard let value = item[key] ?? fallback else { return nil }
                values[key] = value
            }
            return "k:" + JSONValue.object(values).canonicalText
        case .set: return "v:" + item.canonicalText
        case .structure, .map, .atomic: return nil
        }
    }

    /// The list's items under their elements, in order; nil where one has no key or two are alike,
    /// and then the list can only be taken as a whole.
    func items(of list: [JSONValue]) -> [(element: String, value: JSONValue)]? {
        var seen: Set<String> = []
        var items: [(String, JSONValue)] = []
        for value in list {
            guard let element = element(of: value), seen.insert(element).inserted else {
                return nil
            }
            items.append((element, value))
        }
        return items
    }

    var item: FieldSchema {
        if case .keyed(_, let item) = self { item } else { .unlisted }
    }
}
