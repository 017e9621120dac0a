import MeshModel
import MeshPlanning
import Testing
import Timing

@testable import Reporting

@Suite("Lines of progress")
struct ProgressLineTests {
    private let rollout = twoWaveRollout()

    private func line(_ event: RunEvent) -> String { ProgressLine(event, in: rollout).text }

    private func intent(_ number: Int) -> RunEvent {
        .stepIntended(
            StepID(number),
            StepIntent(
                change: rollout.steps[number - 1].change, uid: "u", resourceVersion: "7"))
    }

    @Test("a run that starts says what it is")
    func started() {
        let header = RunHeader(
            id: RunID("r1"), kind: .apply, plan: plan, clusterUID: "c", server: server,
            stage: .strict)
        #expect(
            line(.started(header, rollout))
                == "run r1: apply of resilient-platform, through stage strict, 9 steps")
        var limited = header
        limited.waves = ["canary", "-"]
        #expect(
            line(.started(limited, rollout))
                == "run r1: apply of resilient-platform, wave canary and the namespaces without a "
                + "wave, through stage strict, 9 steps")
        let back = RunHeader(
            id: RunID("r2"), kind: .rollback, plan: plan, clusterUID: "c", server: server,
            target: RunID("r1"))
        #expect(line(.started(back, rollout)) == "run r2: rollback of r1, 9 steps")
        #expect(line(.resumed(by: "ada@laptop")) == "the run goes on, taken up by ada@laptop")
    }

    @Test("a step is told by its number, its object and what it writes")
    func intended() {
        #expect(
            line(intent(7))
                == "[7/9] update PeerAuthentication media/default: mode PERMISSIVE → STRICT")
        #expect(
            line(intent(1)) == "[1/9] label Namespace media: + istio.io/dataplane-mode=ambient")
        #expect(
            line(intent(3))
                == "[3/9] restart Deployment resilient-platform/backend: for a sidecar")
        #expect(
            line(intent(9))
                == "[9/9] delete PeerAuthentication resilient-platform/old: was mode DISABLE"
        )
    }

    @Test("its end is told with the evidence, or with what went wrong and what to do")
    func ends() {
        let id = StepID(7)
        let receipt = WriteReceipt(uid: "u", resourceVersion: "8")
        #expect(line(.stepWritten(id, receipt)) == "[7/9] written")
        #expect(
            line(.stepConfirmed(id, evidence: "accepted by the API server"))
                == "[7/9] done: accepted by the API server")
        #expect(
            line(.stepFoundDone(id))
                == "[7/9] already done: PeerAuthentication media/default is as planned")
        #expect(
            line(.stepFailed(id, .refused(status: 403, reason: "Forbidden", message: "no")))
                == "[7/9] failed: PeerAuthentication media/default: the API server refused it with "
                + "403 Forbidden: no. Ask for the permission that it names, then go on with the run."
        )
    }

    @Test("a silent validation webhook of Istio's is told as istiod being down, another's is not")
    func webhook() {
        func refusal(_ message: String) -> String {
            StepFailure.refused(status: 500, reason: "InternalError", message: message).message
        }
        #expect(
            refusal("failed calling webhook \"rev.validation.istio.io\": no endpoints")
                .hasPrefix("istiod is down"))
        #expect(
            refusal("failed calling webhook \"policy.example.com\": no endpoints")
                .hasPrefix("the API server refused it with 500 InternalError"))
    }

    @Test("waits say how far they are")
    func waits() {
        #expect(
            ProgressLine.waiting(
                StepID(4), of: rollout, done: 2, total: 3, missing: "pod shop/a is not ready"
            ).text == "[4/9] waiting: 2 of 3; pod shop/a is not ready")
        #expect(
            ProgressLine.settling(.seconds(30)).text
                == "settling 30s: propagation cannot be proved")
        #expect(
            line(.settled(batch: 2)) == "settled: waited, since propagation cannot be proved")
    }

    @Test("the run's end, for now or for good")
    func runEnds() {
        #expect(line(.stopped(.stepFailed(StepID(5)))) == "stopped: step 5 failed")
        #expect(line(.stopped(.interrupted)) == "stopped: interrupted")
        #expect(line(.finished(.done)) == "finished")
        #expect(line(.finished(.incomplete)) == "finished, with objects left as they are")
    }

    @Test("evidence from the cluster stays on its line")
    func hostile() {
        let text = line(.stepConfirmed(StepID(1), evidence: "a\n\u{1B}[31mb"))
        #expect(text == "[1/9] done: a␊␛[31mb")
    }

    @Test("a step that the rollout does not know is named by its number")
    func unknownStep() {
        #expect(line(.stepFoundDone(StepID(77))) == "[77/9] already done: step 77 is as planned")
    }
    @Test("an API server that is away is told with since when, why and how long it is waited for")
    func outage() {
        let since = Timestamp(milliseconds: 1_764_000_000_000)
        #expect(
            ProgressLine.away(
                since: since, left: .milliseconds(270_900), why: "get namespaces:\u{1B} refused"
            ).text
                == "the API server does not answer since 2025-11-24T16:00:00Z (get namespaces:␛ refused); "
                + "trying again, 4m30s left")
        #expect(
            ProgressLine.stillAway(left: .seconds(59)).text
                == "the API server does not answer; trying again, 59s left")
        #expect(
            ProgressLine.back(after: .milliseconds(90_200)).text
                == "the API server answers again, after 1m30s")
        #expect(
            line(.stopped(.unreachable(since: since.milliseconds)))
                == "stopped: no answer from the API server since 2025-11-24T16:00:00Z")
    }
}
