import JSON
package import MeshModel

/// An AuthorizationPolicy, `security.istio.io/v1` and its betas.
package struct AuthorizationPolicyResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        struct Selector: Decodable { var matchLabels: JSONMap<String>? }
        struct Source: Decodable { var source: JSONValue? }
        struct Operation: Decodable { var operation: JSONValue? }
        struct Condition: Decodable { var key: String? }
        struct Rule: Decodable {
            var from: [Source]?
            var to: [Operation]?
            var when: [Condition]?
        }

        var selector: Selector?
        var targetRef: JSONValue?
        var targetRefs: [JSONValue]?
        var action: String?
        var rules: [Rule]?
    }

    package let policy: AuthorizationPolicy

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        policy = AuthorizationPolicy(
            meta: metadata.meta(defaultNamespace: "default"),
            selector: spec?.selector.map { LabelSelector($0.matchLabels?.values ?? [:]) },
            hasTargetRefs: spec?.targetRef != nil || !(spec?.targetRefs ?? []).isEmpty,
            action: spec?.action.flatMap(AuthorizationPolicy.Action.init(rawValue:)) ?? .allow,
            rules: (spec?.rules ?? []).map(Self.rule))
    }

    private static func rule(_ rule: Spec.Rule) -> AuthorizationPolicy.Rule {
        func written(_ value: JSONValue?) -> [String] {
            (value?.object ?? [:]).filter { $0.value.array?.isEmpty == false }.map(\.key)
        }
        let fields = Set(
            (rule.from ?? []).flatMap { written($0.source) }
                + (rule.to ?? []).flatMap { written($0.operation) }
                + (rule.when ?? []).compactMap(\.key))
        return AuthorizationPolicy.Rule(
            identityFields: fields.intersection(identityFields),
            httpFields: fields.filter { httpFields.contains($0) || $0.hasPrefix("request.") })
    }

    private static let identityFields: Set<String> = [
        "principals", "notPrincipals", "namespaces", "notNamespaces", "serviceAccounts",
        "notServiceAccounts", "source.principal", "source.namespace", "source.serviceAccount",
    ]

    /// What ztunnel does not support (istio
    /// `pilot/pkg/serviceregistry/ambient/authorization.go:handleRule`).
    private static let httpFields: Set<String> = [
        "requestPrincipals", "notRequestPrincipals", "remoteIpBlocks", "notRemoteIpBlocks",
        "hosts", "notHosts", "methods", "notMethods", "paths", "notPaths", "remote.ip",
    ]
}
