import Foundation
import MeshModel
import Testing

@testable import Reporting

@Suite("The chain of policies of a pod")
struct PolicyChainTests {
    private func policy(
        _ name: String, _ mode: MTLSMode = .unset, ports: [Int: MTLSMode] = [:],
        selector: [String: String]? = nil, created: String = "2026-01-01T00:00:00Z"
    ) -> PeerAuthentication {
        let parts = name.split(separator: "/").map(String.init)
        return PeerAuthentication(
            meta: ObjectMeta(name: parts[1], namespace: parts[0], creationTimestamp: created),
            selector: selector.map { LabelSelector($0) }, mode: mode, portModes: ports)
    }

    private func pod(_ plane: PodDataplane, namespace: String = "shop") -> Pod {
        var pod = Pod(
            meta: ObjectMeta(name: "cart-0", namespace: namespace, labels: ["app": "cart"]))
        switch plane {
        case .sidecar: pod.containers = [Container(name: "istio-proxy")]
        case .ambient: pod.meta.annotations[LabelKeys.ambientRedirection] = "enabled"
        case .gateway: pod.meta.labels["gateway.istio.io/managed"] = "istio.io-gateway-controller"
        case .none, .waypoint: break
        }
        return pod
    }

    /// `mesh istio-system/default overridden`
    private func roles(_ pod: Pod, _ policies: [PeerAuthentication]) -> [String] {
        PolicyChains(PeerAuthenticationIndex(policies, rootNamespace: "istio-system"))
            .chain(of: pod).map { "\($0.scope) \($0.policy) \($0.role.rawValue)" }
    }

    private let cart = ["app": "cart"]

    @Test("the narrowest policy with a mode decides, and the wider ones are overridden by it")
    func narrowest() {
        let policies = [
            policy("istio-system/default", .strict), policy("shop/default", .permissive),
            policy("shop/cart", .disable, selector: cart),
            policy("shop/other", .strict, selector: ["app": "other"]),
            policy("media/default", .strict),
        ]
        let chain = PolicyChains(
            PeerAuthenticationIndex(policies, rootNamespace: "istio-system")
        ).chain(of: pod(.sidecar))
        #expect(chain.map(\.role) == [.overridden, .overridden, .decides])
        #expect(chain.map(\.by) == ["shop/cart", "shop/cart", nil])
        #expect(chain.map(\.scope) == ["mesh", "namespace", "workload"])
    }

    @Test("a policy without a mode inherits, and decides ports only with a selector")
    func unset() {
        #expect(
            roles(
                pod(.sidecar),
                [
                    policy("istio-system/default", .strict), policy("shop/default"),
                    policy("shop/cart", ports: [80: .permissive], selector: cart),
                ]) == [
                    "mesh istio-system/default decides", "namespace shop/default inherits",
                    "workload shop/cart decides-ports",
                ])
        #expect(
            roles(pod(.sidecar), [policy("shop/default", ports: [80: .permissive])])
                == ["namespace shop/default inherits"])
    }

    @Test(
        "in each scope the oldest wins, and the others are named behind it with who wins over them")
    func shadowed() {
        let (early, late) = ("2025-01-01T00:00:00Z", "2026-02-02T00:00:00Z")
        let policies = [
            policy("istio-system/a", .strict, created: late),
            policy("istio-system/z", created: early),
            policy("shop/a", .disable, created: late), policy("shop/z", .strict, created: early),
            policy("shop/s1", .disable, selector: cart, created: late),
            policy("shop/s2", .permissive, selector: cart, created: early),
        ]
        #expect(
            roles(pod(.sidecar), policies) == [
                "mesh istio-system/z inherits", "mesh istio-system/a shadowed",
                "namespace shop/z overridden", "namespace shop/a shadowed",
                "workload shop/s2 decides", "workload shop/s1 shadowed",
            ])
        let chain = PolicyChains(
            PeerAuthenticationIndex(policies, rootNamespace: "istio-system")
        ).chain(of: pod(.sidecar))
        #expect(chain[3].by == "shop/z")
        #expect(chain[3].because == "loses whole to shop/z, which is older")
    }

    @Test(
        "a selector in the root namespace is ignored, and named only where it seems to select the pod"
    )
    func rootSelectors() {
        let policies = [
            policy("istio-system/cart", .strict, selector: cart),
            policy("istio-system/other", .strict, selector: ["app": "other"]),
        ]
        #expect(roles(pod(.sidecar), policies) == ["mesh istio-system/cart ignored"])
        #expect(
            roles(pod(.sidecar, namespace: "istio-system"), policies)
                == ["mesh istio-system/cart ignored"])
    }

    @Test(
        "a mesh policy with an empty selector counts for sidecars, and not for ambient pods elsewhere"
    )
    func emptySelector() {
        let policies = [policy("istio-system/default", .strict, selector: [:])]
        #expect(roles(pod(.sidecar), policies) == ["mesh istio-system/default decides"])
        #expect(roles(pod(.ambient), policies) == ["mesh istio-system/default ignored"])
        #expect(
            roles(pod(.ambient, namespace: "istio-system"), policies)
                == ["mesh istio-system/default decides"])
    }

    @Test(
        "where nothing enforces, every winner is inert", arguments: [PodDataplane.none, .gateway])
    func inert(plane: PodDataplane) {
        #expect(
            roles(
                pod(plane),
                [
                    policy("istio-system/default", .strict),
                    policy("shop/cart", .strict, selector: cart),
                ]) == ["mesh istio-system/default inert", "workload shop/cart inert"])
    }

    @Test("the role of the decider agrees with the mode that is enforced")
    func agrees() {
        let modes: [MTLSMode?] = [nil, .unset, .disable, .permissive, .strict]
        for mesh in modes {
            for wide in modes {
                for own in modes {
                    let policies = [
                        mesh.map { policy("istio-system/default", $0) },
                        wide.map { policy("shop/default", $0) },
                        own.map { policy("shop/cart", $0, selector: cart) },
                    ].compactMap(\.self)
                    let index = PeerAuthenticationIndex(policies, rootNamespace: "istio-system")
                    let chain = PolicyChains(index).chain(of: pod(.sidecar))
                    let decision = EffectiveMode.decide(
                        namespace: "shop", podLabels: cart, policies: index)
                    #expect(
                        chain.filter { $0.role == .decides }.map(\.policy) == decision.decidedBy)
                }
            }
        }
    }

    @Test(
        "ztunnel's own ways are pointed out: what is never sent, what it knows not, where it differs"
    )
    func notes() {
        func notes(_ policies: [PeerAuthentication], _ plane: PodDataplane = .ambient) -> [String] {
            EnforcementNotes.of(
                pod(plane),
                policies: PeerAuthenticationIndex(policies, rootNamespace: "istio-system"))
        }
        let mesh = policy("istio-system/default", .strict)
        let open = [mesh, policy("shop/cart", .permissive, ports: [80: .strict], selector: cart)]
        #expect(notes(open).count == 1)
        #expect(notes(open).first?.contains("never sends it") == true)
        #expect(notes(open, .sidecar) == [])
        #expect(notes([policy("shop/default", .disable)]).first?.contains("no DISABLE") == true)
        // A port's DISABLE under an inherited STRICT does not hold in ambient.
        let closed = notes([mesh, policy("shop/cart", ports: [80: .disable], selector: cart)])
        #expect(closed.contains { $0.contains("a sidecar would take") })
        #expect(notes([mesh, policy("shop/default", .permissive)]) == [])
    }
}
