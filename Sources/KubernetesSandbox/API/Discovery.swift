import JSON

/// What the server says that it serves, in the forms of before and after aggregated discovery.
enum Discovery {
    /// The end of `gitVersion` by which a client knows a sandbox.
    static let versionSuffix = "+meshctl-sandbox"

    static let version: JSONValue = [
        "major": "1", "minor": "36", "gitVersion": .string("v1.36.2" + versionSuffix),
        "gitCommit": "8e16b12fda5b1dccc41a6de48b3e356cc7d5048b", "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "go1.26.3", "compiler": "gc",
        "platform": "linux/amd64",
    ]

    static let coreVersions: JSONValue = [
        "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [],
    ]

    private static var groupNames: [String] {
        Set(SandboxResource.all.map(\.group)).subtracting([""]).sorted()
    }

    static var groups: JSONValue {
        [
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": .array(groupNames.map { entry($0) }),
        ]
    }

    static func group(_ name: String) -> JSONValue? {
        guard groupNames.contains(name) else { return nil }
        var document = entry(name)
        document["kind"] = "APIGroup"
        document["apiVersion"] = "v1"
        return document
    }

    private static func entry(_ group: String) -> JSONValue {
        let versions = SandboxResource.all.filter { $0.group == group }.flatMap(\.versions)
            .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            .map { version -> JSONValue in
                ["groupVersion": .string("\(group)/\(version)"), "version": .string(version)]
            }
        return [
            "name": .string(group), "versions": .array(versions),
            "preferredVersion": versions.first ?? [:],
        ]
    }

    /// The resources of one version; nil where nothing is served under it.
    static func resources(group: String, version: String) -> JSONValue? {
        let served = SandboxResource.all.filter {
            $0.group == group && $0.versions.contains(version)
        }
        guard !served.isEmpty else { return nil }
        return [
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"),
            "resources": .array(served.flatMap(entries)),
        ]
    }

    private static func entries(_ resource: SandboxResource) -> [JSONValue] {
        var main: JSONValue = [
            "name": .string(resource.plural), "singularName": .string(resource.singular),
            "namespaced": .bool(resource.isNamespaced), "kind": .string(resource.kind),
            "verbs": .array(verbs(resource)),
        ]
        if !resource.shortNames.isEmpty {
            main["shortNames"] = .array(resource.shortNames.map(JSONValue.string))
        }
        if [
            "Pod", "Service", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job",
            "CronJob", "HorizontalPodAutoscaler",
        ].contains(resource.kind) {
            main["categories"] = ["all"]
        }
        func part(_ name: String, _ kind: String, _ verbs: [JSONValue]) -> JSONValue {
            [
                "name": .string("\(resource.plural)/\(name)"), "singularName": "",
                "namespaced": .bool(resource.isNamespaced), "kind": .string(kind),
                "verbs": .array(verbs),
            ]
        }
        let change: [JSONValue] = ["get", "patch", "update"]
        var all = [main]
        if resource.kind == "Pod" { all.append(part("log", "Pod", ["get"])) }
        if resource.features.contains(.scale) { all.append(part("scale", "Scale", change)) }
        if resource.hasStatus { all.append(part("status", resource.kind, change)) }
        return all
    }

    static func verbs(_ resource: SandboxResource) -> [JSONValue] {
        if resource.features.contains(.readOnly) { return ["get", "list", "watch"] }
        let collection: [JSONValue] = resource.kind == "Namespace" ? [] : ["deletecollection"]
        return ["create", "delete"] + collection + ["get", "list", "patch", "update", "watch"]
    }
}
