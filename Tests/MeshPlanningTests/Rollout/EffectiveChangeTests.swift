import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("What a rollout changes for workloads")
struct EffectiveChangeTests {
    @Test("names the workload once, with what holds before and after")
    func oneLine() {
        let result = planned(
            plan(entry("shop", .sidecar, mtls: .strict)),
            on: mesh(namespace("shop"), deployment("shop/cart", replicas: 3), pod("shop/bare")))
        #expect(result.effectiveChanges.map(\.workload) == ["shop/Deployment/cart"])
        #expect(result.effectiveChanges.map(\.before.text) == ["no data plane"])
        #expect(result.effectiveChanges.map(\.after.text) == ["sidecar, STRICT"])
    }

    @Test("shows the ports that differ")
    func ports() {
        let entries = entry(
            "shop", mtls: .strict,
            exceptions: [exception("web", ["app": "web"], [3000: .permissive, 3001: .disable])])
        for (plane, text) in [
            (PodDataplane.sidecar, "sidecar, STRICT except 3000 PERMISSIVE, 3001 DISABLE"),
            (.ambient, "ambient, STRICT except 3000 PERMISSIVE, 3001 PERMISSIVE"),
        ] {
            let result = planned(
                plan(entries),
                on: mesh(namespace("shop"), pod("shop/web", labels: ["app": "web"], plane: plane)))
            #expect(result.effectiveChanges.map(\.after.text) == [text])
        }
    }

    /// The texts before and after STRICT of a sidecar with these annotations.
    private func strict(
        _ annotations: [String: String], exceptions: [ExceptionEntry] = []
    ) -> [String] {
        planned(
            plan(
                entry("shop", mtls: .strict, exceptions: exceptions)
                    .leaving(["app": "web"], because: "a test says so")),
            on: mesh(
                namespace("shop"),
                pod("shop/web", labels: ["app": "web"], annotations: annotations, plane: .sidecar),
                pod("shop/cart", plane: .sidecar))
        ).effectiveChanges.filter { $0.workload == "shop/Pod/web" }
            .flatMap { [$0.before.text, $0.after.text] }
    }

    @Test("a port that is kept from the sidecar is NONE, whatever policies say of it")
    func excludedPorts() {
        let excluded = ["traffic.sidecar.istio.io/excludeInboundPorts": "9091"]
        #expect(
            strict(excluded) == [
                "sidecar, PERMISSIVE except 9091 NONE", "sidecar, STRICT except 9091 NONE",
            ])
        let open = exception("web", ["app": "web"], [3000: .permissive, 9091: .disable])
        #expect(
            strict(excluded, exceptions: [open]).last
                == "sidecar, STRICT except 3000 PERMISSIVE, 9091 NONE")
    }

    @Test("where only some ports are included, all others are NONE; with none, nothing changes")
    func includedPorts() {
        let key = "traffic.sidecar.istio.io/includeInboundPorts"
        #expect(
            strict([key: "80,90"]) == [
                "sidecar, NONE except 80 PERMISSIVE, 90 PERMISSIVE",
                "sidecar, NONE except 80 STRICT, 90 STRICT",
            ])
        #expect(strict([key: ""]).isEmpty)
        #expect(strict(["sidecar.istio.io/interceptionMode": "NONE"]).isEmpty)
        #expect(strict([key: "*"]) == ["sidecar, PERMISSIVE", "sidecar, STRICT"])
    }

    @Test("by port: the proxy's own are NONE, those of an ambient pod are not")
    func byPort() throws {
        func after(_ plane: PodDataplane) throws -> EffectiveChange.Enforcement {
            let excluded = ["traffic.sidecar.istio.io/excludeInboundPorts": "9091"]
            let result = planned(
                plan(
                    entry("shop", mtls: .strict)
                        .leaving(["app": "web"], because: "a test says so")),
                on: mesh(
                    namespace("shop"),
                    pod("shop/web", labels: ["app": "web"], annotations: excluded, plane: plane)))
            return try #require(result.effectiveChanges.first).after
        }
        let sidecar = try after(.sidecar)
        #expect([80, 9091, 15020].map(sidecar.mode) == [.strict, nil, nil])
        #expect([80, 9091, 15020].map(try after(.ambient).mode) == [.strict, .strict, .strict])
    }

    @Test("is empty where nothing enforces")
    func noDataplane() {
        let result = planned(
            plan(entry("shop", mtls: .strict)), on: mesh(namespace("shop"), pod("shop/p")))
        #expect(!result.lines.isEmpty)
        #expect(result.effectiveChanges.isEmpty)
    }
}
