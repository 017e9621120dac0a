package import MeshModel
package import MeshPlanning
import Timing

/// What observing has shown of plaintext, as `meshctl status` tells it.
///
/// It says what was seen. That nothing was seen in a place proves nothing: the counters of its proxies do that, and the
/// gates read them.
package struct PlaintextSeen: Encodable, Sendable, Hashable {
    /// RFC 3339: of the first sample and of the last one.
    package var since: String
    package var until: String
    /// How much of that time lies between samples.
    package var coveredMilliseconds: Int64
    /// In plaintext, the latest first.
    package var flows: [ObservedFlowEntry]
    private let namespaces: [String: NamespacePlaintext]

    private enum CodingKeys: String, CodingKey { case since, until, coveredMilliseconds, flows }

    /// nil where nothing was ever observed.
    ///
    /// - Parameter only: the namespaces of servers to tell of; nil for all.
    package init?(
        _ windows: [ObservationWindow], _ flows: [ObservedFlow], only: Set<String>? = nil
    ) {
        let sampled = windows.filter { $0.sampledAt != nil }
        guard let first = sampled.map(\.startedAt).min(),
            let last = sampled.compactMap(\.sampledAt).max()
        else { return nil }
        since = first.rfc3339
        until = last.rfc3339
        coveredMilliseconds = sampled.reduce(0) { $0 + $1.covered }
        let plaintext = ObservedFlowSet(
            flows.filter { flow in
                flow.security == .plaintext && only?.contains(flow.server.namespace) ?? true
            }
        ).sorted
        self.flows = plaintext.enumerated().sorted { a, b in
            a.element.lastSeen == b.element.lastSeen
                ? a.offset < b.offset : a.element.lastSeen > b.element.lastSeen
        }.map { ObservedFlowEntry($0.element) }
        namespaces = Dictionary(grouping: plaintext, by: \.server.namespace)
            .mapValues(NamespacePlaintext.init)
    }

    /// Of the servers in one namespace.
    func seen(in namespace: String) -> NamespacePlaintext {
        namespaces[namespace] ?? NamespacePlaintext([])
    }
}

/// Plaintext that was seen to reach the servers of a namespace.
package struct NamespacePlaintext: Encodable, Sendable, Hashable {
    package var flows: Int
    package var connections: Int
    /// RFC 3339; null where none was seen.
    @OrNull package var lastSeen: String?

    init(_ flows: [ObservedFlow]) {
        self.flows = flows.count
        connections = flows.reduce(0) { sum, flow in
            let (sum, isTooLarge) = sum.addingReportingOverflow(flow.connections)
            return isTooLarge ? .max : sum
        }
        _lastSeen = OrNull(wrappedValue: flows.map(\.lastSeen).max()?.rfc3339)
    }

    /// `2 flows, last 2026-11-20 09:12:00Z`
    ///
    /// - Parameter hasProxies: whether a pod there has a proxy that counts what reaches it.
    func text(hasProxies: Bool) -> String {
        guard let lastSeen else { return hasProxies ? "none seen" : "no proxy" }
        return "\(Phrases.count(flows, "flow")), last \(Phrases.time(lastSeen))"
    }
}
