import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("What listens in a mesh")
struct ServerIndexTests {
    private func servers(_ parts: MeshPart...) -> [ServerIndex.Server] {
        let state = mesh([namespace("shop", labels: ambientLabels)] + parts)
        return ServerIndex(state, workloads: WorkloadIndex(state)).all
    }

    @Test("pods of one sort count once, and of different sorts each")
    func kinds() {
        let uniform = servers(deployment("shop/web", labels: ["app": "web"], replicas: 5))
        #expect(uniform.map(\.pods.count) == [1])
        var mixed = deployment("shop/web", labels: ["app": "web"], replicas: 5)
        mixed.pods[3].hostNetwork = true
        #expect(servers(mixed).map(\.pods.count) == [2])
    }

    @Test("a controller without pods is judged by its template, but not a Job that has run")
    func templates() {
        let found = servers(
            deployment("shop/web", replicas: 0), controller(.job, "shop/load", replicas: 0),
            controller(.daemonSet, "shop/agent", replicas: 0))
        #expect(found.map(\.text) == ["shop/DaemonSet/agent", "shop/Deployment/web"])
        #expect(found.map(\.isTemplate) == [true, true])
        #expect(found.map(\.isIdle) == [false, true])
        #expect(found.flatMap(\.pods).map(\.dataplane) == [.ambient, .ambient])
    }

    @Test("finished and terminating pods do not listen")
    func live() {
        #expect(
            servers(pod("shop/a", phase: "Succeeded"), pod("shop/b", isTerminating: true)).isEmpty)
    }
}
