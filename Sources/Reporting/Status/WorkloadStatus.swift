import MeshModel

/// One pod, or a controller without pods, as `meshctl status` tells it.
package struct WorkloadStatus: Encodable, Sendable, Hashable {
    package struct InjectionStatus: Encodable, Sendable, Hashable {
        /// Whether a pod that is created now gets a sidecar.
        package var onRestart: Bool
        /// The webhook that is called; null when none is, or when no webhook could be read.
        @OrNull package var webhook: String?
        package var reason: String
    }

    package struct AmbientStatus: Encodable, Sendable, Hashable {
        package var wanted: Bool
        package var captured: Bool
        package var reason: String
    }

    package var namespace: String
    package var kind: String
    package var name: String
    @OrNull package var owner: String?
    package var dataPlane: String
    package var injection: InjectionStatus
    package var ambient: AmbientStatus
    package var mtls: EnforcedMode
    /// The policies that istiod lists on the workload for ztunnel.
    package var ztunnelPolicies: [String]

    init(
        _ facts: PodFacts, namespaceLabels: [String: String], decisions: StatusDecisions
    ) {
        namespace = facts.namespace
        kind = facts.kind
        name = facts.name
        _owner = OrNull(wrappedValue: facts.owner)
        let injection = Injection.decide(
            namespaceName: facts.namespace, namespaceLabels: namespaceLabels,
            podLabels: facts.labels, podAnnotations: facts.annotations,
            hostNetwork: facts.hostNetwork, environment: decisions.injection)
        let isTemplate = facts.kind != "Pod"
        let ambient = AmbientEnrolment.decide(
            namespaceName: facts.namespace, namespaceLabels: namespaceLabels,
            podLabels: facts.labels, podAnnotations: facts.annotations,
            hostNetwork: facts.hostNetwork, willBeInjected: isTemplate && injection.injects,
            environment: decisions.enrolment)
        let plane = facts.dataplane ?? Self.expected(injection, ambient)
        dataPlane = plane.rawValue
        self.injection = InjectionStatus(
            onRestart: injection.injects,
            webhook: injection.webhookName
                ?? (decisions.injection.revisions == nil
                    ? nil : injection.webhook.map(Self.fullName)),
            reason: injection.reason.rawValue)
        self.ambient = AmbientStatus(
            wanted: ambient.wanted, captured: facts.isCaptured, reason: ambient.reason.rawValue)
        mtls = EnforcedMode(
            on: plane, namespace: facts.namespace, labels: facts.labels,
            policies: decisions.policies)
        ztunnelPolicies =
            (plane == .ambient || plane == .none) && !facts.hostNetwork
            ? decisions.authorization.listedForZtunnel(
                namespace: facts.namespace, labels: facts.labels)
                + ZtunnelPolicies.decide(
                    namespace: facts.namespace, podLabels: facts.labels,
                    policies: decisions.policies
                ).references : []
    }

    private static func expected(
        _ injection: Injection.Decision, _ ambient: AmbientEnrolment.Decision
    ) -> PodDataplane {
        if injection.injects { return .sidecar }
        return ambient.wanted ? .ambient : .none
    }

    /// As the webhooks of istio's `mutatingwebhook.yaml` are called.
    private static func fullName(of webhook: InjectionWebhook) -> String {
        "\(webhook.rawValue).sidecar-injector.istio.io"
    }

    /// `Deployment/cart`, or `Pod/debug` for a bare pod.
    var controller: String { owner ?? "\(kind)/\(name)" }
}

/// Pods of one controller that lack the data plane that labels ask for.
package struct MissingDataplane: Encodable, Sendable, Hashable {
    /// `shop/Deployment/cart`
    package var workload: String
    /// What is asked for: `sidecar`, which needs a restart, or `ambient`.
    package var dataPlane: String
    package var pods: Int

    static func all(in live: [WorkloadStatus]) -> [MissingDataplane] {
        var counts: [String: [String: Int]] = [:]
        for workload in live {
            guard let plane = wanted(by: workload) else { continue }
            counts["\(workload.namespace)/\(workload.controller)", default: [:]][
                plane.rawValue, default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.flatMap { name, planes in
            planes.sorted { $0.key < $1.key }
                .map { MissingDataplane(workload: name, dataPlane: $0, pods: $1) }
        }
    }

    /// nil where the pod has what its labels ask for.
    private static func wanted(by workload: WorkloadStatus) -> PodDataplane? {
        switch PodDataplane(rawValue: workload.dataPlane) {
        case .ambient, .none?:
            if workload.injection.onRestart { return .sidecar }
            return workload.ambient.wanted && !workload.ambient.captured ? .ambient : nil
        default: return nil
        }
    }
}

/// The inbound mode that a data plane enforces, and the policies behind it.
package struct EnforcedMode: Encodable, Sendable, Hashable {
    /// `STRICT`, `PERMISSIVE`, `DISABLE`; `NONE` where nothing enforces.
    package var mode: String
    /// Container ports whose mode differs.
    package var ports: [String: String]
    /// The policy of each scope that has a say, from the mesh to the workload, `namespace/name`.
    package var decidedBy: [String]

    static let none = "NONE"

    init(
        on plane: PodDataplane, namespace: String, labels: [String: String],
        policies: PeerAuthenticationIndex
    ) {
        guard
            let enforcement = Enforcement(
                on: plane, namespace: namespace, podLabels: labels, policies: policies)
        else {
            mode = Self.none
            ports = [:]
            decidedBy = []
            return
        }
        mode = enforcement.mode.rawValue
        ports = Dictionary(
            uniqueKeysWithValues: enforcement.ports.map { (String($0), $1.rawValue) })
        decidedBy = Self.chain(
            on: plane, namespace: namespace, labels: labels, policies: policies)
    }

    private static func chain(
        on plane: PodDataplane, namespace: String, labels: [String: String],
        policies: PeerAuthenticationIndex
    ) -> [String] {
        // istiod's ambient side passes over a mesh policy with an empty selector.
        let isAmbientElsewhere = plane == .ambient && namespace != policies.rootNamespace
        let mesh =
            isAmbientElsewhere
            ? policies.selectorlessPolicy(policies.rootNamespace) : policies.meshPolicy
        let workload = policies.workloadPolicy(namespace: namespace, podLabels: labels)
        let wide = [mesh, policies.namespacePolicy(namespace)].compactMap(\.self)
            .filter { $0.mode != .unset }
        let own = [workload].compactMap(\.self)
            .filter { $0.mode != .unset || !$0.portModes.isEmpty }
        return (wide + own).map(\.text)
    }
}
