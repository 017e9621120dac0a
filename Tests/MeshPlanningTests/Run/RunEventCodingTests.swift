import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("Events in the journal")
struct RunEventCodingTests {
    static let step = StepID(7)
    static let change = policyChange("shop/default", .permissive, .strict)

    static let events: [RunEvent] = [
        .started(
            RunHeader(
                id: RunID("run-1"), kind: .rollback, plan: "home", clusterUID: "uid",
                server: "https://cluster.example", stage: .permissive, target: RunID("run-0"),
                planText: "a: 1\n\"ü\"", startedBy: "me@laptop", nonce: "n"),
            rollout([
                [change, labelChange("shop", ["a": nil, "b": "1"], ["a": "2", "b": nil])],
                [restartChange("shop", "cart"), policyChange("shop/x", nil, .strict)],
                [policyChange("shop/x", .strict, nil)],
            ])),
        .resumed(by: "me@laptop"),
        .pulled(by: "me@laptop"),
        .stepIntended(
            step,
            StepIntent(
                change: change, uid: "u", resourceVersion: "9",
                restartedAt: "2026-11-21T01:27:39Z")),
        .stepWritten(step, WriteReceipt(uid: "u", resourceVersion: "10", foundByReadingBack: true)),
        .stepFoundDone(step),
        .stepConfirmed(step, evidence: "2 of 2 pods"),
        .stepFailed(step, .moved(detail: "it was deleted")),
        .stepFailed(step, .refused(status: 403, reason: "Forbidden", message: "no")),
        .stepFailed(step, .unreachable(message: "timed out")),
        .stepFailed(step, .unconfirmed(missing: "1 of 2 pods")),
        .settled(batch: 3),
        .gatesAsked(
            GateRound(.before, batch: 2),
            [
                GateFinding(
                    .noPlaintext, .inconclusive, about: "namespace shop", in: "shop", "silent",
                    evidence: ["a", "b"], hint: "wait", command: "meshctl check")
            ]),
        .soakStarted(batch: 2, at: 1_795_000_000_000), .soaked(batch: 2),
        .guardStarted(
            batch: 2, GuardLook(at: Timestamp(milliseconds: 5), unseen: ["no answer"])),
        .guardReported(
            GuardReport(
                batch: 2,
                refusals: [
                    .init(from: "a", to: "b", count: 2, evidence: ["line"]),
                    .init(from: "c", to: "b", count: 1, excuse: "a scanner"),
                ], regressions: ["worse"], doubts: ["no answer"], trips: true)),
        .stopped(.guardTripped(batch: 2)),
        .stopped(.gate(GateRound(.after, batch: 2))), .stopped(.soaking(until: 1)),
        .stopped(.stepFailed(step)), .stopped(.interrupted), .stopped(.superseded),
        .stopped(.unreachable(since: 1_764_000_000_000)),
        .stopped(.lockLost(to: "nobody")),
        .stopped(.stopRequested(by: "rollback by ben@lap", why: "to roll back")),
        .finished(.done), .finished(.incomplete),
    ]

    @Test("every event reads back as it was written", arguments: events)
    func roundTrip(_ event: RunEvent) throws {
        let written = try JSONValue(encoding: event)
        let text = try JSONValue(parsing: written.canonicalBytes)
        #expect(try text.decoded(as: RunEvent.self) == event)
    }

    @Test("changes of every kind read back as they were written")
    func changes() throws {
        let image = PolicyImage(labels: ["a": "b"], spec: ["host": "web"])
        let restart = WorkloadRestart(
            workload: WorkloadID(namespace: "shop", kind: .deployment, name: "cart"), uid: "u",
            wants: .ambient,
            templateLabel: TemplateLabelChange(key: "k", before: nil, after: "ambient"))
        let changes: [Change] =
            TrafficKind.allCases.map { kind in
                .traffic(
                    TrafficChange(
                        kind, namespace: "shop", name: "x", uid: "u", before: image, after: nil,
                        isAdopted: true))
            } + [.restart(restart)]
        for change in changes {
            let text = try JSONValue(parsing: try JSONValue(encoding: change).canonicalBytes)
            #expect(try text.decoded(as: Change.self) == change)
        }
    }

    @Test("rows that were written before restarts had labels still read")
    func olderRows() throws {
        let restart = try JSONValue(
            parsing: Array(
                #"{"restart":{"_0":{"uid":"u","wants":"sidecar","workload":{"kind":"Deployment","name":"cart","namespace":"shop"}}}}"#
                    .utf8))
        #expect(
            try restart.decoded(as: Change.self)
                == .restart(
                    WorkloadRestart(
                        workload: WorkloadID(namespace: "shop", kind: .deployment, name: "cart"),
                        uid: "u", wants: .sidecar)))
        let policy = try JSONValue(
            parsing: Array(
                #"{"policy":{"_0":{"after":{"annotations":{},"labels":{},"spec":{}},"isAdopted":false,"name":"x","namespace":"shop","uid":""}}}"#
                    .utf8))
        #expect(
            try policy.decoded(as: Change.self)
                == .policy(
                    PolicyChange(
                        namespace: "shop", name: "x", uid: "", before: nil,
                        after: PolicyImage(labels: [:], spec: [:]))))
    }

    @Test("equal events give equal bytes, whatever their dictionaries' order")
    func bytes() throws {
        for event in Self.events {
            let again = try JSONValue(encoding: event).decoded(as: RunEvent.self)
            #expect(
                try JSONValue(encoding: event).canonicalText
                    == JSONValue(encoding: again).canonicalText)
        }
    }

    @Test("a label that is removed stays apart from one that is not mentioned")
    func removedLabel() throws {
        let change = labelChange("shop", ["a": "1", "b": nil], ["a": nil, "b": "2"])
        let again = try JSONValue(encoding: change).decoded(as: Change.self)
        guard case .labels(let labels) = again else {
            Issue.record("it reads back as another kind")
            return
        }
        #expect(labels.before.keys.sorted() == ["a", "b"])
        #expect(labels.after.keys.sorted() == ["a", "b"])
        #expect(again == change)
    }

    @Test("a random rollout reads back as it was planned", arguments: 0..<20)
    func rollouts(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let rollout = randomRollout(&random)
        #expect(try JSONValue(encoding: rollout).decoded(as: Rollout.self) == rollout)
    }

    @Test("replaying needs a first event `started`, and takes any order after it")
    func replaying() {
        #expect(RunState(replaying: []) == nil)
        #expect(RunState(replaying: Self.events.dropFirst()) == nil)
        #expect(RunState(replaying: Self.events) != nil)
        #expect(RunState(replaying: [Self.events[0]] + Self.events.reversed()) != nil)
    }
}
