import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("In a rollback, an object that somebody else changed")
struct RollbackConflictTests {
    static let shop = mesh(
        namespace("shop"), deployment("shop/web", plane: .none),
        policy("shop/default", .disable, labels: madeBy(plan: "home")))

    static var run: ModelRun {
        applied(plan(entry("shop", .ambient, mtls: .strict)), on: shop)
    }

    private func spec(_ mode: MTLSMode) -> JSONValue { PolicySpec.make(mode: mode) }

    @Test("is left alone, and shown as before, ours and now")
    func policyConflict() {
        let edited = Self.run.state.writing("shop/default") { $0.spec["note"] = "mine" }
        let planned = undoing(Self.run, on: edited)
        var now = spec(.strict)
        now["note"] = "mine"
        #expect(
            planned.conflicts == [
                RollbackConflict(
                    object: Self.reference, before: spec(.disable), ours: spec(.strict), now: now)
            ])
        #expect(planned.leftAlone == [Self.reference])
        #expect(planned.lines == ["restore label Namespace shop istio.io/dataplane-mode-"])
    }

    private static let reference = ObjectReference(
        kind: "PeerAuthentication", namespace: "shop", name: "default")

    @Test("is restored all the same with overwrite")
    func overwrite() {
        let edited = Self.run.state.writing("shop/default") { $0.spec["note"] = "mine" }
        let planned = undoing(Self.run, on: edited, overwrite: true)
        #expect(planned.conflicts == [])
        #expect(edited.applying(planned).images == Self.shop.images)
    }

    @Test("shows what the run left last as ours")
    func lastIsOurs() {
        // The plan writes PERMISSIVE on the way to STRICT.
        let edited = Self.run.state.writing("shop/default") { $0.spec = [:] }
        #expect(undoing(Self.run, on: edited).conflicts.map(\.ours) == [spec(.strict)])
    }

    @Test("shows a deletion as null")
    func deleted() {
        let state = Self.run.state.applying([policyChange("shop/default", .strict, nil)])
        #expect(undoing(Self.run, on: state).conflicts.map(\.now) == [.null])
    }

    @Test("is no conflict where it is as it was before the run")
    func asBefore() {
        let restored = Self.run.state.applying([
            policyChange("shop/default", .strict, .disable),
            labelChange("shop", [:], ["istio.io/dataplane-mode": nil]),
        ])
        let planned = undoing(Self.run, on: restored)
        #expect(planned.conflicts == [])
        #expect(planned.lines == [])
    }

    @Test("keeps all its labels where one of the run's was changed, and shows that one")
    func labels() {
        let edited = Self.run.state.applying([
            labelChange("shop", [:], ["istio.io/dataplane-mode": "none"])
        ])
        let planned = undoing(Self.run, on: edited)
        #expect(
            planned.conflicts == [
                RollbackConflict(
                    object: ObjectReference(kind: "Namespace", namespace: "", name: "shop"),
                    before: ["istio.io/dataplane-mode": .null],
                    ours: ["istio.io/dataplane-mode": "ambient"],
                    now: ["istio.io/dataplane-mode": "none"])
            ])
        #expect(!planned.lines.contains { $0.contains("Namespace") })
    }

    @Test("is none where only labels changed that the run never wrote")
    func othersLabels() {
        let edited = Self.run.state.applying([labelChange("shop", [:], ["team": "web"])])
        let planned = undoing(Self.run, on: edited)
        #expect(planned.conflicts == [])
        #expect(edited.applying(planned).namespaceLabels["shop"] == ["team": "web"])
    }

    @Test("is in conflict where the namespace was made again, whatever its labels say")
    func namespaceMadeAgain() {
        var state = Self.run.state
        state.namespaces[0].meta.uid = "ns-shop-2"
        let planned = undoing(Self.run, on: state)
        #expect(planned.conflicts.map(\.object.text) == ["Namespace shop"])
    }

    @Test(
        "is passed over with a note where its namespace is gone, or going",
        arguments: [true, false])
    func namespaceGone(isTerminating: Bool) {
        var state = Self.run.state
        if isTerminating {
            state.namespaces[0].meta.isTerminating = true
        } else {
            state.namespaces = []
            state.peerAuthentications = []
        }
        let planned = undoing(Self.run, on: state)
        #expect(planned.lines == [])
        #expect(planned.conflicts == [])
        #expect(planned.leftAlone == [])
        #expect(planned.diagnostics.map(\.code) == [.leftOver])
    }
}
