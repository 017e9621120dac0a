import JSON
import MeshModel
import MeshPlanning
import TestSupport

/// A policy write by what it sets: `policyChange("shop/default", nil, .permissive)`; nil is absence.
func policyChange(_ path: String, _ before: MTLSMode?, _ after: MTLSMode?) -> Change {
    let parts = path.split(separator: "/").map(String.init)
    func image(_ mode: MTLSMode) -> PolicyImage {
        PolicyImage(labels: madeBy(plan: "home"), spec: PolicySpec.make(mode: mode))
    }
    return .policy(
        PolicyChange(
            namespace: parts[0], name: parts[1], uid: "", before: before.map(image),
            after: after.map(image)))
}

func labelChange(_ namespace: String, _ before: [String: String?], _ after: [String: String?])
    -> Change
{
    .labels(NamespaceLabelChange(namespace: namespace, uid: "", before: before, after: after))
}

func restartChange(_ namespace: String, _ name: String) -> Change {
    .restart(
        WorkloadRestart(
            workload: WorkloadID(namespace: namespace, kind: .deployment, name: name), uid: "",
            wants: .sidecar))
}

/// Batches of changes as a rollout; every step settles unless it is a restart.
func rollout(
    _ batches: [[Change]], writesAtOnce: Int = 32, settle: Duration = .seconds(30)
) -> Rollout {
    var steps: [Step] = []
    for (number, batch) in batches.enumerated() {
        for change in batch {
            steps.append(
                Step(
                    id: StepID(steps.count + 1), phase: .permissive, batch: number + 1,
                    settles: change.action != .restart, change: change))
        }
    }
    return Rollout(
        steps: steps, settings: RunSettings(settle: settle, writesAtOnce: writesAtOnce))
}

/// The cluster that a rollout was planned on.
func cluster(for rollout: Rollout) -> FakeCluster {
    var cluster = FakeCluster()
    var seen: Set<ObjectReference> = []
    for change in rollout.steps.map(\.change) where seen.insert(change.object).inserted {
        switch change {
        case .labels(let labels):
            let present = labels.before.compactMapValues(\.self)
            cluster.put(change.object, .namespace(labels: present))
        case .restart: cluster.put(change.object, .workload(restartedAt: nil))
        case .policy(let policy):
            if let before = policy.before { cluster.put(change.object, .policy(before)) }
        case .traffic(let traffic):
            if let before = traffic.before { cluster.put(change.object, .policy(before)) }
        }
    }
    return cluster
}

/// A few objects, each changed some times, in batches; never twice in one batch.
func randomRollout(_ random: inout SeededGenerator) -> Rollout {
    var batches: [[Change]] = []
    var modes: [Int: MTLSMode?] = [:]
    var labels: [Int: String?] = [:]
    for _ in 0..<Int.random(in: 1...4, using: &random) {
        var batch: [Change] = []
        for object in 0..<Int.random(in: 1...3, using: &random) {
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let before = modes[object] ?? nil
                let choices: [MTLSMode?] = [nil, .permissive, .strict].filter { $0 != before }
                let after = random.pick(choices)
                modes[object] = .some(after)
                batch.append(policyChange("shop/p\(object)", before, after))
            case 1:
                let before = labels[object] ?? nil
                let after = before == nil ? "enabled" : nil
                labels[object] = .some(after)
                batch.append(
                    labelChange(
                        "ns\(object)", ["istio-injection": before], ["istio-injection": after]))
            default:
                batch.append(restartChange("shop", "w\(batches.count)-\(object)"))
            }
        }
        batches.append(batch)
    }
    return rollout(batches, writesAtOnce: Int.random(in: 1...3, using: &random))
}
