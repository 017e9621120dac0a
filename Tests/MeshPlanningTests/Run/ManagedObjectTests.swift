import JSON
import MeshModel
import Testing
import Timing

@testable import MeshPlanning

@Suite("Objects that runs changed and no rollback undid")
struct ManagedObjectTests {
    private typealias Events = [(time: Timestamp, event: RunEvent)]

    private static func image(_ mode: String) -> PolicyImage {
        PolicyImage(labels: [:], spec: ["mtls": ["mode": .string(mode)]])
    }

    private static func policy(_ before: String?, _ after: String?) -> Change {
        .policy(
            PolicyChange(
                namespace: "shop", name: "default", uid: "", before: before.map(image),
                after: after.map(image)))
    }

    private static func label(_ before: String?, _ after: String?) -> Change {
        .labels(
            NamespaceLabelChange(
                namespace: "shop", uid: "u", before: ["istio-injection": before],
                after: ["istio-injection": after]))
    }

    private static let restart = Change.restart(
        WorkloadRestart(
            workload: WorkloadID(namespace: "shop", kind: .deployment, name: "cart"), uid: "u",
            wants: .sidecar))

    /// A run that gets as far as each step's events say.
    private func run(
        _ id: String, of target: String? = nil, _ steps: [(Change, Reach)],
        end: RunOutcome? = .done,
        isPoliciesOnly: Bool = false, minute: Int64 = 0
    ) -> Events {
        let header = RunHeader(
            id: RunID(id), kind: target == nil ? .apply : .rollback, plan: "p", clusterUID: "c",
            server: "s", isPoliciesOnly: isPoliciesOnly, target: target.map { RunID($0) })
        let planned = steps.enumerated().map { index, step in
            Step(
                id: StepID(index + 1), phase: target == nil ? .strict : .restore, batch: index + 1,
                change: step.0)
        }
        var events: [RunEvent] = [.started(header, Rollout(steps: planned))]
        for (step, reach) in zip(planned, steps.map(\.1)) {
            let intent = StepIntent(change: step.change, uid: "u", resourceVersion: "1")
            let receipt = WriteReceipt(uid: "u", resourceVersion: "2")
            let all: [RunEvent] = [
                .stepIntended(step.id, intent), .stepWritten(step.id, receipt),
                .stepConfirmed(step.id, evidence: "seen"),
            ]
            switch reach {
            case .nothing: break
            case .found: events.append(.stepFoundDone(step.id))
            case .doubt: events += all.prefix(1)
            case .written: events += all.prefix(2)
            case .done: events += all
            case .refused:
                events += all.prefix(1)
                events.append(.stepFailed(step.id, .refused(status: 403, reason: "", message: "")))
            }
        }
        if let end { events.append(.finished(end)) }
        return events.enumerated().map { index, event in
            (Timestamp(milliseconds: minute * 60_000 + Int64(index)), event)
        }
    }

    private enum Reach { case nothing, found, doubt, written, done, refused }

    private func found(_ runs: Events...) -> [String] {
        ManagedObject.all(in: runs).map { object in
            let writes = object.writes.map {
                "\($0.run.text).\($0.step.number) \($0.state.rawValue)"
            }
            return "\(object.object.text): \(writes.joined(separator: ", "))"
        }
    }

    @Test("are those whose write was done or may have been, with how sure that is")
    func states() {
        let steps: [(Change, Reach)] = [
            (Self.label(nil, "enabled"), .written), (Self.restart, .doubt),
            (Self.policy(nil, "STRICT"), .done),
        ]
        #expect(
            found(run("a", steps)) == [
                "Deployment shop/cart: a.2 in-doubt", "Namespace shop: a.1 written",
                "PeerAuthentication shop/default: a.3 done",
            ])
        for reach in [Reach.nothing, .found, .refused] {
            #expect(found(run("a", [(Self.policy(nil, "STRICT"), reach)])) == [])
        }
    }

    @Test("have all their writes, with the time of each")
    func writes() throws {
        let runs = [
            run(
                "a",
                [
                    (Self.policy(nil, "PERMISSIVE"), .done),
                    (Self.policy("PERMISSIVE", "STRICT"), .done),
                ]),
            run("b", [(Self.policy("STRICT", "DISABLE"), .done)], minute: 9),
        ]
        let object = try #require(ManagedObject.all(in: runs).first)
        #expect(object.writes.map(\.at.milliseconds) == [3, 6, 540_003])
        #expect(object.writes.first?.intent.change == Self.policy(nil, "PERMISSIVE"))
    }

    @Test("are none of a run that was rolled back wholly, and again those of the run before it")
    func rolledBack() {
        let first = run(
            "a", [(Self.policy(nil, "PERMISSIVE"), .done), (Self.label(nil, "enabled"), .done)])
        let second = run(
            "b", [(Self.policy("PERMISSIVE", "STRICT"), .done), (Self.restart, .done)])
        let back = run("c", of: "b", [(Self.policy("STRICT", "PERMISSIVE"), .done)])
        #expect(
            found(first, second, back) == [
                "Namespace shop: a.2 done", "PeerAuthentication shop/default: a.1 done",
            ])
        #expect(found(first, second, back, run("d", of: "a", [])) == [])
    }

    @Test("stay where a rollback only relaxed them, with what it wrote")
    func relaxed() {
        let apply = run("a", [(Self.policy(nil, "STRICT"), .done)])
        let relax = run(
            "b", of: "a", [(Self.policy("STRICT", "PERMISSIVE"), .done)], isPoliciesOnly: true)
        #expect(
            found(apply, relax) == ["PeerAuthentication shop/default: a.1 done, b.1 done"])
        #expect(
            found(apply, relax, run("c", of: "a", [(Self.policy("PERMISSIVE", nil), .done)])) == [])
    }

    @Test("go one by one with a rollback that does not get to its end")
    func partly() {
        let apply = run(
            "a",
            [
                (Self.policy(nil, "STRICT"), .done), (Self.label("disabled", "enabled"), .done),
                (Self.restart, .done),
            ])
        func back(_ policy: Reach, _ label: Reach, _ restart: Reach) -> [String] {
            found(
                apply,
                run(
                    "b", of: "a",
                    [
                        (Self.policy("STRICT", nil), policy),
                        (Self.label("enabled", "disabled"), label),
                        (Self.restart, restart),
                    ], end: nil))
        }
        #expect(back(.done, .done, .found) == [])
        #expect(back(.done, .done, .nothing) == ["Deployment shop/cart: a.3 done"])
        #expect(
            back(.doubt, .written, .found) == [
                "Namespace shop: a.2 done, b.2 written",
                "PeerAuthentication shop/default: a.1 done, b.1 in-doubt",
            ])
    }
}
