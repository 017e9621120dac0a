import MeshModel

extension RunState {
    /// The gates that did not let the run pass where it stopped; empty where it did not stop at gates.
    package var closedGates: [GateCheck] {
        guard case .stopped(.gate(let round)) = status else { return [] }
        let closed = Set((findings[round] ?? []).filter { !$0.letsPass }.map(\.gate))
        return (rollout.gatesByRound[round] ?? []).filter { closed.contains($0.question.gate) }
    }
}

extension GateQuestion {
    /// Whether its answer still says something once the steps are undone that it stood at. Not where it is about
    /// these steps, or about who may become stricter; nor what only a person knows.
    package var outlivesItsSteps: Bool {
        switch self {
        case .controlPlaneReady, .cniReady, .ztunnelReady, .ztunnelLogs, .dnsReady, .enrolled,
            .workloadsReady, .policy15008, .prometheus:
            true
        case .probe(let gate): gate.expects != .refused
        case .injectable, .noPlaintext, .flowsCarried, .approval: false
        }
    }
}
