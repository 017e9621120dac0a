import Diagnostics
package import KubernetesClient
import MeshCluster
package import MeshModel
package import MeshPlanning
package import Timing

/// Asks gates: one fresh read of the cluster for all that stand at one place, then what each wants to see. Where
/// one of them took its time, the others are asked anew.
package struct GateKeeper: Sendable {
    /// What the answers hang on besides the cluster.
    package struct Terms: Sendable {
        /// nil to take it from the mesh configuration.
        package var rootNamespace: String?
        /// Doubts that the plan file answers for.
        package var accepted: [GateSettings.AcceptedDoubt]
        /// Texts of flows that may break.
        package var acceptedFlows: Set<String>
        /// Who counts on what, in a state read just now.
        package var flows: @Sendable (MeshState) -> [Flow]
        /// Who was seen calling whom before.
        package var observed: [ObservedFlow]
        /// Asks the person, where there is one.
        package var approve: @Sendable (ApprovalAsked) -> ApprovalAsked.Sample

        package init(
            rootNamespace: String? = nil, accepted: [GateSettings.AcceptedDoubt] = [],
            acceptedFlows: Set<String> = [],
            flows: @escaping @Sendable (MeshState) -> [Flow] = { _ in [] },
            observed: [ObservedFlow] = [],
            approve: @escaping @Sendable (ApprovalAsked) -> ApprovalAsked.Sample = { _ in .nobody }
        ) {
            self.rootNamespace = rootNamespace
            self.accepted = accepted
            self.acceptedFlows = acceptedFlows
            self.flows = flows
            self.observed = observed
            self.approve = approve
        }
    }

    private var client: KubernetesClient
    private let clock: any RunClock
    private let terms: Terms
    /// The rollout's steps, by batch.
    private var batches: [Int: [Step]] = [:]

    package init(_ client: KubernetesClient, clock: any RunClock, terms: Terms) {
        self.client = client
        self.clock = clock
        self.terms = terms
    }

    func bound(to rollout: Rollout, _ client: KubernetesClient) -> GateKeeper {
        var keeper = self
        keeper.client = client
        keeper.batches = Dictionary(grouping: rollout.steps, by: \.batch)
        return keeper
    }

    /// Of a reading, for as long as a gate watches proxies before the others are asked anew.
    private static let freshness = Duration.seconds(60)

    /// What the gates find, in the order of the checks. A person is asked only where all else lets pass.
    package func ask(_ checks: [GateCheck]) async -> [GateFinding] {
        var found: [GateFinding] = []
        // What was read before an outage is not what is there after it.
        for _ in 0..<Self.rounds {
            let outages = client.outages
            found = await read(checks)
            if found.contains(where: { $0.verdict == .inconclusive }) {
                // A pod that cannot be asked, or a server that is away: with the latter it is waited for.
                _ = try? await client.serverVersion()
            }
            if client.outages == outages { break }
        }
        guard found.allSatisfy(\.letsPass) else { return found }
        for check in checks {
            guard case .approval(let asked) = check.question else { continue }
            found += asked.findings(in: terms.approve(asked))
        }
        return found
    }

    /// How often gates are asked anew because of an outage.
    private static let rounds = 5

    private func read(_ checks: [GateCheck]) async -> [GateFinding] {
        do throws(KubernetesError) {
            return try await answers(to: checks.map(\.question))
        } catch {
            return checks.map {
                GateFinding(
                    $0.question.gate, .inconclusive, about: "the cluster",
                    "cannot judge, because it cannot be read: \(error.sentence)")
            }
        }
    }

    private func answers(
        to questions: [GateQuestion]
    ) async throws(KubernetesError) -> [GateFinding] {
        // Prometheus' answer has nothing to do with what the cluster holds.
        guard questions.contains(where: \.needsState) else {
            return await ask(questions, on: MeshState())
        }
        var answers = Answers(questions)
        let state = try await read()
        await ask(answers.atOnce, of: &answers, on: state)
        let asked = clock.now()
        await ask(answers.watching, of: &answers, on: state)
        // What the others have seen is old by then, and the cluster may have changed.
        if clock.now() - asked > Self.freshness, answers.letPass {
            await ask(answers.atOnce, of: &answers, on: try await read())
        }
        return answers.found
    }

    private func read() async throws(KubernetesError) -> MeshState {
        try await ClusterObserver(client).observe(rootNamespace: terms.rootNamespace).state
    }

    /// What the gates find in a state that was read just now; approvals are not asked for.
    package func ask(_ questions: [GateQuestion], on state: MeshState) async -> [GateFinding] {
        var answers = Answers(questions)
        await ask(answers.atOnce, of: &answers, on: state)
        await ask(answers.watching, of: &answers, on: state)
        return answers.found
    }

    /// Asks some of the questions. Those that watch proxies for a time come last: where another gate stops the
    /// run already, they are not waited for.
    private func ask(
        _ places: [Int], of answers: inout Answers, on state: MeshState
    ) async {
        let today = CalendarDate(clock.now())
        for place in places {
            let question = answers.questions[place]
            let reader = GateReader(
                client: client, clock: clock, state: state, observed: terms.observed,
                haste: question.watches
                    ? answers.stopper.map { "\($0.rawValue) does not pass" } : nil)
            answers.byPlace[place] = await findings(question, reader)
                .accepting(terms.accepted, on: today)
        }
    }

    /// What was found so far, in the order of the questions.
    private struct Answers {
        let questions: [GateQuestion]
        var byPlace: [[GateFinding]]

        init(_ questions: [GateQuestion]) {
            self.questions = questions
            byPlace = questions.map { _ in [] }
        }

        var atOnce: [Int] { questions.indices.filter { !questions[$0].watches } }
        var watching: [Int] { questions.indices.filter { questions[$0].watches } }
        var found: [GateFinding] { byPlace.flatMap(\.self) }
        var letPass: Bool { found.allSatisfy(\.letsPass) }
        /// The first gate that does not let pass.
        var stopper: Gate? { found.first { !$0.letsPass }?.gate }
    }

    private func findings(
        _ question: GateQuestion, _ reader: GateReader
    ) async -> [GateFinding] {
        switch question {
        case .controlPlaneReady(let gate): await judge(gate, reader)
        case .cniReady(let gate): await judge(gate, reader)
        case .ztunnelReady(let gate): await judge(gate, reader)
        case .ztunnelLogs(let gate): await judge(gate, reader)
        case .dnsReady(let gate): await judge(gate, reader)
        case .injectable(let gate): await judge(gate, reader)
        case .enrolled(let gate): await judge(gate, reader)
        case .workloadsReady(let gate): await judge(gate, reader)
        case .noPlaintext(let gate): await judge(gate, reader)
        case .policy15008(let gate): await judge(gate, reader)
        case .probe(let gate): await judge(gate, reader)
        case .prometheus(let gate): await judge(gate, reader)
        case .flowsCarried(let gate):
            gate.findings(
                in: FlowsCarried.Sample(
                    state: reader.state, flows: terms.flows(reader.state),
                    steps: batches[gate.batch] ?? [], accepted: terms.acceptedFlows))
        case .approval: []
        }
    }

    /// A gate that has nothing to say has seen nothing.
    private func judge<Question: SampledGate>(
        _ gate: Question, _ reader: GateReader
    ) async -> [GateFinding] {
        let found = gate.findings(in: await gate.sample(with: reader))
        guard found.isEmpty else { return found }
        return [
            GateFinding(
                Question.gate, .inconclusive, about: "the cluster",
                "cannot judge, because nothing was seen")
        ]
    }
}
