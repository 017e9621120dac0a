import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Clients on the host network behind STRICT")
struct HostNetworkClientTests {
    private func found(
        _ client: Flow.Client, plane: PodDataplane, agentOn node: String = "node-2"
    ) -> [Diagnostic] {
        told(
            by: HostNetworkClient.self, plan(entry("shop", mtls: .strict)),
            on: plaintextServer(plane: plane, node: node),
            [flow(from: client, to: serviceServer("shop/hook", 443))])
    }

    static let agent = Flow.Client.pod(namespace: "kube-system", name: "agent")

    @Test("sidecars refuse it from every node, ambient pods from other nodes")
    func refused() throws {
        for found in [
            found(Self.agent, plane: .sidecar), found(Self.agent, plane: .ambient),
            found(.node("node-2"), plane: .ambient), found(.node("node-1"), plane: .sidecar),
        ] {
            let only = try #require(found.first)
            #expect(only.code == .hostNetworkClient && only.severity == .warning)
            #expect(only.message.contains("would be refused on container port 9443"))
        }
    }

    @Test("from the ambient pod's own node it is let past, while both stay there")
    func sameNode() {
        for client in [Self.agent, .node("node-1")] {
            let found = found(client, plane: .ambient, agentOn: "node-1")
            #expect(found.severities == [.warning])
            #expect(
                found.first?.message.contains("works only while client and pod share a node")
                    == true)
        }
    }

    @Test("a single pod and a client that is named by its node stay where they are")
    func fixedEnds() {
        let pod = Flow.Server.pod(namespace: "shop", name: "hook-0", port: 9443)
        for client in [Self.agent, .node("node-1")] {
            let found = told(
                by: HostNetworkClient.self, plan(entry("shop", mtls: .strict)),
                on: plaintextServer(plane: .ambient), [flow(from: client, to: pod)])
            #expect(found.isEmpty)
        }
    }

    @Test("where the node is not known, it says that it depends on it")
    func unknownNode() {
        let found = found(Self.agent, plane: .ambient, agentOn: "(unknown)")
        #expect(found.first?.message.contains("may be refused, depending on the node") == true)
    }

    @Test("a client that is not on the host network is another hazard's")
    func others() {
        let pod = Flow.Client.pod(namespace: "shop", name: "hook-0")
        #expect(found(pod, plane: .sidecar).isEmpty)
        #expect(found(.external, plane: .sidecar).isEmpty)
    }
}
