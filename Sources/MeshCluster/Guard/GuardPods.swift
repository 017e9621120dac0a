import Foundation
import KubernetesClient
import MeshModel
import MeshPlanning
import MeshResources
import Telemetry

/// A pod as a guard looks at it: with what its containers have been through, and its node's address.
struct GuardPod: Decodable, Sendable {
    let pod: Pod
    /// Of all its containers together.
    let restarts: Int
    /// Empty where it is not known.
    let nodeAddress: String

    private enum Keys: String, CodingKey { case status }

    private struct Status: Decodable {
        struct Container: Decodable { var restartCount: Int? }

        var hostIP: String?
        var containerStatuses: [Container]?
        var initContainerStatuses: [Container]?
    }

    init(from decoder: any Decoder) throws {
        pod = try PodResource(from: decoder).pod
        let status = try decoder.container(keyedBy: Keys.self)
            .decodeIfPresent(Status.self, forKey: .status)
        let containers = (status?.containerStatuses ?? []) + (status?.initContainerStatuses ?? [])
        // Kubernetes counts in 32 bits; whatever a hostile server says must not overflow.
        restarts = containers.compactMap(\.restartCount).reduce(0) {
            $0 + min(max(0, $1), Int(Int32.max))
        }
        nodeAddress = status?.hostIP ?? ""
    }
}

/// The pods that guards are about, and who is who among them.
struct GuardPods: Sendable {
    /// By `TrafficGuard.Target.workload`, those that run.
    private(set) var ofTargets: [String: [GuardPod]] = [:]
    /// Those that run with an Envoy of their own, of workloads that must reach a target.
    private(set) var clients: [Pod] = []
    private let targets: [TrafficGuard.Target]
    private let index: WorkloadIndex
    /// Workloads that the guards name.
    private let named: Set<String>
    private var byName: [String: Pod] = [:]
    private var byAddress: [String: Pod] = [:]
    private var nodes: [String: String] = [:]
    private var targetsByAddress: [String: String] = [:]

    init(_ pods: [GuardPod], of targets: [TrafficGuard.Target]) {
        self.targets = targets
        var state = MeshState()
        state.pods = pods.map(\.pod)
        index = WorkloadIndex(state)
        named = Set(targets.flatMap { [$0.workload] + $0.required + $0.givenUp })
        let wanted = Set(targets.map(\.workload))
        let required = Set(targets.flatMap(\.required))
        for item in pods.sorted(by: { PodKey($0.pod) < PodKey($1.pod) }) {
            let pod = item.pod
            byName[pod.meta.text] = pod
            if !item.nodeAddress.isEmpty { nodes[item.nodeAddress] = pod.nodeName }
            // What has ended keeps its address in its status, and others get it.
            guard pod.isLive, pod.isBoundAndStarted else { continue }
            let workload = workload(of: pod)
            if !pod.hostNetwork, !pod.ip.isEmpty { byAddress[pod.ip] = pod }
            if wanted.contains(workload) {
                ofTargets[workload, default: []].append(item)
                if !pod.hostNetwork, !pod.ip.isEmpty { targetsByAddress[pod.ip] = workload }
            }
            if required.contains(workload), [.sidecar, .gateway].contains(pod.dataplane) {
                clients.append(pod)
            }
        }
    }

    /// As the guards name it. ReplicaSets and Jobs are not read, so that a pod's own owner and the CronJob that
    /// its Job is named after are tried too (istio `pkg/kube/util.go:GetWorkloadMetaFromPod`).
    private func workload(of pod: Pod) -> String {
        let text = index.text(of: pod)
        guard !named.contains(text), let owner = pod.owner else { return text }
        let own = "\(pod.meta.namespace)/\(owner.kind)/\(owner.name)"
        if named.contains(own) { return own }
        let digits = owner.name.reversed().prefix { $0.isASCII && $0.isNumber }.count
        guard owner.kind == "Job", (8...10).contains(digits),
            owner.name.dropLast(digits).last == "-"
        else { return text }
        return "\(pod.meta.namespace)/CronJob/\(owner.name.dropLast(digits + 1))"
    }

    func counterName(of pod: Pod) -> String { TargetName(workload(of: pod)).counterName }

    // MARK: - Servers

    /// Those with pods on the node that a ztunnel serves, or may serve once the step is done.
    func targets(besideNode node: String) -> [String] {
        targets.map(\.workload).filter { target in
            (ofTargets[target] ?? []).contains {
                $0.pod.nodeName == node && [.ambient, .none].contains($0.pod.dataplane)
            }
        }
    }

    func targets(requiring client: Pod) -> [String] {
        let workload = workload(of: client)
        return targets.filter { $0.required.contains(workload) }.map(\.workload)
    }

    /// The target that counters mean; nil where they mean none.
    func target(_ end: TrafficCounters.End, service: String) -> String? {
        if end.isKnown {
            return targets.first { TargetName($0.workload).isCalled(end) }?.workload
        }
        let words = service.split(separator: ".", maxSplits: 2)
        guard words.count > 1 else { return nil }
        return targets.first { $0.services.contains("\(words[1])/\(words[0])") }?.workload
    }

    func target(at address: String) -> String? { targetsByAddress[address] }

    // MARK: - Clients

    func source(_ end: TrafficCounters.End) -> GuardLook.Source {
        guard end.isKnown else { return .unknown }
        let name = "\(end.namespace)/\(end.workload)"
        return isProbe(end.workload) ? .probe(name) : .workload(name)
    }

    /// - Parameter counted: workloads that the same proxy has counted: a pod that was not read is one of theirs
    ///   where its name begins so.
    func source(
        _ connection: RefusedConnection, among counted: Set<GuardLook.Source>
    ) -> GuardLook.Source {
        if let name = connection.source {
            let text = "\(name.namespace)/\(name.name)"
            if let pod = byName[text] { return source(pod) }
            if isProbe(name.name) { return .probe(text) }
            let fitting = counted.filter {
                if case .workload(let workload) = $0 {
                    text.hasPrefix(workload + "-")
                } else {
                    false
                }
            }
            return fitting.max() ?? .workload(text)
        }
        let address = connection.from.address
        if let pod = byAddress[address] { return source(pod) }
        return nodes[address].map { .node(name: $0, address: address) } ?? .address(address)
    }

    private func source(_ pod: Pod) -> GuardLook.Source {
        pod.meta.labels[LabelKeys.probe] == nil
            ? .workload(counterName(of: pod)) : .probe(pod.meta.text)
    }

    /// By then its pod may be gone.
    private func isProbe(_ name: String) -> Bool { name.hasPrefix(ProbePod.namePrefix) }
}
