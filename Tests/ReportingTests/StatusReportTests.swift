import JSON
import MeshModel
import Testing

@testable import Reporting

@Suite("The status of a mesh")
struct StatusReportTests {
    private func namespace(_ name: String, _ labels: [String: String] = [:]) -> Namespace {
        Namespace(meta: ObjectMeta(name: name, labels: labels))
    }

    /// `pod("shop/cart-0", .sidecar, owner: ("StatefulSet", "cart"))`
    private func pod(
        _ name: String, _ plane: PodDataplane, labels: [String: String] = [:],
        owner: (String, String)? = nil, hostNetwork: Bool = false, phase: String = "Running"
    ) -> Pod {
        let parts = name.split(separator: "/").map(String.init)
        var pod = Pod(
            meta: ObjectMeta(name: parts[1], namespace: parts[0], labels: labels),
            owner: owner.map { OwnerReference(kind: $0.0, name: $0.1) }, hostNetwork: hostNetwork,
            nodeName: "node-1", phase: phase, containers: [Container(name: "app")])
        switch plane {
        case .sidecar:
            pod.containers.append(Container(name: "istio-proxy"))
            pod.meta.annotations[LabelKeys.sidecarStatus] = "{}"
        case .ambient: pod.meta.annotations[LabelKeys.ambientRedirection] = "enabled"
        case .gateway: pod.meta.labels["gateway.istio.io/managed"] = "istio.io-gateway-controller"
        case .waypoint: pod.meta.labels["gateway.istio.io/managed"] = "istio.io-mesh-controller"
        case .none: break
        }
        return pod
    }

    private func policy(
        _ name: String, _ mode: MTLSMode, ports: [Int: MTLSMode] = [:],
        selector: [String: String]? = nil
    ) -> PeerAuthentication {
        let parts = name.split(separator: "/").map(String.init)
        return PeerAuthentication(
            meta: ObjectMeta(
                name: parts[1], namespace: parts[0], creationTimestamp: "2026-01-01T00:00:00Z"),
            selector: selector.map { LabelSelector($0) }, mode: mode, portModes: ports)
    }

    private func workload(
        _ kind: WorkloadKind, _ name: String, labels: [String: String] = [:],
        owner: OwnerReference? = nil
    ) -> Workload {
        let parts = name.split(separator: "/").map(String.init)
        return Workload(
            kind: kind, meta: ObjectMeta(name: parts[1], namespace: parts[0]),
            template: PodTemplate(labels: labels), owner: owner)
    }

    private func entry(
        _ name: String, in report: StatusReport, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> WorkloadStatus {
        try #require(
            report.workloads.first { "\($0.namespace)/\($0.name)" == name },
            sourceLocation: sourceLocation)
    }

    /// The example of the contract, and a namespace for each other kind of data plane.
    private var mesh: MeshState {
        MeshState(
            namespaces: [
                namespace("shop", ["istio-injection": "enabled"]), namespace("istio-system"),
                namespace("default", ["istio.io/dataplane-mode": "ambient"]),
                namespace("edge"), namespace("legacy"), namespace("empty"),
            ],
            workloads: [
                workload(.statefulSet, "shop/cart"), workload(.deployment, "shop/idle"),
            ],
            pods: [
                pod(
                    "shop/cart-0", .sidecar, labels: ["app": "frontend"],
                    owner: ("StatefulSet", "cart")),
                pod("shop/old-1", .none, owner: ("ReplicaSet", "old")),
                pod("shop/old-2", .none, owner: ("ReplicaSet", "old")),
                pod("shop/agent", .none, hostNetwork: true),
                pod("shop/job", .none, owner: ("Job", "import"), phase: "Succeeded"),
                pod("default/mirai-0", .ambient, owner: ("StatefulSet", "mirai")),
                pod("default/late", .none),
                pod("edge/gw", .gateway, owner: ("ReplicaSet", "gw")),
                pod("legacy/db", .none, owner: ("Rollout", "db")),
                pod("ghost/p", .none),
            ],
            peerAuthentications: [
                policy("istio-system/default", .strict), policy("shop/default", .strict),
                policy(
                    "shop/frontend", .unset, ports: [3000: .permissive, 3001: .strict],
                    selector: ["app": "frontend"]),
                policy("default/default", .disable),
            ], revisions: ["default"])
    }

    @Test("a table by namespace, what is asked for and missing, and what was assumed")
    func text() throws {
        let report = StatusReport(mesh, assumptions: ["automatic mutual TLS is on"])
        try expectGolden(report.rendered(as: .text), "status.txt")
        try expectGolden(report.rendered(as: .json), "status.json")
    }

    @Test("a sidecar's entry is that of the contract")
    func contract() throws {
        let report = StatusReport(mesh)
        let cart = try JSONValue(encoding: entry("shop/cart-0", in: report))
        #expect(
            cart == [
                "namespace": "shop", "kind": "Pod", "name": "cart-0", "owner": "StatefulSet/cart",
                "dataPlane": "sidecar",
                "injection": [
                    "onRestart": true, "webhook": "namespace.sidecar-injector.istio.io",
                    "reason": "namespace-label",
                ],
                "ambient": ["wanted": false, "captured": false, "reason": "not-requested"],
                "mtls": [
                    "mode": "STRICT", "ports": ["3000": "PERMISSIVE"],
                    "decidedBy": ["istio-system/default", "shop/default", "shop/frontend"],
                ],
                "ztunnelPolicies": [],
            ])
        #expect(report.json["kind"] == "MeshStatus")
        #expect(report.json["formatVersion"] == "1.1")
        let shop = try #require(report.namespaces.first { $0.name == "shop" })
        #expect(shop.mtls.mode == "STRICT")
        #expect(shop.mtls.decidedBy == "shop/default")
    }

    @Test("nothing enforces for a pod without a data plane, and no policy decides")
    func unmeshed() throws {
        let late = try entry("default/late", in: StatusReport(mesh))
        #expect(late.mtls.mode == "NONE")
        #expect(late.mtls.decidedBy == [])
        #expect(late.owner == nil)
        #expect(late.ambient == .init(wanted: true, captured: false, reason: "namespace-label"))
    }

    @Test(
        "a meshed pod without any policy is PERMISSIVE, decided by none",
        arguments: [
            PodDataplane.sidecar, .ambient,
        ])
    func byDefault(plane: PodDataplane) throws {
        let state = MeshState(namespaces: [namespace("shop")], pods: [pod("shop/p", plane)])
        let entry = try entry("shop/p", in: StatusReport(state))
        #expect(entry.mtls.mode == "PERMISSIVE")
        #expect(entry.mtls.decidedBy == [])
    }

    @Test("ambient knows no DISABLE, and is open where istiod does not send what it lists")
    func ambient() throws {
        var state = mesh
        #expect(try entry("default/mirai-0", in: StatusReport(state)).mtls.mode == "PERMISSIVE")
        // Mode unset under a namespace policy that is unset, under a STRICT mesh: listed, never sent.
        state.peerAuthentications = [
            policy("istio-system/default", .strict), policy("default/default", .unset),
            policy("default/w", .unset, ports: [80: .permissive], selector: ["app": "m"]),
        ]
        state.pods = [pod("default/m", .ambient, labels: ["app": "m"])]
        let open = try entry("default/m", in: StatusReport(state))
        #expect(open.ztunnelPolicies == ["default/converted_peer_authentication_w"])
        #expect(open.mtls.mode == "PERMISSIVE")
        // With the mode spelt out both data planes agree.
        state.peerAuthentications[2].mode = .strict
        let closed = try entry("default/m", in: StatusReport(state))
        #expect(closed.mtls.mode == "STRICT")
        #expect(closed.mtls.ports == ["80": "PERMISSIVE"])
        #expect(closed.mtls.decidedBy == ["istio-system/default", "default/w"])
    }

    @Test("istiod lists policies on every pod that ztunnel could hold")
    func ztunnelPolicies() throws {
        var state = mesh
        state.pods.append(pod("legacy/host", .none, hostNetwork: true))
        let report = StatusReport(state)
        let strict = ["istio-system/istio_converted_static_strict"]
        #expect(try entry("legacy/db", in: report).ztunnelPolicies == strict)
        #expect(try entry("legacy/host", in: report).ztunnelPolicies == [])
        #expect(try entry("edge/gw", in: report).ztunnelPolicies == [])
    }

    @Test("a controller without a pod is judged by its template; one with pods has no entry")
    func templates() throws {
        let report = StatusReport(mesh)
        let idle = try entry("shop/idle", in: report)
        #expect(idle.kind == "Deployment")
        #expect(idle.owner == nil)
        #expect(idle.dataPlane == "sidecar")
        #expect(idle.mtls.mode == "STRICT")
        #expect(!report.workloads.contains { $0.kind == "StatefulSet" })
    }

    @Test("a Deployment owns the pods of its ReplicaSet, read or not")
    func replicaSets() throws {
        let owner = ("ReplicaSet", "web-5d8f7")
        var state = MeshState(
            namespaces: [namespace("shop")],
            workloads: [
                workload(.deployment, "shop/web"),
                workload(
                    .replicaSet, "shop/web-5d8f7",
                    owner: OwnerReference(kind: "Deployment", name: "web")),
            ],
            pods: [
                pod("shop/web-5d8f7-x", .none, labels: ["pod-template-hash": "5d8f7"], owner: owner)
            ])
        #expect(StatusReport(state).workloads.map(\.owner) == ["Deployment/web"])
        state.workloads.removeLast()
        #expect(StatusReport(state).workloads.map(\.owner) == ["Deployment/web"])
        state.pods[0].meta.labels = [:]
        #expect(
            try entry("shop/web-5d8f7-x", in: StatusReport(state)).owner == "ReplicaSet/web-5d8f7")
    }

    @Test("a kind that meshctl does not know is still named as the owner")
    func unknownOwner() throws {
        #expect(try entry("legacy/db", in: StatusReport(mesh)).owner == "Rollout/db")
    }

    @Test(
        "a namespace's data plane is its pods', gateways and finished pods aside",
        arguments: [
            ("shop", "mixed"), ("default", "mixed"), ("edge", "gateway"), ("empty", "none"),
            ("ghost", "none"), ("istio-system", "none"),
        ])
    func namespaceDataplane(name: String, plane: String) throws {
        let found = try #require(StatusReport(mesh).namespaces.first { $0.name == name })
        #expect(found.dataPlane == plane)
        #expect(plane != "none" || found.mtls == .init(mode: "NONE", decidedBy: nil))
    }

    @Test("without webhooks in the input the standard ones are assumed, and that is said")
    func assumedWebhooks() throws {
        var state = mesh
        state.revisions = nil
        let report = StatusReport(state)
        let cart = try entry("shop/cart-0", in: report)
        #expect(cart.injection == .init(onRestart: true, webhook: nil, reason: "namespace-label"))
        #expect(report.assumptions.count { $0.contains("MutatingWebhookConfiguration") } == 1)
        #expect(report.assumptions.contains { $0.contains("namespace ghost is only referred to") })
    }

    @Test("an empty input is said in every format")
    func empty() {
        let report = StatusReport(MeshState())
        #expect(report.rendered(as: .text) == "No namespaces.\n")
        #expect(report.json["workloads"] == [])
        #expect(report.json["rootNamespace"] == "istio-system")
    }
}
