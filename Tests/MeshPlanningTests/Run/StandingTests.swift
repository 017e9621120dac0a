import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("How an object stands against a planned change")
struct StandingTests {
    static func object(_ mode: MTLSMode?, uid: String = "u", labels: [String: String] = [:])
        -> CurrentObject
    {
        guard let mode else { return .absent }
        return CurrentObject(
            content: .policy(PolicyImage(labels: labels, spec: PolicySpec.make(mode: mode))),
            uid: uid, resourceVersion: "1")
    }

    static let ours = madeBy(plan: "home")

    @Test("a creation: absent is before, our object is after, another's is moved")
    func creation() {
        let change = policyChange("shop/default", nil, .strict)
        #expect(change.standing(of: .absent) == .asBefore)
        #expect(change.standing(of: Self.object(.strict, labels: Self.ours)) == .asAfter)
        #expect(isMoved(change.standing(of: Self.object(.permissive, labels: Self.ours))))
        #expect(isMoved(change.standing(of: Self.object(.strict))))
    }

    @Test("a deletion: the object is before, absence is after")
    func deletion() {
        let change = policyChange("shop/default", .strict, nil)
        #expect(change.standing(of: Self.object(.strict)) == .asBefore)
        #expect(change.standing(of: .absent) == .asAfter)
        #expect(isMoved(change.standing(of: Self.object(.permissive))))
    }

    @Test("an update: other people's labels and annotations do not count")
    func update() {
        let change = policyChange("shop/default", .permissive, .strict)
        #expect(change.standing(of: Self.object(.permissive, labels: ["x": "y"])) == .asBefore)
        let after = Self.ours.merging(["x": "y"]) { a, _ in a }
        #expect(change.standing(of: Self.object(.strict, labels: after)) == .asAfter)
        #expect(change.standing(of: .absent) == .moved(detail: "it was deleted"))
    }

    @Test("an object that was deleted and made again is another one")
    func uid() {
        let images = [MTLSMode.permissive, .strict].map {
            PolicyImage(labels: [:], spec: PolicySpec.make(mode: $0))
        }
        let change = Change.policy(
            PolicyChange(
                namespace: "shop", name: "default", uid: "u", before: images[0], after: images[1]))
        #expect(change.standing(of: Self.object(.permissive, uid: "u")) == .asBefore)
        for mode in [MTLSMode.permissive, .strict] {
            #expect(
                change.standing(of: Self.object(mode, uid: "v"))
                    == .moved(detail: "it was deleted and made again"))
        }
    }

    @Test("namespace labels: only the written keys count")
    func labels() {
        let change = labelChange("shop", ["a": nil, "b": "1"], ["a": "2", "b": nil])
        func standing(_ labels: [String: String]) -> Standing {
            change.standing(of: CurrentObject(content: .namespace(labels: labels), uid: "u"))
        }
        #expect(standing(["b": "1", "x": "y"]) == .asBefore)
        #expect(standing(["a": "2", "x": "y"]) == .asAfter)
        #expect(standing(["a": "2", "b": "1"]) == .moved(detail: "its labels are now a=2, b=1"))
        #expect(change.standing(of: .absent) == .moved(detail: "namespace shop is gone"))
    }

    @Test("a restart is never done by itself")
    func restart() {
        let change = restartChange("shop", "cart")
        let running = CurrentObject(content: .workload(restartedAt: "2026-01-01T00:00:00Z"))
        #expect(change.standing(of: running) == .asBefore)
        #expect(change.standing(of: .absent) == .moved(detail: "it is gone"))
    }

    private func isMoved(_ standing: Standing) -> Bool {
        if case .moved = standing { true } else { false }
    }
}
