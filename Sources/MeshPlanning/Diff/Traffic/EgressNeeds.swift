import Diagnostics
import JSON
import MeshModel

/// The `Sidecar` of one namespace, without a workload selector, and the hosts that it lets its proxies know.
struct EgressNeeds {
    private(set) var needs: [TrafficNeed] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// The plan's own: none of them is left over.
    private(set) var keeps: [ObjectReference] = []

    static let name = "default"

    /// - Parameters:
    ///   - hosts: as the plan lists them, `namespace/host`.
    ///   - scopes: those of the namespace.
    init(_ request: TrafficRequest, hosts: [String], plan: String, scopes: [SidecarScope]) {
        // Of several without a selector Istio takes the oldest.
        let here = scopes.filter { $0.workloadSelector == nil }
            .sorted { ObjectMeta.isOlder($0.meta, $1.meta) }
        let ours = here.filter { PolicyOwnership($0.meta, plan: plan) == .ours }
        keeps = ours.map { TrafficObject($0).reference }
        guard let found = here.first else {
            if scopes.contains(where: { $0.meta.name == Self.name }) {
                diagnostics.append(Self.takenName(request))
            } else {
                write(request, on: nil, plan, SidecarSpec.setting(hosts, in: [:]))
            }
            return
        }
        guard !SidecarSpec.says(hosts, in: found.spec) else { return }
        if PolicyOwnership(found.meta, plan: plan) != .ours, let shadowed = keeps.first {
            diagnostics.append(Self.shadow(shadowed, found, request))
            return
        }
        write(request, on: TrafficObject(found), plan, SidecarSpec.setting(hosts, in: found.spec))
    }

    private mutating func write(
        _ request: TrafficRequest, on found: TrafficObject?, _ plan: String, _ spec: JSONValue
    ) {
        let writes = TrafficWrites(request, on: found, plan: plan, path: [(.permissive, spec)])
        needs += writes.needs
        diagnostics += writes.diagnostics
    }

    private static func takenName(_ request: TrafficRequest) -> Diagnostic {
        Diagnostic(
            .policyNameTaken,
            "Sidecar \(request.namespace)/\(name) has a workload selector, "
                + "and its name is needed for the namespace",
            detail: "The Sidecar of a whole namespace is called `\(name)`. Give the other one "
                + "another name, then plan again.", at: request.range)
    }

    private static func shadow(
        _ loser: ObjectReference, _ winner: SidecarScope, _ request: TrafficRequest
    ) -> Diagnostic {
        Diagnostic(
            .shadowedPolicy,
            "\(loser.text) of this plan is shadowed by the older \(winner.meta.text)",
            detail: "Of two Sidecars without a workload selector the oldest holds, whole. Delete "
                + "it, after checking that nobody needs it, then plan again.",
            remedy: "kubectl -n \(winner.meta.namespace) delete sidecar \(winner.meta.name)",
            at: request.range)
    }
}
