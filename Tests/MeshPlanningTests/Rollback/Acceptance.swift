import MeshModel
import MeshPlanning

/// What is let in on every probed port of every pod. PERMISSIVE stands for pods that nothing protects, too.
struct Acceptance {
    private struct Mode {
        /// As the pod's data plane enforces it.
        var enforced: MTLSMode
        /// As the policies say it. ztunnel leaves some ports open that they close (`ZtunnelPolicies`);
        /// closing such a gap refuses nothing that was promised.
        var said: MTLSMode
    }

    private var modes: [String: Mode] = [:]

    private static let ports = [80, 3000, 4000, 5000]

    /// Besides the pods that are there, pods of all apps in both data planes: what the policies mean.
    ///
    /// - Parameter counted: the names of the pods to look at, `namespace/name`.
    init(_ state: MeshState, pods counted: Set<String>) {
        let index = PeerAuthenticationIndex(
            state.peerAuthentications, rootNamespace: state.rootNamespace)
        for pod in state.pods {
            let name = "\(pod.meta.namespace)/\(pod.meta.name)"
            if counted.contains(name) { add(name, pod.meta, on: pod.dataplane, index) }
        }
        for namespace in state.namespaces {
            for app in ["x", "y", "z"] {
                let meta = ObjectMeta(
                    name: app, namespace: namespace.name, labels: ["app": app])
                add("any \(app) in \(namespace.name), sidecar", meta, on: .sidecar, index)
                add("any \(app) in \(namespace.name), ambient", meta, on: .ambient, index)
            }
        }
    }

    private mutating func add(
        _ name: String, _ meta: ObjectMeta, on plane: PodDataplane,
        _ policies: PeerAuthenticationIndex
    ) {
        let enforcement = Enforcement(
            on: plane, namespace: meta.namespace, podLabels: meta.labels, policies: policies)
        let decision = EffectiveMode.decide(
            namespace: meta.namespace, podLabels: meta.labels, policies: policies)
        for port in Self.ports {
            let enforced = enforcement.map { $0.ports[port] ?? $0.mode } ?? .permissive
            modes["\(name):\(port)"] = Mode(
                enforced: enforced,
                said: enforcement == nil ? .permissive : decision.mode(forPort: port))
        }
    }

    /// The ports that refuse what they take at both of these times.
    func isStricter(than a: Acceptance, and b: Acceptance) -> [String] {
        modes.filter { name, mode in
            mode.enforced != .permissive
                && ![a, b].contains {
                    let then = $0.modes[name]
                    return mode.enforced == then?.enforced || mode.enforced == then?.said
                }
        }.map { "\($0.key) \($0.value.enforced)" }.sorted()
    }
}
