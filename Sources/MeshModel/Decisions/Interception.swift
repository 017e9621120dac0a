/// Which connections a sidecar's redirection rules hand to its proxy, by the pod's annotations
/// (istio `manifests/charts/istio-control/istio-discovery/files/injection-template.yaml`,
/// `tools/istio-iptables/pkg/capture/run.go`). istiod knows nothing of them.
///
/// ztunnel has no such exclusions: it takes all TCP of its pods.
package enum Interception {
    /// Whether the proxy sees connections to this container port.
    package static func takesInbound(port: Int, of pod: Pod) -> Bool {
        guard !isOff(pod) else { return false }
        if let included = pod.meta.annotations[Keys.includeInboundPorts], included.trimmed != "*" {
            return ports(included).contains(port)
        }
        return !excludedInboundPorts(of: pod).contains(port)
    }

    /// The ports that bypass the proxy while all others are included.
    package static func excludedInboundPorts(of pod: Pod) -> Set<Int> {
        ports(pod.meta.annotations[Keys.excludeInboundPorts] ?? "").union(proxyPorts(of: pod))
    }

    /// Which inbound connections miss the proxy because the pod's annotations say so.
    package enum InboundBypass: Sendable, Hashable {
        case none
        /// `excludeInboundPorts`
        case ports(Set<Int>)
        /// `includeInboundPorts` that is not `*`
        case allExcept(Set<Int>)
        /// `interceptionMode: NONE`
        case all
    }

    /// Apart from the proxy's own ports, which are always left out.
    package static func inboundBypass(of pod: Pod) -> InboundBypass {
        if isOff(pod) { return .all }
        let annotations = pod.meta.annotations
        if let included = annotations[Keys.includeInboundPorts], included.trimmed != "*" {
            return .allExcept(ports(included))
        }
        let excluded = ports(annotations[Keys.excludeInboundPorts] ?? "")
            .subtracting(proxyPorts(of: pod))
        return excluded.isEmpty ? .none : .ports(excluded)
    }

    /// What the agent and Envoy listen on themselves.
    package static func proxyPorts(of pod: Pod) -> Set<Int> {
        let status = pod.meta.annotations[Keys.statusPort].flatMap { Int($0.trimmed) }
        return [status ?? 15020, 15021, 15090]
    }

    package enum Outbound: Sendable, Hashable {
        case taken
        case excluded
        /// Address ranges decide, and the destination's address is not known.
        case unknown
    }

    /// Whether the proxy sees a connection that the pod opens.
    ///
    /// - Parameters:
    ///   - address: as the application dials it: the Service's, or the pod's; empty if not known.
    ///   - port: as the application dials it.
    package static func ofOutbound(to address: String, port: Int, from pod: Pod) -> Outbound {
        guard !isOff(pod) else { return .excluded }
        let annotations = pod.meta.annotations
        if ports(annotations[Keys.excludeOutboundPorts] ?? "").contains(port) { return .excluded }
        let excluded = ranges(annotations[Keys.excludeOutboundIPRanges] ?? "")
        let included = annotations[Keys.includeOutboundIPRanges]?.trimmed ?? "*"
        let byRange = included == "*" ? nil : ranges(included)
        if address.isEmpty, !excluded.isEmpty || byRange?.isEmpty == false { return .unknown }
        if excluded.contains(where: { $0.contains(address) }) { return .excluded }
        if ports(annotations[Keys.includeOutboundPorts] ?? "").contains(port) { return .taken }
        guard let byRange else { return .taken }
        return byRange.contains { $0.contains(address) } ? .taken : .excluded
    }

    private static func isOff(_ pod: Pod) -> Bool {
        pod.meta.annotations[Keys.interceptionMode]?.trimmed == "NONE"
    }

    private static func ports(_ list: String) -> Set<Int> {
        Set(list.split(separator: ",").compactMap { Int(String($0).trimmed) })
    }

    private static func ranges(_ list: String) -> [IPRange] {
        list.split(separator: ",").compactMap { IPRange(String($0).trimmed) }
    }

    private enum Keys {
        static let includeInboundPorts = "traffic.sidecar.istio.io/includeInboundPorts"
        static let excludeInboundPorts = "traffic.sidecar.istio.io/excludeInboundPorts"
        static let includeOutboundPorts = "traffic.sidecar.istio.io/includeOutboundPorts"
        static let excludeOutboundPorts = "traffic.sidecar.istio.io/excludeOutboundPorts"
        static let includeOutboundIPRanges = "traffic.sidecar.istio.io/includeOutboundIPRanges"
        static let excludeOutboundIPRanges = "traffic.sidecar.istio.io/excludeOutboundIPRanges"
        static let interceptionMode = "sidecar.istio.io/interceptionMode"
        static let statusPort = "status.sidecar.istio.io/port"
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
