import MeshModel

/// A captured workload where ztunnel does something other than the policies say.
///
/// ztunnel gets the policies as istiod converts them, and the conversion differs from what a sidecar makes
/// of them in a few shapes (istio `pilot/pkg/serviceregistry/ambient/authorization.go`). They are found by
/// comparing the two decisions, so that no list of shapes has to be kept.
struct AmbientDivergence {
    /// What runs the pods, as the user reads it.
    var server: String
    var pod: Pod
    /// The workload policy, or else the one that set the mode; `namespace/name`.
    var decidedBy: String
    /// Container ports; nil is every port that no policy names.
    var ports: [Int?]

    enum Kind { case open, refused }

    /// The workloads that ztunnel leaves open where they should be STRICT, or the reverse: that it keeps
    /// STRICT where a policy opens them.
    static func all(_ kind: Kind, in context: HazardContext) -> [AmbientDivergence] {
        context.servers.all.compactMap { server in
            for pod in server.pods where pod.dataplane == .ambient {
                if let found = of(pod, kind, server.text, context.then.policies) { return found }
            }
            return nil
        }
    }

    private static func of(
        _ pod: Pod, _ kind: Kind, _ server: String, _ policies: PeerAuthenticationIndex
    ) -> AmbientDivergence? {
        let (namespace, labels) = (pod.meta.namespace, pod.meta.labels)
        let said = EffectiveMode.decide(
            namespace: namespace, podLabels: labels, policies: policies)
        let done = ZtunnelPolicies.decide(
            namespace: namespace, podLabels: labels, policies: policies)
        let named = said.ports.keys.sorted()
        // Any port that no policy names stands for all of them.
        let other = (1...65536).first { !said.ports.keys.contains($0) } ?? 0
        func differs(_ port: Int) -> Bool {
            let isStrict = said.mode(forPort: port) == .strict
            guard isStrict != done.refusesPlaintext(onPort: port) else { return false }
            return isStrict == (kind == .open)
        }
        let ports = named.filter(differs).map(Optional.some) + (differs(other) ? [nil] : [])
        guard !ports.isEmpty, let policy = said.decidedBy.last else { return nil }
        return AmbientDivergence(server: server, pod: pod, decidedBy: policy, ports: ports)
    }

    /// `port 8080`, `ports 80, 8080`, `all ports but those`
    var portText: String {
        let named = ports.compactMap(\.self).map(String.init)
        let list = (named.count == 1 ? "port " : "ports ") + named.joined(separator: ", ")
        guard ports.contains(nil) else { return list }
        return named.isEmpty ? "every port that no policy names" : "\(list) and all unnamed ones"
    }
}
