import HTTPTypes
import JSON
import Timing

/// Who asks. Without a token, or with `sandbox`, it is the administrator; the token `restricted` may
/// nothing but ask what it may; every other token is refused.
struct SandboxUser {
    let name: String
    let isRestricted: Bool

    init(_ request: SandboxRequest) throws(APIStatus) {
        switch request.fields[.authorization] {
        case nil, "Bearer sandbox":
            name = "sandbox-admin"
            isRestricted = false
        case "Bearer restricted":
            name = "restricted"
            isRestricted = true
        default: throw .unauthorized
        }
    }

    /// Secrets are closed to everybody: nothing that meshctl does may need them.
    func check(_ scope: RequestScope) throws(APIStatus) {
        guard isRestricted || scope.resource.qualifiedName == "secrets" else { return }
        let place =
            scope.resource.plural == "namespaces" && !scope.name.isEmpty
            ? "in the namespace \"\(scope.name)\""
            : scope.namespace.isEmpty
                ? "at the cluster scope" : "in the namespace \"\(scope.namespace)\""
        throw .forbidden(
            scope.resource, scope.name,
            "User \"\(name)\" cannot \(Self.verb(scope)) resource \"\(scope.resource.plural)\" "
                + "in API group \"\(scope.resource.group)\" \(place)")
    }

    private static func verb(_ scope: RequestScope) -> String {
        switch scope.request.method {
        case .post: "create"
        case .put: "update"
        case .patch: "patch"
        case .delete: scope.name.isEmpty ? "deletecollection" : "delete"
        default: scope.name.isEmpty ? (scope.request.flag("watch") ? "watch" : "list") : "get"
        }
    }

    /// `SelfSubjectReview` and the access reviews.
    func review(
        _ plural: String, _ request: SandboxRequest, now: Timestamp
    ) throws(APIStatus) -> JSONValue {
        let body = try BodyReader.document(request, for: nil)
        switch plural {
        case "selfsubjectreviews":
            let groups: JSONValue = [
                isRestricted ? "restricted-users" : "system:masters", "system:authenticated",
            ]
            return [
                "kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1",
                "metadata": ["creationTimestamp": .string(now.rfc3339)],
                "status": ["userInfo": ["username": .string(name), "groups": groups]],
            ]
        case "selfsubjectaccessreviews":
            let secret = body["spec"]?["resourceAttributes"]?["resource"]?.string == "secrets"
            return [
                "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
                "metadata": [:], "spec": body["spec"] ?? [:],
                "status": ["allowed": .bool(!isRestricted && !secret)],
            ]
        default:
            return [
                "kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1",
                "metadata": [:], "spec": [:], "status": rules,
            ]
        }
    }

    private var rules: JSONValue {
        let own: [JSONValue] = [
            [
                "verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
                "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
            ],
            [
                "verbs": ["create"], "apiGroups": ["authentication.k8s.io"],
                "resources": ["selfsubjectreviews"],
            ],
        ]
        let everything = SandboxResource.all.filter { $0.qualifiedName != "secrets" }.map {
            resource -> JSONValue in
            [
                "verbs": .array(Discovery.verbs(resource)),
                "apiGroups": [.string(resource.group)], "resources": [.string(resource.plural)],
            ]
        }
        return [
            "resourceRules": .array(isRestricted ? own : own + everything),
            "nonResourceRules": [
                ["verbs": ["get"], "nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*"]],
                [
                    "verbs": ["get"],
                    "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version"],
                ],
            ],
            "incomplete": false,
        ]
    }
}
