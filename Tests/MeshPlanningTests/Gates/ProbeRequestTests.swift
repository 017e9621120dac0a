import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("What the end of a probe's request means")
struct ProbeRequestTests {
    private func probe(_ expects: ProbeRequest.Expectation) -> ProbeRequest {
        ProbeRequest(
            namespace: "shop", image: "curl's", serviceAccount: "default",
            url: "http://cart/?a=$(id)'b", expects: expects, timeoutMilliseconds: 5000)
    }

    private func verdict(
        _ expects: ProbeRequest.Expectation, _ outcome: ProbeOutcome
    ) -> GateFinding.Verdict? {
        let found = probe(expects).findings(in: ProbeRequest.Sample(outcome: .seen(outcome)))
        return found.count == 1 ? found[0].verdict : nil
    }

    private static let closed = "upstream connect error or disconnect/reset before headers. "

    @Test(
        "success is an answer that shows the request arrived",
        arguments: [
            (0, 200, .pass), (0, 301, .pass), (0, 401, .pass), (0, 404, .pass),
            (0, 403, .inconclusive), (0, 500, .fail), (0, 503, .fail), (0, nil, .inconclusive),
            (6, nil, .fail), (7, nil, .fail), (28, nil, .fail), (35, nil, .fail), (52, nil, .fail),
            (56, nil, .fail), (56, 200, .fail), (60, nil, .fail), (1, nil, .inconclusive),
            (2, nil, .inconclusive), (126, nil, .inconclusive), (127, nil, .inconclusive),
            (137, nil, .inconclusive),
        ] as [(Int, Int?, GateFinding.Verdict)])
    func success(_ code: Int, _ status: Int?, _ expected: GateFinding.Verdict) {
        let outcome = ProbeOutcome(exitCode: code, status: status)
        #expect(verdict(.success, outcome) == expected)
        #expect(verdict(.successBeforeRefusal, outcome) == expected)
    }

    @Test(
        "a refusal is a closed connection without an answer, or Envoy's word for one",
        arguments: [
            (52, nil, false, .pass), (56, nil, false, .pass), (0, 503, true, .pass),
            (0, 503, false, .inconclusive), (0, 502, true, .inconclusive),
            (0, 200, false, .fail), (0, 404, false, .fail), (56, 200, false, .fail),
            (63, 200, false, .fail), (0, 403, false, .inconclusive), (0, 200, true, .fail),
            (6, nil, false, .inconclusive), (7, nil, false, .inconclusive),
            (28, nil, false, .inconclusive), (35, nil, false, .inconclusive),
            (127, nil, false, .inconclusive), (0, nil, false, .inconclusive),
            (52, 503, true, .inconclusive),
        ] as [(Int, Int?, Bool, GateFinding.Verdict)])
    func refused(_ code: Int, _ status: Int?, _ isClosed: Bool, _ expected: GateFinding.Verdict) {
        let outcome = ProbeOutcome(exitCode: code, status: status, isClosedUpstream: isClosed)
        #expect(verdict(.refused, outcome) == expected)
    }

    @Test("a pod that may have been outside its data plane proves neither refusal nor failure")
    func outside() {
        func outcome(_ code: Int, _ status: Int?) -> ProbeOutcome {
            ProbeOutcome(exitCode: code, status: status, missedDataplane: "not captured")
        }
        #expect(verdict(.refused, outcome(56, nil)) == .inconclusive)
        #expect(verdict(.success, outcome(56, nil)) == .inconclusive)
        #expect(verdict(.success, outcome(0, 503)) == .inconclusive)
        #expect(verdict(.success, outcome(0, 200)) == .pass)
        #expect(verdict(.refused, outcome(0, 200)) == .fail)
    }

    @Test("what was not seen is inconclusive, whatever is expected")
    func unseen() {
        for expects in [ProbeRequest.Expectation.success, .successBeforeRefusal, .refused] {
            let found = probe(expects).findings(
                in: ProbeRequest.Sample(outcome: .unseen(why: "no\nright"), notes: ["left"]))
            #expect(
                found.lines == [
                    "inconclusive request from namespace shop to http://cart/?a=$(id)'b: "
                        + "cannot judge, because no right"
                ])
            #expect(found[0].evidence == ["left"])
        }
    }

    @Test("nothing accepts a doubt about what is to be refused later")
    func notAccepted() {
        let doubt = GateSettings.AcceptedDoubt(
            gate: .probe, namespace: "shop", reason: "r", owner: "o",
            expires: CalendarDate("2027-01-31")!)
        func letsPass(_ expects: ProbeRequest.Expectation) -> Bool {
            probe(expects).findings(in: ProbeRequest.Sample(outcome: .unseen(why: "x")))
                .accepting([doubt], on: CalendarDate("2027-01-01")).letPass
        }
        #expect(letsPass(.success) && letsPass(.refused))
        #expect(!letsPass(.successBeforeRefusal))
    }

    @Test("the command to copy is safe in a shell")
    func command() throws {
        let found = probe(.success).findings(
            in: ProbeRequest.Sample(outcome: .seen(ProbeOutcome(exitCode: 7))))
        let command = try #require(found.first?.command)
        #expect(command.contains(#"--image='curl'\''s' "#))
        #expect(command.hasSuffix(#"'http://cart/?a=$(id)'\''b'"#))
    }

    @Test("the log says the status in curl's last line, and what curl says of an error")
    func log() {
        let plain = ProbeOutcome(exitCode: 0, log: "\nmeshctl-probe: status 200")
        #expect(plain == ProbeOutcome(exitCode: 0, status: 200))
        let reset = ProbeOutcome(
            exitCode: 56,
            log: "meshctl-probe: status 000\ncurl: (56) Recv failure: Connection reset by peer")
        #expect(
            reset
                == ProbeOutcome(
                    exitCode: 56, words: "curl: (56) Recv failure: Connection reset by peer"))
        #expect(ProbeOutcome(exitCode: 127, log: "") == ProbeOutcome(exitCode: 127))
    }

    @Test("a body cannot speak for curl, and Envoy's words are known for a closed connection only")
    func body() {
        let forged = ProbeOutcome(
            exitCode: 0, log: "meshctl-probe: status 503\ncurl: (56) x\nmeshctl-probe: status 200\n"
        )
        #expect(forged == ProbeOutcome(exitCode: 0, status: 200))
        for (reason, isClosed) in [
            ("reset reason: connection termination", true),
            ("retried and the latest reset reason: connection termination", true),
            ("reset reason: remote connection failure", false), ("", false),
        ] {
            let log = Self.closed + reason + "\nmeshctl-probe: status 503\n"
            #expect(
                ProbeOutcome(exitCode: 0, log: log)
                    == ProbeOutcome(exitCode: 0, status: 503, isClosedUpstream: isClosed))
        }
    }
}
