import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Timing

@testable import MeshCluster

/// A checkpoint of any shape that a plan could give it, with texts of any kind.
func randomCheckpoint(_ random: inout SeededGenerator) -> Checkpoint {
    let steps = (0..<Int.random(in: 0...12, using: &random)).map { number in
        Step(
            id: StepID(number + 1), phase: random.pick(Phase.allCases),
            wave: random.pick([nil, "canary"]), batch: number / 2 + 1,
            settles: random.oneIn(2), change: randomChange(&random),
            marks: random.pick([[], [.loosens]]))
    }
    let kind = random.pick([RunHeader.Kind.apply, .rollback])
    return Checkpoint(
        header: RunHeader(
            id: RunID("run-\(Int.random(in: 0..<1000, using: &random))"), kind: kind,
            plan: randomText(&random), clusterUID: "uid", server: "https://cluster.example",
            stage: random.pick([nil, .strict]), waves: random.pick([nil, ["canary", "-"]]),
            target: kind == .rollback ? RunID("run-0") : nil, planText: randomText(&random),
            startedBy: randomText(&random), nonce: random.pick([nil, "n"])),
        startedAt: Timestamp(milliseconds: Int64.random(in: 0...2_000_000_000_000, using: &random)),
        rollout: Rollout(
            steps: steps,
            settings: RunSettings(
                settle: .seconds(Int64.random(in: 0...3600, using: &random)),
                writesAtOnce: Int.random(in: 1...64, using: &random))))
}

private func randomChange(_ random: inout SeededGenerator) -> Change {
    let name = "o\(Int.random(in: 0..<9, using: &random))"
    func image() -> PolicyImage? {
        random.oneIn(3)
            ? nil
            : PolicyImage(
                labels: [randomText(&random): randomText(&random)],
                annotations: ["a": randomText(&random)],
                spec: ["mtls": ["mode": .string(randomText(&random))], "n": [1, .null, 0.5]])
    }
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
        return .labels(
            NamespaceLabelChange(
                namespace: name, uid: "u", before: ["a": nil, "b": randomText(&random)],
                after: ["a": "1", "b": nil]))
    case 1:
        return .restart(
            WorkloadRestart(
                workload: WorkloadID(namespace: "shop", kind: .deployment, name: name), uid: "u",
                wants: .ambient,
                templateLabel: TemplateLabelChange(key: "k", before: nil, after: "v")))
    case 2:
        return .traffic(
            TrafficChange(
                random.pick(TrafficKind.allCases), namespace: "shop", name: name, uid: "",
                before: image(), after: image()))
    default:
        return .policy(
            PolicyChange(
                namespace: "shop", name: name, uid: "u", before: image(), after: image(),
                isAdopted: random.oneIn(2)))
    }
}

private func randomText(_ random: inout SeededGenerator) -> String {
    random.pick(["", "shop", "a: 1\n\"ü\" 🎉\u{1B}[31m\u{202E}", "\u{0}", "\\u0000 /"])
}

/// A checkpoint that takes three ConfigMaps: its plan text cannot be compressed much.
func largeCheckpoint(_ id: String = "run-1") -> Checkpoint {
    Checkpoint(
        header: RunHeader(
            id: RunID(id), kind: .apply, plan: "shop", clusterUID: "uid", server: "here",
            planText: largeText, nonce: "n-1"),
        startedAt: Timestamp(milliseconds: 5), rollout: Rollout())
}

private let largeText: String = {
    var random = SeededGenerator(seed: 7)
    let digits = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-".utf8)
    return String(decoding: (0..<2_000_000).map { _ in random.pick(digits) }, as: UTF8.self)
}()
