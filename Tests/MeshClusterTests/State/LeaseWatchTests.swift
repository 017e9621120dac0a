import JSON
import MeshCluster
import MeshPlanning
import Testing

@Suite("Watching a Lease")
struct LeaseWatchTests {
    private func lease(
        _ version: String, holder: String? = "ana@desk pid 41 apply 7",
        renewed: String = "2026-11-20T10:00:00.000000Z", seconds: Int64 = 15,
        annotations: JSONValue = [:]
    ) -> LeaseRecord {
        LeaseRecord([
            "metadata": [
                "uid": "u", "resourceVersion": .string(version), "annotations": annotations,
            ],
            "spec": [
                "holderIdentity": holder.map(JSONValue.string) ?? .null,
                "renewTime": .string(renewed), "leaseDurationSeconds": .integer(seconds),
            ],
        ])
    }

    @Test("a Lease without a holder is free")
    func free() {
        var watch = LeaseWatch()
        #expect(watch.look(at: lease("1", holder: nil), asked: .zero, answered: .zero) == .free)
        #expect(watch.look(at: lease("1", holder: ""), asked: .zero, answered: .zero) == .free)
    }

    @Test("it counts from the first answer to the last question, whatever the Lease's times say")
    func abandoned() {
        for renewed in ["1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "never"] {
            var watch = LeaseWatch()
            let record = lease("1", renewed: renewed)
            #expect(watch.look(at: record, asked: .zero, answered: .seconds(3)) == .unknown)
            #expect(watch.look(at: record, asked: .seconds(17), answered: .seconds(90)) == .unknown)
            #expect(
                watch.look(at: record, asked: .seconds(18), answered: .seconds(18)) == .abandoned)
        }
    }

    @Test("a renewal, or another holder, shows life; then it counts anew")
    func alive() {
        var watch = LeaseWatch()
        #expect(watch.look(at: lease("1"), asked: .zero, answered: .zero) == .unknown)
        let renewed = lease("2", renewed: "2026-11-20T10:00:05.000000Z")
        #expect(watch.look(at: renewed, asked: .seconds(14), answered: .seconds(14)) == .alive)
        #expect(watch.look(at: renewed, asked: .seconds(28), answered: .seconds(28)) == .unknown)
        #expect(watch.look(at: renewed, asked: .seconds(29), answered: .seconds(29)) == .abandoned)
        let other = lease("3", holder: "ben@lap pid 1 apply 8")
        #expect(watch.look(at: other, asked: .seconds(30), answered: .seconds(30)) == .alive)
    }

    @Test("an annotation that changes shows no life, and is waited for all the same")
    func annotated() {
        var watch = LeaseWatch()
        #expect(watch.look(at: lease("1"), asked: .zero, answered: .zero) == .unknown)
        let asked = lease("2", annotations: ["meshctl.dev/stop-requested": "x"])
        #expect(watch.look(at: asked, asked: .seconds(14), answered: .seconds(14)) == .unknown)
        #expect(watch.look(at: asked, asked: .seconds(20), answered: .seconds(20)) == .unknown)
        #expect(watch.look(at: asked, asked: .seconds(29), answered: .seconds(29)) == .abandoned)
    }

    @Test("nobody can lock others out for years", arguments: [Int64.max, 0, -1, Int64.min])
    func bounds(seconds: Int64) {
        #expect((.seconds(5) ... .seconds(60)).contains(lease("1", seconds: seconds).duration))
    }

    @Test("an identity of ours is taken apart; anything else is quoted")
    func holders() {
        let ours = LeaseHolder(
            person: "a b\u{1B}[1m@desk", processID: 41, command: "apply", bits: 7)
        #expect(ours.text == "a_b__1m@desk pid 41 apply 7")
        #expect(ours.parts?.host == "desk" && ours.parts?.processID == 41)
        #expect(LeaseHolder(text: ours.text) == ours)
        #expect(ours.sentence == "apply by a_b__1m@desk, process 41")
        let theirs = LeaseHolder(text: "controller-7f_9c")
        #expect(theirs.parts == nil && theirs.sentence == "\"controller-7f_9c\"")
    }

    @Test("annotations that nobody of us has written are no reason to fail")
    func hostile() {
        let record = lease(
            "1",
            annotations: [
                "meshctl.dev/run": "{", "meshctl.dev/stop-requested": "[]",
                "meshctl.dev/lock-broken": "7",
            ])
        #expect(record.openRun?.id.text == "?")
        #expect(record.stopRequest?.why == "[]")
        #expect(record.broken == nil)
    }
}
