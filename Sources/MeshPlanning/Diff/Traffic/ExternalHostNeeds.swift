import JSON
import Diagnostics
import MeshModel

/// The ServiceEntry of one host outside the cluster.
struct ExternalHostNeeds {
    private(set) var needs: [TrafficNeed] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// The plan's own entries for the host: none of them is left over.
    private(set) var keeps: [ObjectReference] = []

    /// - Parameters:
    ///   - entries: the plan's, for one host of one namespace.
    ///   - existing: the ServiceEntries of the namespace that name the host.
    init(
        _ request: TrafficRequest, host: String, entries: [ExternalEntry], plan: String,
        existing: [ServiceEntry]
    ) {
        let here = existing.sorted { ObjectMeta.isOlder($0.meta, $1.meta) }
        let ours = here.filter { PolicyOwnership($0.meta, plan: plan) == .ours }
        keeps = ours.map { TrafficObject($0).reference }
        guard let found = ours.first ?? here.first else {
            write(
                request, on: nil, plan, [(.permissive, ExternalHostSpec.make(host: host, entries))])
            return
        }
        let missing = entries.filter { !ExternalHostSpec.says($0, in: found.spec) }
        let onTheWay =
            missing.isEmpty ? found.spec : ExternalHostSpec.setting(missing, in: found.spec)
        // What somebody else declares for the host is theirs; what the plan declared before goes.
        let final =
            ours.isEmpty
            ? onTheWay : ExternalHostSpec.keeping(Set(entries.map(\.port)), in: onTheWay)
        write(
            request, on: TrafficObject(found), plan, [(.permissive, onTheWay), (.strict, final)])
    }

    private mutating func write(
        _ request: TrafficRequest, on found: TrafficObject?, _ plan: String,
        _ path: [(Stage, JSONValue)]
    ) {
        let writes = TrafficWrites(request, on: found, plan: plan, path: path)
        needs += writes.needs
        diagnostics += writes.diagnostics
    }
}
