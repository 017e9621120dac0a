import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

extension [Diagnostic] {
    /// Each as `error: what is said`.
    var said: [String] { map { "\($0.severity.rawValue): \($0.message)" } }

    /// How badly each is meant.
    var severities: [Diagnostic.Severity] { map(\.severity) }
}

let meshRoot = namespace("istio-system")

extension NamespaceEntry {
    /// The same entry with workloads that are known to stay outside STRICT.
    func leaving(_ labels: [String: String], because reason: String) -> NamespaceEntry {
        var entry = self
        entry.unprotected.append(
            UnprotectedEntry(selector: LabelSelector(labels), reason: reason))
        return entry
    }
}

/// A DestinationRule whose `trafficPolicy` says only this.
func clientRule(_ path: String, host: String, _ mode: DestinationRule.TLSMode) -> MeshPart {
    let parts = path.split(separator: "/").map(String.init)
    var part = MeshPart()
    part.flows.destinationRules = [
        DestinationRule(
            meta: ObjectMeta(name: parts[1], namespace: parts[0]), host: host,
            trafficPolicy: .init(tls: mode))
    ]
    return part
}

func strictEntry(_ name: String, _ plane: DesiredDataplane) -> NamespaceEntry {
    entry(name, plane, mtls: .strict)
}
