import MeshModel
import Testing

/// The rules of istio `pilot/pkg/model/push_context.go:destinationRule`.
@Suite("Which DestinationRule a client takes")
struct DestinationRuleIndexTests {
    /// `rule("web/a", "*.local", .disable)`
    private func rule(
        _ name: String, _ host: String, _ tls: DestinationRule.TLSMode?,
        exportTo: [String] = [], selector: [String: String]? = nil, created: String = ""
    ) -> DestinationRule {
        let parts = name.split(separator: "/").map(String.init)
        return DestinationRule(
            meta: ObjectMeta(name: parts[1], namespace: parts[0], creationTimestamp: created),
            host: host, exportTo: exportTo, workloadSelector: selector.map { LabelSelector($0) },
            trafficPolicy: tls.map { .init(tls: $0) })
    }

    private let host = "cart.shop.svc.cluster.local"

    private func decided(
        _ rules: [DestinationRule], from namespace: String = "web", labels: [String: String] = [:]
    ) -> String? {
        DestinationRuleIndex(rules, rootNamespace: "root").tls(
            forPort: 80, ofHost: host, in: "shop",
            client: .init(namespace: namespace, labels: labels))?.decidedBy
    }

    @Test("the client's namespace comes first, then the Service's, then the root namespace")
    func order() {
        let all = [
            rule("root/r", "*", .istioMutual), rule("shop/s", host, .istioMutual),
            rule("web/w", "*.local", .disable),
        ]
        #expect(decided(all) == "web/w")
        #expect(decided(Array(all.prefix(2))) == "shop/s")
        #expect(decided(Array(all.prefix(1))) == "root/r")
        #expect(decided([rule("other/o", host, .disable)]) == nil)
    }

    @Test("of two for one host the older policy holds; one that is yet to be made is the youngest")
    func age() {
        let there = rule("shop/z", host, .disable, created: "2026-01-01T00:00:00Z")
        #expect(decided([rule("shop/a", host, .simple), there]) == "shop/z")
        let older = rule("shop/b", host, .simple, created: "2025-01-01T00:00:00Z")
        #expect(decided([there, older]) == "shop/b")
    }

    @Test("a rule without TLS in the client's namespace hides the root namespace's")
    func hidden() {
        let rules = [rule("web/w", host, nil), rule("root/r", "*", .istioMutual)]
        let index = DestinationRuleIndex(rules, rootNamespace: "root")
        let tls = index.tls(
            forPort: 80, ofHost: host, in: "shop", client: .init(namespace: "web", labels: [:]))
        #expect(tls?.mode == nil)
        #expect(tls?.decidedBy == "web/w")
    }

    @Test("inside a namespace an exact host beats wildcards, and the longest wildcard the others")
    func specific() {
        let wide = rule("web/a", "*", .disable)
        let longer = rule("web/b", "*.shop.svc.cluster.local", .disable)
        let exact = rule("web/c", host, .disable)
        #expect(decided([wide, longer, exact]) == "web/c")
        #expect(decided([longer, wide]) == "web/b")
    }

    @Test("exportTo hides rules from other namespaces")
    func exportTo() {
        #expect(decided([rule("shop/s", host, .disable, exportTo: ["."])]) == nil)
        #expect(decided([rule("shop/s", host, .disable, exportTo: ["web"])]) == "shop/s")
        #expect(decided([rule("shop/s", host, .disable, exportTo: ["other"])]) == nil)
        #expect(decided([rule("web/w", host, .disable, exportTo: ["other"])]) == nil)
        #expect(decided([rule("web/w", host, .disable, exportTo: ["."])]) == "web/w")
    }

    @Test("clients in the root namespace ask the Service's namespace before their own")
    func rootClient() {
        let rules = [rule("root/r", "*", .disable), rule("shop/s", host, .istioMutual)]
        #expect(decided(rules, from: "root") == "shop/s")
        let own = rule("root/own", host, .disable, exportTo: ["."])
        #expect(decided(rules + [own], from: "root") == "root/own")
    }

    @Test("a short name is one of the rule's own namespace")
    func shortName() {
        #expect(decided([rule("shop/s", "cart", .disable)]) == "shop/s")
        #expect(decided([rule("web/w", "cart", .disable)]) == nil)
    }

    @Test("a rule for selected workloads is for those clients alone, in its own namespace")
    func selector() {
        let chosen = rule("web/sel", host, .disable, selector: ["app": "a"])
        let shared = rule("web/all", host, .istioMutual)
        #expect(decided([shared, chosen], labels: ["app": "a"]) == "web/sel")
        #expect(decided([shared, chosen], labels: ["app": "b"]) == "web/all")
        #expect(decided([rule("shop/s", host, .disable, selector: [:])]) == nil)
    }

    @Test("of two rules for the same host the oldest one's policy holds")
    func merged() {
        let old = rule("web/z", host, .disable, created: "2020-01-01T00:00:00Z")
        let young = rule("web/a", host, .istioMutual, created: "2021-01-01T00:00:00Z")
        #expect(decided([young, old]) == "web/z")
        let silent = rule("web/s", host, nil, created: "2019-01-01T00:00:00Z")
        #expect(decided([young, silent]) == "web/a")
    }
}
