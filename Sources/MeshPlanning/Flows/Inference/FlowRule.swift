import MeshModel

/// One way in which objects of the cluster tell of a flow; `docs/flows.md` describes each.
protocol FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow]
}

enum FlowRules {
    static var all: [any FlowRule.Type] {
        [NodePortRule.self, APIServerRule.self, HeadlessPeersRule.self, ReferenceRule.self]
    }
}

/// A mesh state arranged for the rules, in time linear in its size.
struct InferenceFacts {
    let state: MeshState
    private let servicesByName: [String: Service]

    init(_ state: MeshState) {
        self.state = state
        servicesByName = Dictionary(
            state.flows.services.map { ("\($0.meta.namespace)/\($0.meta.name)", $0) },
            uniquingKeysWith: { first, _ in first })
    }

    func service(_ namespace: String, _ name: String) -> Service? {
        servicesByName["\(namespace)/\(name)"]
    }

    /// The workloads that no read workload owns.
    var topmost: [Workload] {
        state.workloads.filter { $0.owner.flatMap { WorkloadKind(rawValue: $0.kind) } == nil }
    }
}

extension Service {
    /// UDP is carried whatever policies say, so nobody asks about it.
    var judgedPorts: [ServicePort] { ports.filter { $0.transport != "UDP" } }
}
