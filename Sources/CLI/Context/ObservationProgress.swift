import MeshApply
import MeshCluster
import MeshModel
import MeshPlanning
import Reporting
import Synchronization

/// Tells on standard error what observing finds: a line per event, and on a terminal one line that is rewritten.
final class ObservationProgress: Sendable {
    private let context: CommandContext
    private let state: Mutex<State>

    private struct State {
        var flows: Set<ObservedFlow.ID>
        var line: LiveLine
        var told: Set<String> = []
        var last: FlowSampler.Sample?
        var unseen: [String] = []
    }

    /// New flows that are told one by one, of one sample.
    private static let lines = 20

    /// - Parameter known: what the state file has of the cluster.
    init(_ context: CommandContext, known: [ObservedFlow]) {
        self.context = context
        state = Mutex(State(flows: Set(known.map(\.id)), line: LiveLine(context)))
    }

    var last: FlowSampler.Sample? { state.withLock { $0.last } }
    /// All that could not be seen at some time, in the order in which it came up.
    var unseen: [String] { state.withLock { $0.unseen } }

    /// Throws where nothing at all may be seen.
    func tell(_ event: ObservationEngine.Event) throws {
        switch event {
        case .missed(let why): note(ObservationLine.missed(why))
        case .sampled(let sample, let new, let window):
            tell(sample, new)
            try requireSight(in: sample)
            show(sample, new, window)
        }
    }

    func end() { state.withLock { $0.line.clear() } }

    private func tell(_ sample: FlowSampler.Sample, _ new: [ObservedFlow]) {
        for flow in new.prefix(Self.lines) { note(ObservationLine.found(flow)) }
        if new.count > Self.lines { note(ObservationLine.more(new.count - Self.lines)) }
        if !sample.restarted.isEmpty { note(ObservationLine.restarted(sample.restarted)) }
        for sentence in UnseenTelemetry.sentences(sample.unseen) {
            let isNew = state.withLock { state in
                guard state.told.insert(sentence).inserted else { return false }
                state.unseen.append(sentence)
                return true
            }
            if isNew { note(ObservationLine.unseen(sentence)) }
        }
    }

    private func requireSight(in sample: FlowSampler.Sample) throws {
        let forbidden = Dictionary(grouping: sample.unseen.filter(\.isForbidden), by: \.proxy)
        let blind = forbidden.values.count { $0.count == UnseenTelemetry.Kind.allCases.count }
        guard sample.proxies > 0, blind == sample.proxies else { return }
        throw CommandFailure(
            .notPermitted,
            """
            not permitted: get pods/proxy and get pods/log (403 Forbidden), so that nothing can be seen
            Ask for one of the rights, then check:
              kubectl auth can-i get pods --subresource=proxy --all-namespaces
              kubectl auth can-i get pods --subresource=log --all-namespaces
            """)
    }

    private func show(
        _ sample: FlowSampler.Sample, _ new: [ObservedFlow], _ window: ObservationWindow
    ) {
        state.withLock { state in
            state.last = sample
            state.flows.formUnion(new.map(\.id))
            state.line.show(
                ObservationLine.status(
                    window, flows: state.flows.count,
                    plaintext: state.flows.count { $0.security == .plaintext }))
        }
    }

    private func note(_ line: String) {
        state.withLock { state in
            state.line.clear()
            context.note(line)
        }
    }
}
