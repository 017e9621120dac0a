import MeshModel
import MeshPlanning
import TestSupport
import Testing

/// What is asked once more when a run is undone that gates had stopped.
@Suite("Gates asked again")
struct AskingAgainTests {
    private static let round = GateRound(.before, batch: 1)

    private func run(_ findings: [GateFinding], _ status: RunEvent?) throws -> RunState {
        var rollout = rollout([[policyChange("shop/default", nil, .strict)]])
        rollout.gates = [
            GateCheck(
                Self.round,
                .dnsReady(DNSReady(namespace: "kube-system", selector: LabelSelector([:])))),
            GateCheck(Self.round, .enrolled(Enrolled(namespaces: ["shop"]))),
            GateCheck(GateRound(.after, batch: 1), .enrolled(Enrolled(namespaces: ["other"]))),
        ]
        let events: [RunEvent?] = [
            .started(RunSimulation.header, rollout), .gatesAsked(Self.round, findings), status,
        ]
        return try #require(RunState(replaying: events.compactMap(\.self)))
    }

    @Test("only those that did not let it pass, of the place where it stopped")
    func closed() throws {
        let dns = GateFinding(.dnsReady, .fail, about: "kube-dns", "one pod is not ready")
        let enrolled = GateFinding(.enrolled, .pass, about: "namespace shop", "2 of 2")
        let stopped = try run([dns, enrolled], .stopped(.gate(Self.round)))
        #expect(stopped.closedGates.map(\.question.gate) == [.dnsReady])
        var doubt = dns
        doubt.verdict = .inconclusive
        #expect(try run([doubt, enrolled], .stopped(.gate(Self.round))).closedGates.count == 1)
        doubt.accepted = "known"
        #expect(try run([doubt, enrolled], .stopped(.gate(Self.round))).closedGates == [])
    }

    @Test("nothing of a run that ended otherwise")
    func otherwise() throws {
        let dns = GateFinding(.dnsReady, .fail, about: "kube-dns", "one pod is not ready")
        let statuses: [RunEvent?] = [.stopped(.interrupted), .finished(.done), nil]
        for status in statuses { #expect(try run([dns], status).closedGates == []) }
    }

    @Test("what is about the steps themselves says nothing once they are undone")
    func outlives() {
        func probe(_ expects: ProbeRequest.Expectation) -> GateQuestion {
            .probe(
                ProbeRequest(
                    namespace: "shop", image: "curl", serviceAccount: "default", url: "http://a",
                    expects: expects, timeoutMilliseconds: 1))
        }
        let gone: [GateQuestion] = [
            .flowsCarried(FlowsCarried(batch: 1)), probe(.refused),
            .noPlaintext(NoPlaintext(targets: [], windowMilliseconds: 1)),
            .injectable(Injectable(workloads: [], labels: [:])),
            .approval(ApprovalAsked(name: "go", why: "because")),
        ]
        #expect(gone.allSatisfy { !$0.outlivesItsSteps })
        let kept: [GateQuestion] = [
            .ztunnelReady(ZtunnelReady(namespaces: ["shop"])), probe(.success),
            .workloadsReady(WorkloadsReady(namespaces: ["shop"])),
        ]
        #expect(kept.allSatisfy { $0.outlivesItsSteps })
    }
}
