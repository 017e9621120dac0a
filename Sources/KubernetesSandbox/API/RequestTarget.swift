/// What a request's path means.
enum RequestTarget: Equatable {
    case health
    case version
    /// `/api`
    case coreVersions
    /// `/apis`
    case groups
    /// `/apis/GROUP`
    case group(String)
    /// `/api/v1` or `/apis/GROUP/VERSION`
    case resources(group: String, version: String)
    /// `selfsubjectreviews` and its like: only POST, nothing is kept.
    case review(String)
    case collection(SandboxResource, version: String, namespace: String)
    case object(
        SandboxResource, version: String, namespace: String, name: String, subresource: [String])
    case unknown

    init(_ segments: [String]) {
        switch segments.first {
        case "healthz", "livez", "readyz": self = .health
        case "version": self = .version
        case "api" where segments.count == 1: self = .coreVersions
        case "api":
            self = Self.inVersion(group: "", version: segments[1], Array(segments.dropFirst(2)))
        case "apis" where segments.count == 1: self = .groups
        case "apis" where segments.count == 2: self = .group(segments[1])
        case "apis":
            self = Self.inVersion(
                group: segments[1], version: segments[2], Array(segments.dropFirst(3)))
        default: self = .unknown
        }
    }

    private static let reviews: Set<String> = [
        "authentication.k8s.io/v1/selfsubjectreviews",
        "authorization.k8s.io/v1/selfsubjectrulesreviews",
        "authorization.k8s.io/v1/selfsubjectaccessreviews",
    ]

    private static func inVersion(
        group: String, version: String, _ rest: [String]
    ) -> RequestTarget {
        if rest.isEmpty { return .resources(group: group, version: version) }
        if rest.count == 1, reviews.contains("\(group)/\(version)/\(rest[0])") {
            return .review(rest[0])
        }
        var namespace = ""
        var rest = rest
        // `/namespaces/NAME` is the namespace itself, and so are its own subresources.
        let ownSubresources: Set<String> = ["status", "finalize"]
        if rest[0] == "namespaces", rest.count >= 3,
            !(group.isEmpty && ownSubresources.contains(rest[2]))
        {
            namespace = rest[1]
            rest.removeFirst(2)
        }
        guard let resource = SandboxResource.find(group: group, plural: rest[0]),
            resource.versions.contains(version), namespace.isEmpty || resource.isNamespaced
        else { return .unknown }
        guard rest.count > 1 else {
            return .collection(resource, version: version, namespace: namespace)
        }
        guard !resource.isNamespaced || !namespace.isEmpty else { return .unknown }
        return .object(
            resource, version: version, namespace: namespace, name: rest[1],
            subresource: Array(rest.dropFirst(2)))
    }
}
