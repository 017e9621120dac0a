import MeshCluster
import MeshPlanning
import Testing
import Timing

/// Looks at pods that a test writes out: what the sandbox does not have.
@Suite("Reading what proxies tell of refusals")
struct GuardReaderTests {
    private static let start = JumpingClock.start
    private static let cart = "shop/Deployment/cart"

    /// - Parameters:
    ///   - owner: kind and name; a Deployment's pod has a ReplicaSet and its hash.
    ///   - plane: `sidecar`, `ambient`, or empty.
    private static func pod(
        _ name: String, in namespace: String = "shop", owner: (String, String)? = nil,
        plane: String = "", ip: String, labels: String = "", restarts: Int = 0,
        isReady: Bool = true
    ) -> String {
        let (kind, above) = owner ?? ("", "")
        let references =
            kind.isEmpty
            ? ""
            : #""ownerReferences": [{"kind": "\#(kind)", "name": "\#(above)", "controller": true}],"#
        let mark =
            switch plane {
            case "sidecar": #""sidecar.istio.io/status": "{}""#
            case "ambient": #""ambient.istio.io/redirection": "enabled""#
            default: ""
            }
        let proxy = plane == "sidecar" ? #", {"name": "istio-proxy"}"# : ""
        let since = (start + .seconds(-86_400)).rfc3339
        return """
            {"metadata": {"name": "\(name)", "namespace": "\(namespace)", "uid": "uid-\(name)", \(references)
              "labels": {"pod-template-hash": "5d8"\(labels)}, "annotations": {\(mark)}},
             "spec": {"nodeName": "kube-1", "containers": [{"name": "app"}\(proxy)]},
             "status": {"phase": "Running", "podIP": "\(ip)", "hostIP": "192.168.1.10",
              "conditions": [{"type": "Ready", "status": "\(isReady ? "True" : "False")"}],
              "containerStatuses": [{"name": "app", "restartCount": \(restarts),
                "state": {"running": {"startedAt": "\(since)"}}}]}}
            """
    }

    private static let ztunnel = pod(
        "ztunnel-1", in: "istio-system", owner: ("DaemonSet", "ztunnel"), ip: "10.0.9.9",
        labels: #", "app": "ztunnel""#)

    private static func replica(
        _ name: String, of workload: String, plane: String = "ambient", ip: String,
        restarts: Int = 0, isReady: Bool = true
    ) -> String {
        pod(
            name, owner: ("ReplicaSet", "\(workload)-5d8"), plane: plane, ip: ip,
            restarts: restarts, isReady: isReady)
    }

    private static func target(
        required: [String] = ["shop/Deployment/web"], givenUp: [String] = []
    ) -> TrafficGuard {
        TrafficGuard(
            batch: 1,
            targets: [
                .init(
                    workload: cart, required: required, givenUp: givenUp, services: ["shop/cart"])
            ])
    }

    /// - Parameters:
    ///   - pods: by namespace; those with the label of ztunnel are read apart.
    ///   - answers: pages and logs, by a part of their path.
    private func look(
        _ guarded: TrafficGuard = target(), pods: [String: [String]],
        answers: [String: String] = [:], logs: Bool = true
    ) async throws -> (GuardLook, ProxyCluster) {
        let cluster = ProxyCluster { _, path in
            if path.contains("/proxy/") || path.contains("/log?") {
                return answers.first { path.contains($0.key) }?.value
            }
            let space = path.split(separator: "/").drop { $0 != "namespaces" }.dropFirst().first
            let items =
                path.contains("labelSelector=")
                ? [Self.ztunnel] : space.flatMap { pods[String($0)] }
            return items.map {
                #"{"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [\#($0.joined(separator: ","))]}"#
            }
        }
        let reader = GuardReader(try cluster.client(), clock: cluster.clock)
        let look = await reader.look(
            at: [guarded], since: logs ? Self.start + .seconds(-30) : nil)
        return (look, cluster)
    }

    private static func denied(_ source: String, _ namespace: String, _ count: Int) -> String {
        "istio_tcp_connections_closed_total{reporter=\"destination\",source_workload=\"\(source)\","
            + "source_workload_namespace=\"\(namespace)\",destination_workload=\"cart\","
            + "destination_workload_namespace=\"shop\",response_flags=\"DENY\"} \(count)\n"
    }

    private static func line(_ source: String, port: Int = 8080) -> String {
        let time = (start + .seconds(-5)).rfc3339
        return
            "\(time) \(time)\terror\taccess\tconnection complete\tsrc.addr=\(source) dst.addr=10.0.2.9:\(port) "
            + #"dst.workload="cart-5d8-a" dst.namespace="shop" direction="inbound" error="connection closed "#
            + #"due to policy rejection: explicitly denied by: istio-system/istio_converted_static_strict""#
            + "\n"
    }

    private static let shop = [
        replica("cart-5d8-a", of: "cart", ip: "10.0.2.9"),
        replica("web-5d8-a", of: "web", ip: "10.0.2.10"),
    ]

    @Test("only the namespaces concerned are listed, and only the proxies concerned are asked")
    func reads() async throws {
        let (look, cluster) = try await look(
            pods: ["shop": Self.shop], answers: ["ztunnel-1": ""], logs: false)
        #expect(look.unseen.isEmpty, "\(look.unseen)")
        #expect(
            cluster.paths.map { $0.split(separator: "?")[0] } == [
                "/api/v1/namespaces/shop/pods", "/api/v1/pods",
                "/api/v1/namespaces/istio-system/pods/ztunnel-1:15020/proxy/stats/prometheus",
            ])
        #expect(look.proxies.map(\.targets) == [[Self.cart]] && look.lines.isEmpty)
    }

    @Test("sources are named as counters name them, whatever tells of them")
    func names() async throws {
        let pods = [
            "shop": Self.shop,
            "batch": [
                Self.pod(
                    "report-29000000-x", in: "batch", owner: ("Job", "report-29000000"),
                    ip: "10.0.3.3"),
                Self.pod(
                    "meshctl-probe-x", in: "batch", ip: "10.0.3.4",
                    labels: #", "meshctl.dev/probe": "true""#),
            ],
        ]
        let named = #"src.workload="web-5d8-a" src.namespace="shop""#
        let unread = #"src.workload="thing-77-a" src.namespace="other""#
        let gone = #"src.workload="meshctl-probe-y" src.namespace="shop""#
        let log = [
            "10.0.2.10:1 " + named, "10.0.3.3:2", "10.0.3.4:3", "192.168.1.10:4", "192.0.2.7:5",
            "10.0.7.7:6 " + unread, "10.0.7.8:7 " + gone,
        ].map { Self.line($0) }.joined()
        let (look, _) = try await look(
            Self.target(givenUp: ["batch/CronJob/report"]), pods: pods,
            answers: [
                "proxy/stats": Self.denied("web", "shop", 3) + Self.denied("thing", "other", 1)
                    + Self.denied("unknown", "unknown", 4), "ztunnel-1/log": log,
            ])
        #expect(look.unseen.isEmpty, "\(look.unseen)")
        #expect(
            look.lines.map(\.source) == [
                .workload("shop/web"), .workload("batch/report"),
                .probe("batch/meshctl-probe-x"), .node(name: "kube-1", address: "192.168.1.10"),
                .address("192.0.2.7"), .workload("other/thing"), .probe("shop/meshctl-probe-y"),
            ])
        #expect(look.lines.allSatisfy { $0.destination == Self.cart && $0.port == 8080 })
        #expect(
            look.proxies.first?.counts == [
                .init(.refused, from: .workload("other/thing"), to: Self.cart, 1),
                .init(.refused, from: .workload("shop/web"), to: Self.cart, 3),
                .init(.refused, from: .unknown, to: Self.cart, 4),
            ])
    }

    @Test(
        "listener counters that Istio leaves out are a doubt, and the access log is read all the same"
    )
    func hiddenListener() async throws {
        let pods = [
            Self.replica("cart-5d8-a", of: "cart", plane: "sidecar", ip: "10.0.2.9"),
            Self.replica("cart-5d8-b", of: "cart", plane: "sidecar", ip: "10.0.2.8"),
        ]
        let time = (Self.start + .seconds(-5)).rfc3339
        let log =
            "\(time) [\(time)] \"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 - \"-\" \"-\" \"-\" "
            + "\"-\" \"-\" - - 10.0.2.9:8080 192.0.2.7:5 - -\n"
        let shown = "envoy_listener_no_filter_chain_match{listener_address=\"0.0.0.0_15006\"} 0\n"
        let (look, cluster) = try await look(
            pods: ["shop": pods],
            answers: [
                "cart-5d8-a:15090": "", "cart-5d8-b:15090": shown, "cart-5d8-a/log": log,
            ])
        #expect(look.unseen.count == 1 && look.unseen[0].contains("statsInclusionPrefixes"))
        #expect(look.unseen[0].contains("of 1 of its pods"), "\(look.unseen)")
        #expect(look.proxies.map { $0.counts?.map(\.count) } == [nil, [0]])
        #expect(look.lines.map(\.kind) == [.unmatched])
        // Who has refused nobody has nothing to tell.
        #expect(!cluster.paths.contains { $0.contains("cart-5d8-b/log") })
    }

    @Test("a client's sidecar that knows only the Service tells of its target")
    func service() async throws {
        let pods = [
            Self.shop[0],
            Self.replica("web-5d8-a", of: "web", plane: "sidecar", ip: "10.0.2.10"),
        ]
        let page =
            "istio_requests_total{reporter=\"source\",destination_workload=\"unknown\","
            + "destination_service=\"cart.shop.svc.cluster.local\",response_code=\"503\",response_flags=\"UC\"} 4\n"
            + "istio_requests_total{reporter=\"source\",destination_workload=\"cart\","
            + "destination_workload_namespace=\"shop\",response_code=\"200\",response_flags=\"-\"} 90\n"
        let (look, _) = try await look(
            pods: ["shop": pods], answers: ["web-5d8-a:15020": page, "ztunnel-1": ""])
        let client = try #require(
            look.proxies.first { $0.name == "port 15020 of pod shop/web-5d8-a" })
        #expect(
            client.counts == [
                .init(.reset, from: .workload("shop/web"), to: Self.cart, 4),
                .init(.sent, from: .workload("shop/web"), to: Self.cart, 94),
            ])
    }

    @Test("readiness and restarts are those of the target's own pods")
    func health() async throws {
        let pods = [
            Self.replica("cart-5d8-a", of: "cart", ip: "10.0.2.9", restarts: 3, isReady: false),
            Self.shop[1],
        ]
        let (look, _) = try await look(pods: ["shop": pods], answers: ["ztunnel-1": ""])
        #expect(
            look.pods == [
                .init(
                    workload: Self.cart, pod: "shop/cart-5d8-a", uid: "uid-cart-5d8-a",
                    isReady: false, isCaptured: true, restarts: 3)
            ])
    }

    @Test("what may not be read is told, and counts for nothing")
    func unseen() async throws {
        let (nothing, _) = try await look(pods: [:])
        #expect(
            nothing.unseen == [
                "pods of namespace shop: not permitted",
                "shop/Deployment/cart: none of its pods was seen to run",
            ])
        let (noPages, _) = try await look(pods: ["shop": Self.shop])
        #expect(
            noPages.unseen == [
                "port 15020 of pod istio-system/ztunnel-1 may not be read: it takes the verb get on "
                    + "pods/proxy in namespace istio-system",
                "the log of pod istio-system/ztunnel-1 may not be read: it takes the verb get on "
                    + "pods/log in namespace istio-system",
            ])
        #expect(noPages.proxies.map(\.counts) == [nil])
        let (garbled, _) = try await look(
            pods: ["shop": Self.shop],
            answers: ["proxy/stats": "istio_tcp_connections_closed_total{", "ztunnel-1/log": ""])
        #expect(garbled.unseen.count == 1 && garbled.unseen[0].contains("cannot be read"))
    }
}
