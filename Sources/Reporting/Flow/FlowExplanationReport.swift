package import MeshModel
import MeshPlanning

/// `meshctl explain --from CLIENT --to SERVER:PORT`: what happens to a flow at each endpoint, and why.
package struct FlowExplanationReport: Report {
    package let formatVersion = "1.0"
    package let kind = "FlowExplanation"
    /// As asked.
    package var from: String
    package var to: String
    package var endpoints: [FlowEndpointEntry]
    /// That of all endpoints; `mixed` where they differ.
    package var outcome: String
    /// Why there are no endpoints to judge; absent where there are.
    package var reason: String?
    /// What the modes of the endpoints do not say by themselves.
    package var notes: [String]
    /// The plan that `stages` are of; absent without a plan file.
    package var plan: String?
    /// What becomes of the flow after each stage; absent without a plan file.
    package var stages: [FlowStageEntry]?
    package var assumptions: [String]

    /// - Parameters:
    ///   - clients: one, or the pods of a workload, whose verdicts may differ.
    ///   - targets: one, or the pods of a workload.
    package init(
        from: String, to: String, clients: [FlowClient], targets: [FlowTarget], judge: FlowJudge
    ) {
        self.from = from
        self.to = to
        let judged = clients.map { client in
            (client, targets.flatMap { judge.judge(client, to: $0) })
        }
        let groups = Set(judged.map { $0.1.map(\.verdict) })
        let chains = PolicyChains(judge.index.policies)
        var seen: Set<[FlowVerdict]> = []
        // Pods of one workload that fare alike are told once.
        endpoints = judged.filter { seen.insert($0.1.map(\.verdict)).inserted }
            .flatMap { client, verdicts in
                verdicts.map {
                    FlowEndpointEntry(
                        $0, client: client, judge: judge, chains: chains,
                        namesClient: groups.count > 1)
                }
            }
        let outcomes = Set(endpoints.map(\.outcome))
        if let only = outcomes.first {
            outcome = outcomes.count == 1 ? only : Self.mixed
        } else {
            outcome = FlowOutcome.unknown.rawValue
            reason = Self.reasonWithoutEndpoints(targets).rawValue
        }
        notes = Self.notes(
            on: (judged.first?.1 ?? []).compactMap(\.endpoint.pod), judge.index.policies)
        assumptions = FlowAssumptions.list(
            index: judge.index, clients: clients, targets: targets,
            verdicts: judged.flatMap(\.1), isForced: judge.forced != nil)
    }

    static let mixed = "mixed"

    /// Each with the servers that it is about.
    private static func notes(
        on servers: [Pod], _ policies: PeerAuthenticationIndex
    ) -> [String] {
        var names: [String: [String]] = [:]
        for server in servers {
            for note in EnforcementNotes.of(server, policies: policies) {
                names[note, default: []].append(server.name)
            }
        }
        return names.map { "\(Phrases.names($1.uniqued)): \($0)" }.sorted()
    }

    private static func reasonWithoutEndpoints(_ targets: [FlowTarget]) -> FlowReason {
        if case .service(let service, _) = targets.first, service.isExternalName {
            return .externalName
        }
        return .noEndpoints
    }
}
