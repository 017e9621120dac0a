import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Clients outside the cluster behind STRICT")
struct NodePortBehindStrictTests {
    private func found(
        _ client: Flow.Client, _ origin: Flow.Origin, mtls: MTLSMode = .strict,
        expect: FlowEntry.Expectation = .carried
    ) -> [Diagnostic] {
        let certainty: Flow.Certainty = origin == .declared ? .sure : .doubtful
        var one = flow(
            from: client, to: serviceServer("shop/hook", 443), certainty, origin: origin)
        one.expect = expect
        return told(
            by: NodePortBehindStrict.self, plan(entry("shop", mtls: mtls)),
            on: plaintextServer(plane: .ambient), [one])
    }

    @Test("a doubtful NodePort client that would be refused names the container port")
    func warns() throws {
        let only = try #require(found(.external, .inferred(.nodePort)).first)
        #expect(only.code == .nodePortBehindStrict && only.severity == .warning)
        #expect(only.message.hasPrefix("external->shop/service/hook:443 would be refused"))
        #expect(only.message.hasSuffix("container port 9443"))
    }

    @Test("declared flows are the search's, flows that shall be refused are nobody's")
    func notTold() {
        #expect(found(.external, .declared).isEmpty)
        #expect(found(.external, .inferred(.nodePort), expect: .refused).isEmpty)
        #expect(found(.external, .inferred(.nodePort), mtls: .permissive).isEmpty)
        #expect(found(.apiServer, .inferred(.webhook)).isEmpty)
    }
}
