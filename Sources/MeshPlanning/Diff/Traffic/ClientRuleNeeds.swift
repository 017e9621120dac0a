import Diagnostics
import JSON
import MeshModel

/// The DestinationRule that says what clients send to the ports of one host.
///
/// It goes where the host is declared: the nearest rule wins, and of one namespace's the one with the most
/// specific host, whole (istio `pilot/pkg/model/push_context.go:destinationRule`).
struct ClientRuleNeeds {
    private(set) var needs: [TrafficNeed] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// The plan's own rules for the host: none of them is left over.
    private(set) var keeps: [ObjectReference] = []

    /// - Parameters:
    ///   - ports: what to send, by Service port.
    ///   - rules: those of the request's namespace for exactly this host.
    init(
        _ request: TrafficRequest, host: String, ports: [Int: ExternalEntry.TLS], plan: String,
        rules: [DestinationRule]
    ) {
        // A rule with a workload selector speaks for the clients that it selects, beside this one.
        let here = rules.filter { $0.workloadSelector == nil }
            .sorted { ObjectMeta.isOlder($0.meta, $1.meta) }
        let ours = here.filter { PolicyOwnership($0.meta, plan: plan) == .ours }
        keeps = ours.map { TrafficObject($0).reference }
        // Of several for one host the oldest policy holds.
        let deciding = here.first { $0.trafficPolicy != nil } ?? ours.first ?? here.first
        guard let deciding else {
            write(request, on: nil, plan, [(.permissive, ClientTLSSpec.make(host: host, ports))])
            return
        }
        let isOurs = PolicyOwnership(deciding.meta, plan: plan) == .ours
        let missing = ports.filter {
            !ClientTLSSpec.says($1, onPort: $0, in: deciding.spec, exactly: isOurs)
        }
        if !isOurs, let shadowed = keeps.first {
            if !missing.isEmpty { diagnostics.append(Self.shadow(shadowed, deciding, request)) }
            return
        }
        let base =
            isOurs && !missing.isEmpty
            ? ClientTLSSpec.keeping(
                Set(Self.written(deciding)).subtracting(missing.keys), in: deciding.spec)
            : deciding.spec
        let onTheWay = missing.isEmpty ? base : ClientTLSSpec.setting(missing, in: base)
        let final = isOurs ? ClientTLSSpec.keeping(Set(ports.keys), in: onTheWay) : onTheWay
        write(
            request, on: TrafficObject(deciding), plan, [(.permissive, onTheWay), (.strict, final)])
    }

    private static func written(_ rule: DestinationRule) -> [Int] {
        rule.trafficPolicy.map { Array($0.ports.keys) } ?? []
    }

    private mutating func write(
        _ request: TrafficRequest, on found: TrafficObject?, _ plan: String,
        _ path: [(Stage, JSONValue)]
    ) {
        let writes = TrafficWrites(request, on: found, plan: plan, path: path)
        needs += writes.needs
        diagnostics += writes.diagnostics
    }

    private static func shadow(
        _ loser: ObjectReference, _ winner: DestinationRule, _ request: TrafficRequest
    ) -> Diagnostic {
        Diagnostic(
            .shadowedPolicy,
            "\(loser.text) of this plan is shadowed by the older \(winner.meta.text)",
            detail: "Of two rules for one host in one namespace the oldest policy holds. Delete "
                + "the plan's rule and write `adopt: true`, to have it merged into the older one; "
                + "or delete the older one, after checking that nobody needs it.",
            remedy: "kubectl -n \(loser.namespace) delete destinationrule \(loser.name)",
            at: request.range)
    }
}
