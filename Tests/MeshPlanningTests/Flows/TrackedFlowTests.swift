import MeshModel
import TestSupport
import Testing
import Timing

@testable import MeshPlanning

@Suite("A flow that is followed")
struct TrackedFlowTests {
    /// How many pairs of client and endpoint stand for the flow between two Deployments.
    private func pairs(_ change: (inout Pod, Int) -> Void) throws -> Int {
        var state = mesh(
            namespace("shop"), deployment("shop/web", labels: ["app": "web"], replicas: 3),
            deployment("shop/cart", labels: ["app": "cart"], replicas: 3),
            service("shop/cart", ["app": "cart"]))
        for number in state.pods.indices { change(&state.pods[number], number) }
        let flow = flow("shop/deployment/web", "shop/service/cart:80")
        return try #require(FlowGuarantee([flow], on: state).flows.first).pairs.count
    }

    @Test("pods of one controller stand for each other, whenever they started")
    func startTimes() throws {
        let together = try pairs { pod, _ in
            for container in pod.containers.indices {
                pod.containers[container].runningSince = Timestamp(milliseconds: 1000)
            }
        }
        let apart = try pairs { pod, number in
            for container in pod.containers.indices {
                pod.containers[container].runningSince = Timestamp(
                    milliseconds: 1000 * Int64(number))
            }
        }
        #expect(together == 1 && apart == 1)
    }

    @Test("a pod that differs in what decides about its flows stands for itself")
    func different() throws {
        let found = try pairs { pod, number in
            if number == 0 { pod.hostNetwork = true }
        }
        #expect(found == 2)
    }
}
