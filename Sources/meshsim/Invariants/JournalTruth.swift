import Journal
import JSON
import KubernetesSandbox
import MeshPlanning

/// Compares what an operator's journal says with what the server has made of that operator's requests.
struct JournalTruth {
    private struct Intent {
        var run: RunID
        var step: StepID
        var key: ObjectKey?
        var intent: StepIntent
        var write: SimulatedCluster.Write?
    }

    /// A step of a run.
    private struct Place: Hashable {
        var run: RunID
        var step: StepID
    }

    private var intents: [Intent] = []
    /// At which resourceVersions the journal has a step written.
    private var receipts: [Place: Set<String>] = [:]
    private(set) var lies: [String] = []

    /// - Parameters:
    ///   - runs: oldest first.
    ///   - writes: of this operator, in order.
    ///   - others: of all others; what was found by reading back may have been theirs.
    init(
        runs: [[RunEvent]], writes: [SimulatedCluster.Write],
        others: [SimulatedCluster.Write] = []
    ) {
        for events in runs { collectIntents(events) }
        for write in writes { match(write) }
        for events in runs { check(events, others) }
    }

    private mutating func collectIntents(_ events: [RunEvent]) {
        guard case .started(let header, _) = events.first else { return }
        for case .stepIntended(let step, let intent) in events {
            intents.append(
                Intent(
                    run: header.id, step: step, key: Self.key(of: intent.change.object),
                    intent: intent))
        }
        for case .stepWritten(let step, let receipt) in events {
            receipts[Place(run: header.id, step: step), default: []].insert(
                receipt.resourceVersion)
        }
    }

    /// Every write was announced, as exactly what it was, and done once.
    private mutating func match(_ write: SimulatedCluster.Write) {
        let name = "\(write.key.resource) \(write.key.namespace)/\(write.key.name)"
        let announced = intents.indices.filter { place in
            let found = intents[place]
            return found.key == write.key && found.write == nil
                && found.intent.resourceVersion == write.oldVersion
                && found.intent.uid == (write.old == nil ? "" : write.uid)
        }
        // Two runs may each have made an object that was not there: then it is the one that says when.
        let recorded = announced.first { place in
            let step = Place(run: intents[place].run, step: intents[place].step)
            return receipts[step]?.contains(write.newVersion) == true
        }
        guard let place = recorded ?? announced.first else {
            lies.append("\(name) was written at \(write.oldVersion), and no intent says so")
            return
        }
        let intent = intents[place]
        let isRepeated = intents.contains {
            $0.run == intent.run && $0.step == intent.step && $0.write != nil
        }
        if isRepeated { lies.append("\(name) was written twice by step \(intent.step)") }
        intents[place].write = write
    }

    private mutating func check(_ events: [RunEvent], _ others: [SimulatedCluster.Write]) {
        guard case .started(let header, _) = events.first,
            let state = RunState(replaying: events)
        else {
            lies.append("a run has no beginning")
            return
        }
        // Of a run on another machine it says no more than that there was one.
        guard !state.isPulled else { return }
        for case .stepWritten(let step, let receipt) in events {
            let writes = intents.filter { $0.run == header.id && $0.step == step }
                .compactMap(\.write)
            let isTrue =
                receipt.foundByReadingBack
                ? !writes.isEmpty || isWritten(step, header.id, by: others)
                : writes.contains { $0.newVersion == receipt.resourceVersion }
            if !isTrue {
                lies.append(
                    "step \(step) of \(header.id) is journaled as written at "
                        + "\(receipt.resourceVersion), and the server made no such write")
            }
        }
        guard case .finished(let outcome) = state.status else { return }
        for (step, standing) in state.steps.sorted(by: { $0.key < $1.key }) {
            if case .inDoubt = standing {
                lies.append("step \(step) of \(header.id) is in doubt, and the run is finished")
            } else if outcome == .done, !state.isDone(step) {
                lies.append("step \(step) of \(header.id) is not done, and the run is")
            }
        }
    }

    private func isWritten(
        _ step: StepID, _ run: RunID, by others: [SimulatedCluster.Write]
    ) -> Bool {
        let keys = intents.filter { $0.run == run && $0.step == step }.compactMap(\.key)
        return others.contains { keys.contains($0.key) }
    }

    private static func key(of object: ObjectReference) -> ObjectKey? {
        resources[object.kind].map {
            ObjectKey(resource: $0, namespace: object.namespace, name: object.name)
        }
    }

    private static let resources = [
        "Namespace": "namespaces", "Deployment": "deployments.apps",
        "StatefulSet": "statefulsets.apps", "DaemonSet": "daemonsets.apps",
        "PeerAuthentication": "peerauthentications.security.istio.io",
        "DestinationRule": "destinationrules.networking.istio.io",
        "ServiceEntry": "serviceentries.networking.istio.io",
        "Sidecar": "sidecars.networking.istio.io",
    ]

    /// Whether a journal answers for writes of objects of this type.
    static func accounts(for write: SimulatedCluster.Write) -> Bool {
        resources.values.contains(write.key.resource) && write.key.name != "meshctl-system"
    }
}
