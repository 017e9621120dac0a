import HTTPTypes
import JSON
import KubernetesSandbox
import Timing

/// Something that somebody else does to the cluster meanwhile, and that nobody may undo.
struct StoryEdit: Sendable {
    enum Kind: Sendable, CaseIterable {
        /// A label of their own on a namespace of the plan.
        case namespaceLabel
        /// An annotation on a policy that meshctl made or changes.
        case policyAnnotation
        /// A policy in a namespace that the plan does not name.
        case foreignPolicy
        /// A pod is deleted; its controller makes another one.
        case podRestart
        /// The Lease is deleted, whoever holds it.
        case lockDeleted
        /// The Lease says that somebody else holds it, who never renews it.
        case lockTaken
    }

    var kind: Kind
    var after: Duration
    /// Which of those there are.
    var choice: Int

    init(_ random: inout SeededRandom) {
        kind = random.pick(Kind.allCases)
        after = .milliseconds(random.below(1 << (8 + random.below(12))))
        choice = random.below(1 << 20)
    }

    /// Does it, where there is something to do it to.
    ///
    /// - Returns: what has to be so from now on.
    func perform(
        on cluster: SimulatedCluster, of variant: StoryVariant
    ) -> (@Sendable (inout ClusterImage) -> Void)? {
        let objects = cluster.present.allObjects.sorted { $0.key < $1.key }
        switch kind {
        case .namespaceLabel:
            let name = variant.namespaces[choice % variant.namespaces.count]
            let key = "team-\(choice % 100)"
            guard
                Self.request(
                    .patch, "/api/v1/namespaces/\(name)",
                    ["metadata": ["labels": [key: "theirs"]]], cluster)
            else { return nil }
            return { $0.expect("namespaces /\(name)", "labels", key, "theirs") }
        case .policyAnnotation:
            let policies = objects.filter {
                $0.key.resource == "peerauthentications.security.istio.io"
                    && $0.key.namespace != StoryVariant.elsewhere
            }
            guard !policies.isEmpty else { return nil }
            let key = policies[choice % policies.count].key
            let path =
                "/apis/security.istio.io/v1/namespaces/\(key.namespace)/peerauthentications/\(key.name)"
            guard
                Self.request(
                    .patch, path, ["metadata": ["annotations": ["note": "theirs"]]], cluster)
            else { return nil }
            let part = "\(key.resource) \(key.namespace)/\(key.name)"
            return { $0.expect(part, "annotations", "note", "theirs") }
        case .foreignPolicy:
            let name = "theirs-\(choice % 100)"
            let path =
                "/apis/security.istio.io/v1/namespaces/\(StoryVariant.elsewhere)/peerauthentications"
            let spec: JSONValue = [
                "selector": ["matchLabels": ["app": .string(name)]],
                "mtls": ["mode": "PERMISSIVE"],
            ]
            guard
                Self.request(
                    .post, path,
                    [
                        "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
                        "metadata": [
                            "name": .string(name), "namespace": .string(StoryVariant.elsewhere),
                        ],
                        "spec": spec,
                    ], cluster)
            else { return nil }
            let part = "peerauthentications.security.istio.io \(StoryVariant.elsewhere)/\(name)"
            return { $0.expect(part, ["spec": spec]) }
        case .podRestart:
            let pods = objects.map(\.key).filter {
                $0.resource == "pods" && variant.namespaces.contains($0.namespace)
            }
            guard !pods.isEmpty else { return nil }
            let pod = pods[choice % pods.count]
            _ = Self.request(
                .delete, "/api/v1/namespaces/\(pod.namespace)/pods/\(pod.name)", nil, cluster)
            return nil
        case .lockDeleted:
            _ = Self.request(.delete, Self.leasePath, nil, cluster)
            return nil
        case .lockTaken:
            _ = Self.request(
                .patch, Self.leasePath, ["spec": ["holderIdentity": .string(Self.somebody)]],
                cluster)
            return nil
        }
    }

    /// What `kubectl rollout restart` does.
    static func restart(
        _ deployment: (namespace: String, name: String), on cluster: SimulatedCluster,
        at time: Timestamp
    ) {
        let annotations: JSONValue = ["kubectl.kubernetes.io/restartedAt": .string(time.rfc3339)]
        _ = request(
            .patch,
            "/apis/apps/v1/namespaces/\(deployment.namespace)/deployments/\(deployment.name)",
            ["spec": ["template": ["metadata": ["annotations": annotations]]]], cluster)
    }

    /// Whoever is none of the operators.
    static let somebody = "somebody"

    private static let leasePath =
        "/apis/coordination.k8s.io/v1/namespaces/meshctl-system/leases/meshctl"

    /// An annotation on the object of this path, just now.
    ///
    /// - Returns: as `perform`; nil where there is no such object yet.
    static func race(
        to path: String, on cluster: SimulatedCluster
    ) -> (@Sendable (inout ClusterImage) -> Void)? {
        let bare = String(path.prefix { $0 != "?" })
        guard
            request(.patch, bare, ["metadata": ["annotations": ["raced": "theirs"]]], cluster)
        else { return nil }
        // /api/v1/namespaces/NAME or /apis/GROUP/VERSION/namespaces/NAMESPACE/TYPE/NAME
        let words = bare.split(separator: "/").map(String.init)
        let part =
            words.count == 4
            ? "namespaces /\(words[3])"
            : words.count == 7 ? "\(words[5]).\(words[1]) \(words[4])/\(words[6])" : ""
        // Of a workload only the spec is looked at.
        guard !part.contains(".apps ") else { return { _ in } }
        return { $0.expect(part, "annotations", "raced", "theirs") }
    }

    private static func request(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue?,
        _ cluster: SimulatedCluster
    ) -> Bool {
        let fields: HTTPFields = [
            .contentType: method == .patch
                ? "application/merge-patch+json" : "application/json"
        ]
        let answer = cluster.handle(
            SandboxRequest(
                method, path + "?fieldManager=\(somebody)", fields: fields,
                body: body?.canonicalBytes ?? []),
            by: somebody)
        guard case .response(let response) = answer else { return false }
        return response.status < 300
    }
}
