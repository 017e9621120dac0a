import MeshModel

/// A namespace as `meshctl status` tells it.
package struct NamespaceStatus: Encodable, Sendable, Hashable {
    package struct Mode: Encodable, Sendable, Hashable {
        /// Of a workload without a policy of its own; `NONE` where nothing enforces.
        package var mode: String
        /// The policy that set it; null for Istio's default.
        @OrNull package var decidedBy: String?
    }

    package struct Pods: Encodable, Sendable, Hashable {
        /// Pods that are neither finished nor on their way out.
        package var total: Int
        /// Those of them whose data plane enforces a mode.
        package var enforced: Int
    }

    /// A workload that does not follow its namespace's mode.
    package struct Exception: Encodable, Sendable, Hashable, Comparable {
        /// `Deployment/frontend`
        package var workload: String
        package var mode: String
        package var ports: [String: String]

        package static func < (a: Exception, b: Exception) -> Bool { a.workload < b.workload }
    }

    package var name: String
    /// `sidecar`, `ambient`, `none`, `gateway`, or `mixed`.
    package var dataPlane: String
    package var mtls: Mode
    package var pods: Pods
    package var exceptions: [Exception]
    /// What the plan does here first; absent without a plan file, and where the plan does nothing.
    package var nextStep: NextStep?
    /// Absent where nothing was ever observed.
    package var plaintextSeen: NamespacePlaintext?

    /// - Parameters:
    ///   - entries: the namespace's entries.
    ///   - live: how many of them are live pods, and how many of these enforce a mode.
    init(
        _ name: String, labels: [String: String], entries: [WorkloadStatus], pods: Pods,
        decisions: StatusDecisions
    ) {
        self.name = name
        self.pods = pods
        let planes = Set(entries.map(\.dataPlane))
        let inside = planes.subtracting(["gateway", "waypoint"])
        switch (inside.count, planes.isEmpty) {
        case (0, true): dataPlane = Self.byLabels(name, labels, decisions).rawValue
        case (0, false): dataPlane = planes.sorted().first ?? "none"
        case (1, _): dataPlane = inside.sorted().first ?? "none"
        default: dataPlane = "mixed"
        }
        // A mixed namespace's mode is what its sidecars obey, or its ambient pods where it has none.
        let plane: PodDataplane =
            dataPlane == "mixed"
            ? (inside.contains("sidecar") ? .sidecar : .ambient)
            : PodDataplane(rawValue: dataPlane) ?? .none
        let mode = EnforcedMode(
            on: plane, namespace: name, labels: [:], policies: decisions.policies)
        mtls = Mode(mode: mode.mode, decidedBy: mode.decidedBy.last)
        let others = entries.filter {
            $0.mtls.mode != EnforcedMode.none
                && ($0.mtls.mode != mode.mode || !$0.mtls.ports.isEmpty)
        }
        exceptions = Set(
            others.map {
                Exception(workload: $0.controller, mode: $0.mtls.mode, ports: $0.mtls.ports)
            }
        ).sorted()
    }

    /// What a pod without labels of its own would get.
    private static func byLabels(
        _ name: String, _ labels: [String: String], _ decisions: StatusDecisions
    ) -> PodDataplane {
        let injection = Injection.decide(
            namespaceName: name, namespaceLabels: labels, podLabels: [:], podAnnotations: [:],
            hostNetwork: false, environment: decisions.injection)
        if injection.injects { return .sidecar }
        let ambient = AmbientEnrolment.decide(
            namespaceName: name, namespaceLabels: labels, podLabels: [:], podAnnotations: [:],
            hostNetwork: false, environment: decisions.enrolment)
        return ambient.wanted ? .ambient : .none
    }
}

extension NamespaceStatus.Exception {
    /// `Deployment/frontend STRICT except 3000 PERMISSIVE`; the mode is left out where it is the namespace's.
    func text(namespaceMode: String) -> String {
        let ports = ports.sorted { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }
            .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        if mode == namespaceMode { return "\(workload) \(ports)" }
        return ports.isEmpty ? "\(workload) \(mode)" : "\(workload) \(mode) except \(ports)"
    }
}
