import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Exceptions for a Service's port")
struct ServicePortExceptionsTests {
    private func found(
        _ port: Int, declares: [Int] = [3000],
        services: [Service] = [service("shop/web", 80, to: 3000)],
        selector: [String: String] = ["app": "web"], replicas: Int = 1
    ) -> [Diagnostic] {
        let state = mesh(
            namespace("shop", labels: sidecarLabels),
            deployment("shop/web", labels: injected("web"), plane: .sidecar, replicas: replicas)
        ).with(services).editingPods {
            $0.containers[0].ports = declares.map { Container.Port(number: $0) }
        }
        return told(
            by: ServicePortExceptions.self,
            plan(
                entry(
                    "shop", mtls: .strict,
                    exceptions: [exception("web", selector, [port: .permissive])])), on: state)
    }

    @Test("the Service's port is refused, and the container's is named to write")
    func servicePort() {
        let found = found(80)
        #expect(
            found.said == [
                "error: exception web names port 80 of Service shop/web, not the container's port 3000"
            ])
        #expect(found.first?.remedy == "ports: {3000: PERMISSIVE}")
    }

    @Test("the container's port is right, declared or not")
    func containerPort() {
        #expect(found(3000) == [])
        #expect(found(3000, declares: []) == [])
    }

    @Test("a number that is a Service's and a container's port is right")
    func both() {
        #expect(found(80, declares: [80, 3000]) == [])
        let other = service("shop/web", 81, to: 80)
        #expect(found(80, services: [service("shop/web", 80, to: 3000), other]) == [])
    }

    @Test("a port that nobody knows is not judged")
    func unknown() {
        #expect(found(9999) == [])
    }

    @Test("of a template, whose container ports are not read, it is a warning")
    func template() {
        #expect(found(80, replicas: 0).severities == [.warning])
    }

    @Test("an exception that selects nobody is a warning")
    func nobody() {
        let found = found(3000, selector: ["app": "wbe"])
        #expect(found.said == ["warning: exception web selects no workload of namespace shop"])
        #expect(found.map(\.code) == [.exceptionWithoutPods])
    }
}
