import MeshModel

/// Which gates stand where on the way back (`docs/gates.md`).
///
/// Relaxing waits for nothing. After it, a batch asks what it rests on: who is brought into a data plane needs
/// the plane well; a plane goes only once the one of before holds its pods; what was tight before is tightened
/// as an apply would. Leaving the mesh asks nothing of Istio, which may be what is broken.
///
/// Nobody is asked for approval: the command is a person's word, and its end is what was there before.
struct RollbackGates {
    private(set) var checks: [GateCheck] = []

    /// Why pods that no controller owns may stay as they are, by namespace.
    private let unmanaged: [String: String]
    private let settings: GateSettings
    private var facts: GateFacts

    /// - Parameter plan: of the run that is undone; its settings count.
    init(
        _ batches: [[Step]], of plan: MeshPlan, on observed: MeshState, clients: KnownClients
    ) {
        unmanaged = NamespaceResolution(plan, in: observed).namespaces.acceptedUnmanaged
        settings = plan.gates
        facts = GateFacts(
            observed, after: batches.flatMap(\.self).map(\.change), clients: clients)
        for batch in batches {
            guard let first = batch.first else { continue }
            let tightened = facts.tightened(by: batch)
            guard first.phase != .relax else { continue }
            let questions = questions(batch, in: first.phase, tightened)
                .sorted { $0.gate.place < $1.gate.place }
            let round = GateRound(.before, batch: first.batch)
            checks += questions.map { GateCheck(round, $0) }
        }
    }

    private func questions(
        _ batch: [Step], in phase: Phase, _ tightened: [Tightening]
    ) -> [GateQuestion] {
        let restarts = facts.injectable(batch)
        var questions: [GateQuestion] = [.flowsCarried(FlowsCarried(batch: batch[0].batch))]
        if phase == .retighten || restarts != nil || !facts.enrolling(batch).isEmpty {
            questions += facts.health(batch, tightened, settings)
        }
        if let restarts { questions.append(.injectable(restarts)) }
        if !tightened.isEmpty {
            questions += GateQuestion.ofTightening(tightened, settings, unmanaged: unmanaged)
        }
        let replaced = namespacesWithSidecarsLeavingAmbient(batch)
        if !replaced.isEmpty {
            questions += [
                .enrolled(Enrolled(namespaces: replaced, acceptUnmanaged: unmanaged)),
                .workloadsReady(WorkloadsReady(namespaces: replaced)),
            ]
        }
        return questions
    }

    /// Their sidecars are to be there by now.
    private func namespacesWithSidecarsLeavingAmbient(_ batch: [Step]) -> [String] {
        let leaving = batch.compactMap { step -> String? in
            guard case .labels(let change) = step.change,
                case .some(.none) = change.after[LabelKeys.dataplaneMode]
            else { return nil }
            return change.namespace
        }
        return Set(leaving).filter { facts.has(.sidecar, in: $0) }.sorted()
    }
}
