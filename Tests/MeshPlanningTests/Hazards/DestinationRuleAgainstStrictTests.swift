import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("DestinationRules against a STRICT sidecar")
struct DestinationRuleAgainstStrictTests {
    private func found(
        _ rule: MeshPart, _ mode: MTLSMode = .strict, already: Bool = false,
        through: Stage = .strict,
        plane: PodDataplane = .sidecar, annotations: [String: String] = [:]
    ) -> [Diagnostic] {
        let isAmbient = plane == .ambient
        var parts = [
            namespace("web", labels: sidecarLabels),
            namespace("shop", labels: isAmbient ? ambientLabels : sidecarLabels),
            deployment("web/front", labels: injected("front"), plane: .sidecar),
            deployment(
                "shop/cart", labels: isAmbient ? ["app": "cart"] : injected("cart"),
                annotations: annotations, plane: plane), rule,
        ]
        if already { parts.append(policy("shop/default", .strict)) }
        return told(
            by: DestinationRuleAgainstStrict.self, plan(entry("shop", mtls: mode, adopt: true)),
            on: mesh(parts).with([service("shop/cart", 80, to: 8080)]))
    }

    private static let host = "cart.shop.svc.cluster.local"

    @Test(
        "one that sends plaintext to what becomes STRICT blocks",
        arguments: ["web", "shop", "istio-system"])
    func blocks(namespace: String) {
        let rule = clientRule("\(namespace)/cart", host: Self.host, .disable)
        #expect(
            found(rule).said == [
                "error: DestinationRule \(namespace)/cart makes clients send plaintext (DISABLE) to "
                    + "shop/cart:80, which would be STRICT"
            ])
    }

    @Test("so do TLS of its own and a wildcard")
    func others() {
        #expect(found(clientRule("web/all", host: "*.local", .simple)).severities == [.error])
        #expect(
            found(clientRule("web/cart", host: Self.host, .mutual)).severities == [.error])
    }

    @Test("what is refused today is a warning")
    func already() {
        let rule = clientRule("web/cart", host: Self.host, .disable)
        #expect(found(rule, already: true).severities == [.warning])
    }

    @Test(
        "PERMISSIVE, an ambient server, an excluded port, Istio's mTLS and a rule nobody takes are none"
    )
    func none() {
        let rule = clientRule("web/cart", host: Self.host, .disable)
        #expect(found(rule, .permissive) == [])
        #expect(found(rule, plane: .ambient) == [])
        #expect(
            found(rule, annotations: ["traffic.sidecar.istio.io/excludeInboundPorts": "8080"]) == []
        )
        #expect(found(clientRule("web/cart", host: Self.host, .istioMutual)) == [])
        #expect(found(clientRule("empty/cart", host: Self.host, .disable)) == [])
    }
}
