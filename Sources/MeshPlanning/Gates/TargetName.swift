package import Telemetry

/// `shop/Deployment/cart` in its parts.
package struct TargetName: Sendable, Hashable {
    package let namespace: String
    let kind: String
    package let name: String

    package init(_ workload: String) {
        let parts = workload.split(separator: "/", maxSplits: 2).map(String.init)
        namespace = parts.first ?? ""
        kind = parts.count > 2 ? parts[1] : ""
        name = parts.last ?? ""
    }

    /// `Deployment shop/cart`
    var subject: String { "\(kind) \(namespace)/\(name)" }

    /// `shop/cart`: without the kind, as counters name workloads.
    package var counterName: String { "\(namespace)/\(name)" }

    /// Whether counters mean it: they name a controller without its kind.
    package func isCalled(_ end: TrafficCounters.End) -> Bool {
        end.namespace == namespace && end.workload == name
    }
}
