package import JSON

/// A DestinationRule, `networking.istio.io/v1`: the part that decides about TLS. Subsets are left out,
/// since only traffic that a VirtualService sends to one takes it.
package struct DestinationRule: Sendable, Hashable {
    /// A mode of `ClientTLSSettings`.
    package enum TLSMode: String, Sendable, Hashable, CaseIterable {
        case disable = "DISABLE"
        case simple = "SIMPLE"
        case mutual = "MUTUAL"
        case istioMutual = "ISTIO_MUTUAL"
    }

    package struct TrafficPolicy: Sendable, Hashable {
        package var tls: TLSMode?
        /// By Service port. An entry replaces `tls` on its port even where it says nothing itself.
        package var ports: [Int: TLSMode?]
        /// `loadBalancer.simple: PASSTHROUGH`: connections go on to the address that was dialled.
        package var isPassthrough: Bool

        package init(
            tls: TLSMode? = nil, ports: [Int: TLSMode?] = [:], isPassthrough: Bool = false
        ) {
            self.tls = tls
            self.ports = ports
            self.isPassthrough = isPassthrough
        }
    }

    package var meta: ObjectMeta
    /// As written: a full name, a short one, or with a wildcard.
    package var host: String
    /// Namespaces, `.` and `*`; empty is everywhere.
    package var exportTo: [String]
    package var workloadSelector: LabelSelector?
    package var trafficPolicy: TrafficPolicy?
    /// The whole `spec` as read, for exact restoring.
    package var spec: JSONValue

    package init(
        meta: ObjectMeta, host: String, exportTo: [String] = [],
        workloadSelector: LabelSelector? = nil, trafficPolicy: TrafficPolicy? = nil,
        spec: JSONValue = [:]
    ) {
        self.meta = meta
        self.host = host
        self.exportTo = exportTo
        self.workloadSelector = workloadSelector
        self.trafficPolicy = trafficPolicy
        self.spec = spec
    }
}
