import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Which namespaces a plan is about")
struct NamespaceResolutionTests {
    func resolve(_ plan: MeshPlan, _ state: MeshState) -> NamespaceResolution {
        NamespaceResolution(plan, in: state)
    }

    @Test("a selector picks every namespace with its labels")
    func selector() {
        let resolution = resolve(
            plan(entry(matching: ["team": "a"], mtls: .strict)),
            mesh(
                namespace("one", labels: ["team": "a"]), namespace("two", labels: ["team": "b"]),
                namespace("three", labels: ["team": "a", "x": "y"])))
        #expect(resolution.namespaces.map(\.name) == ["one", "three"])
        #expect(resolution.diagnostics.isEmpty)
    }

    @Test("a name wins whole over a selector")
    func nameWins() {
        let resolution = resolve(
            plan(
                entry(matching: ["team": "a"], .sidecar, mtls: .strict),
                entry("one", mtls: .permissive)),
            mesh(namespace("one", labels: ["team": "a"])))
        #expect(resolution.namespaces.map(\.entry.mtls) == [.permissive])
        #expect(resolution.namespaces.map(\.entry.dataplane) == [nil])
    }

    @Test("two selectors that meet on one namespace are an error")
    func overlap() {
        let resolution = resolve(
            plan(entry(matching: ["team": "a"]), entry(matching: ["env": "dev"])),
            mesh(namespace("one", labels: ["team": "a", "env": "dev"])))
        #expect(resolution.diagnostics.map(\.code) == [.overlappingSelectors])
        #expect(resolution.diagnostics.hasErrors)
    }

    @Test("a name settles where two selectors meet")
    func overlapSettled() {
        let resolution = resolve(
            plan(entry(matching: ["team": "a"]), entry(matching: ["env": "dev"]), entry("one")),
            mesh(namespace("one", labels: ["team": "a", "env": "dev"])))
        #expect(resolution.diagnostics.isEmpty)
    }

    @Test("selectors never match the root namespace or kube-*, even an empty one")
    func exempt() {
        let resolution = resolve(
            plan(entry(matching: [:], mtls: .strict)),
            mesh(namespace("istio-system"), namespace("kube-system"), namespace("shop")))
        #expect(resolution.namespaces.map(\.name) == ["shop"])
    }

    @Test("a namespace that does not exist is an error, with the nearest name")
    func unknown() {
        let resolution = resolve(plan(entry("shops")), mesh(namespace("shop")))
        #expect(resolution.diagnostics.map(\.code) == [.unknownNamespace])
        #expect(resolution.diagnostics[0].detail.contains("Did you mean shop?"))
    }

    @Test("a Terminating namespace is an error when named, a note when selected")
    func terminating() {
        let state = mesh(namespace("shop", labels: ["team": "a"], isTerminating: true))
        let named = resolve(plan(entry("shop")), state)
        #expect(named.diagnostics.map(\.severity) == [.error])
        let selected = resolve(plan(entry(matching: ["team": "a"])), state)
        #expect(selected.diagnostics.map(\.code) == [.terminatingNamespace])
        #expect(selected.diagnostics.map(\.severity) == [.note])
        #expect(named.namespaces.isEmpty && selected.namespaces.isEmpty)
    }

    @Test("a Terminating namespace is skipped, not an overlap of selectors")
    func terminatingOverlap() {
        let resolution = resolve(
            plan(entry(matching: ["team": "a"]), entry(matching: ["env": "dev"])),
            mesh(namespace("one", labels: ["team": "a", "env": "dev"], isTerminating: true)))
        #expect(!resolution.diagnostics.hasErrors)
    }

    @Test("the root namespace takes no policy, but a data plane")
    func rootNamespace() {
        let state = mesh(namespace("istio-system"))
        #expect(
            resolve(plan(entry("istio-system", mtls: .strict)), state).diagnostics.map(\.code)
                == [.rootNamespacePolicy])
        let excepted = entry(
            "istio-system", exceptions: [exception("a", ["a": "b"], [1: .permissive])])
        #expect(resolve(plan(excepted), state).diagnostics.map(\.code) == [.rootNamespacePolicy])
        #expect(resolve(plan(entry("istio-system", .ambient)), state).diagnostics.isEmpty)
    }
}
