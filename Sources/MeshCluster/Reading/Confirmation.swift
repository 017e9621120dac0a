package import KubernetesClient
package import MeshPlanning
import JSON
import MeshModel
import MeshResources

/// Looks whether a written step has reached the data plane. One look; the engine waits between looks.
///
/// Only pods that are bound to a node and not Pending count; with none, the step is confirmed.
package struct Confirmation: Sendable {
    package enum Verdict: Sendable, Hashable {
        case confirmed(evidence: String)
        /// `missing` says what is not there yet.
        case waiting(done: Int, total: Int, missing: String)
        /// Waiting longer will not help.
        case failed(missing: String)
    }

    private let client: KubernetesClient

    package init(_ client: KubernetesClient) { self.client = client }

    package func look(at step: Step) async throws(KubernetesError) -> Verdict {
        switch step.change {
        case .policy, .traffic: .confirmed(evidence: "accepted by the API server")
        case .labels(let change): try await look(at: change)
        case .restart(let change): try await look(at: change)
        }
    }

    private func look(at change: NamespaceLabelChange) async throws(KubernetesError) -> Verdict {
        guard change.after.keys.contains(LabelKeys.dataplaneMode) else {
            return .confirmed(evidence: "label read back; pods take it when they restart")
        }
        guard let object = try await client.get(ObjectPath(.namespaces, name: change.namespace))
        else { return .failed(missing: "namespace \(change.namespace) is gone") }
        let labels = (object[path: "metadata", "labels"] ?? [:]).stringMap
        let pods = try await pods(in: change.namespace).filter {
            $0.isLive && $0.isBoundAndStarted
                && ($0.dataplane == .ambient || $0.dataplane == .none)
        }
        let wrong = pods.filter {
            $0.dataplane != ExpectedDataplane.ofRunningPod($0, labels: labels)
        }
        let verb = change.after[LabelKeys.dataplaneMode] == "ambient" ? "captured" : "released"
        guard let first = wrong.first else {
            return .confirmed(
                evidence: pods.isEmpty
                    ? "no running pods" : "\(pods.count) of \(pods.count) running pods \(verb)")
        }
        return .waiting(
            done: pods.count - wrong.count, total: pods.count,
            missing: "pod \(first.meta.namespace)/\(first.meta.name) is not \(verb) yet")
    }

    private func look(at change: WorkloadRestart) async throws(KubernetesError) -> Verdict {
        let id = change.workload
        guard let object = try await client.get(ObjectPath(id)),
            let resource = try? object.decoded(as: WorkloadResource.self)
        else { return .failed(missing: "\(id.text) is gone") }
        let workload = resource.workload(id.kind)
        let started = try await pods(of: id).filter { $0.isLive && $0.isBoundAndStarted }
        let status = workload.status
        let total = workload.replicas
        // Between an old pod's end and the new one's start there is none either: that is no end.
        if started.isEmpty, total == 0 || status.observedGeneration == 0 {
            return .confirmed(evidence: "no running pods")
        }
        switch workload.progress {
        case .complete: break
        case .waiting(let done, let why):
            return .waiting(done: done, total: total, missing: "\(id.text): \(why)")
        case .stuck(let why): return .failed(missing: "\(id.text) \(why)")
        case .unknown:
            return .waiting(done: 0, total: total, missing: "\(id.text): it has no status yet")
        }
        let wrong = started.filter { $0.dataplane != change.wants || !$0.isReady }
        guard let first = wrong.first else {
            let pods = started.count == 1 ? "1 pod" : "\(started.count) pods"
            return .confirmed(evidence: "\(pods) ready, \(change.wants.phrase)")
        }
        return .waiting(
            done: started.count - wrong.count, total: started.count,
            missing: "pod \(first.meta.namespace)/\(first.meta.name) is not "
                + (first.dataplane == change.wants ? "ready" : change.wants.phrase))
    }

    private func pods(in namespace: String) async throws(KubernetesError) -> [Pod] {
        (try await client.list(
            .pods, namespace: namespace, decoder: .json(PodResource.self))?.items ?? [])
            .map(\.pod)
    }

    private func pods(of id: WorkloadID) async throws(KubernetesError) -> [Pod] {
        var state = MeshState(pods: try await pods(in: id.namespace))
        if id.kind == .deployment {
            state.workloads =
                (try await client.list(
                    .replicaSets, namespace: id.namespace, decoder: .json(WorkloadResource.self))?
                .items ?? []).map { $0.workload(.replicaSet) }
        }
        return WorkloadIndex(state).pods(of: id)
    }
}

extension PodDataplane {
    /// How pods with this data plane are described.
    fileprivate var phrase: String {
        switch self {
        case .sidecar: "with a sidecar"
        case .ambient: "captured by ambient"
        case .none: "without a data plane"
        case .gateway, .waypoint: rawValue
        }
    }
}
