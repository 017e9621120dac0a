import MeshModel
import MeshPlanning
import TestSupport
import Testing

/// Takes something away from a sample that a gate needs.
struct Missing<Sample> {
    var what: String
    var take: (inout Sample) -> Void

    init(_ what: String, _ take: @escaping (inout Sample) -> Void) {
        self.what = what
        self.take = take
    }
}

/// A whole sample passes; without any one of these things, or several at random, the gate does not pass, and
/// says so of something.
func expectNoPass<Rule: GateRule>(
    of rule: Rule, from whole: Rule.Sample, without missing: [Missing<Rule.Sample>],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let found = rule.findings(in: whole)
    #expect(found.letPass, "whole: \(found.lines)", sourceLocation: sourceLocation)
    func check(_ subset: [Missing<Rule.Sample>]) {
        var sample = whole
        for part in subset { part.take(&sample) }
        let found = rule.findings(in: sample)
        let comment = "without \(subset.map(\.what)): \(found.lines)"
        #expect(!found.isEmpty && !found.letPass, "\(comment)", sourceLocation: sourceLocation)
        #expect(
            found.allSatisfy { $0.gate == Rule.gate && !$0.reason.contains("\n") }, "\(comment)",
            sourceLocation: sourceLocation)
    }
    for part in missing { check([part]) }
    for seed in 0..<200 {
        var random = SeededGenerator(seed: seed)
        let subset = missing.filter { _ in random.oneIn(2) }.shuffled(using: &random)
        if !subset.isEmpty { check(subset) }
    }
}

extension [GateFinding] {
    /// `fail node kube-1: …`
    var lines: [String] { map { "\($0.verdict.rawValue) \($0.subject): \($0.reason)" } }

    var verdicts: Set<GateFinding.Verdict> { Set(map(\.verdict)) }
}

/// Pods of the data plane on these nodes: `agents("ztunnel", ["app": "ztunnel"], on: ["kube-1"])`.
func agents(
    _ name: String, _ labels: [String: String], on nodes: [String], image: String = "x:1.27.1"
) -> [Pod] {
    nodes.map { node in
        Pod(
            meta: ObjectMeta(name: "\(name)-\(node)", namespace: "istio-system", labels: labels),
            owner: OwnerReference(kind: "DaemonSet", name: name), nodeName: node,
            containers: [Container(name: "istio-proxy", image: image)])
    }
}

func nodes(_ names: String...) -> [ClusterNode] {
    names.map { ClusterNode(name: $0, kubeletVersion: "v1.33.0") }
}

extension Missing where Sample == MeshState {
    /// Pods with these labels came without a status.
    static func status(ofPods key: String, _ value: String) -> Self {
        Missing("status of pods \(key)=\(value)") { state in
            state = state.editingPods {
                if $0.meta.labels[key] == value { $0.isAssumedReady = true }
            }
        }
    }
}

/// A controller whose rollout is complete.
func rolledOut(_ part: MeshPart) -> MeshPart {
    var part = part
    for index in part.workloads.indices {
        let count = part.workloads[index].replicas
        part.workloads[index].status = RolloutStatus(
            generation: 2, observedGeneration: 2, updatedReplicas: count,
            availableReplicas: count, totalReplicas: count)
    }
    return part
}
