package import MeshModel
import MeshPlanning

/// `meshctl explain --from CLIENT --to SERVER:PORT`: what happens to a flow at each endpoint, and why.
package struct FlowExplanationReport: Report {
    package let formatVersion = "1.0"
    package let kind = "FlowExplanation"
    /// As asked.
    package var from: String
    package var to: String
    /// Empty for a host outside the cluster, which has none.
    package var endpoints: [FlowEndpointEntry]
    /// What happens to a flow that leaves the cluster; absent for any other.
    package var outside: [OutsideFlowEntry]?
    /// That of all endpoints, or of `outside`; `mixed` where they differ.
    package var outcome: String
    /// Why there are no endpoints to judge, or what all of `outside` have in common; else absent.
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
        let told = judged.filter { seen.insert($0.1.map(\.verdict)).inserted }
        if case .host(let host, let port) = targets.first {
            endpoints = []
            let outside = told.flatMap { client, verdicts in
                verdicts.map {
                    OutsideFlowEntry(
                        $0, to: host, port: port, client: client, judge: judge,
                        namesClient: groups.count > 1)
                }
            }
            self.outside = outside
            outcome = Self.summary(of: outside.map(\.outcome))
            let reasons = Set(outside.map(\.reason))
            reason = reasons.count == 1 ? reasons.first : nil
        } else {
            endpoints = told.flatMap { client, verdicts in
                verdicts.map {
                    FlowEndpointEntry(
                        $0, client: client, judge: judge, chains: chains,
                        namesClient: groups.count > 1)
                }
            }
            outcome = Self.summary(of: endpoints.map(\.outcome))
            reason = endpoints.isEmpty ? Self.reasonWithoutEndpoints(targets).rawValue : nil
        }
        notes = Self.notes(
            on: (judged.first?.1 ?? []).compactMap(\.endpoint.pod), judge.index.policies)
        assumptions = FlowAssumptions.list(
            index: judge.index, clients: clients, targets: targets,
            verdicts: judged.flatMap(\.1), isForced: judge.forced != nil)
    }

    static let mixed = "mixed"

    private static func summary(of outcomes: [String]) -> String {
        guard let first = outcomes.first else { return FlowOutcome.unknown.rawValue }
        return outcomes.allSatisfy { $0 == first } ? first : mixed
    }

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
