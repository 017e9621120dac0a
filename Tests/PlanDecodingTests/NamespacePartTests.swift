import Diagnostics
import MeshModel
import PlanDecoding
import Testing

@Suite struct NamespacePartTests {
    @Test("an entry has a name or a selector, not both and not none")
    func subject() {
        #expect(
            specMistakes("namespaces: [1️⃣{mtls: STRICT}]") == [
                "1️⃣ missing-key: `spec.namespaces[0]` needs the key `name` or `selector`"
            ])
        #expect(
            specMistakes("namespaces: [{name: a, 1️⃣selector: {a: b}}]")
                == ["1️⃣ conflicting-keys: `name` and `selector` exclude each other"])
        #expect(
            specMistakes("namespaces: [{selector: 1️⃣{}}]")
                == ["1️⃣ invalid-value: `selector` selects nothing in particular"])
    }

    @Test(
        "a revision needs sidecars", arguments: ["", ", dataplane: ambient", ", dataplane: none"])
    func revision(dataplane: String) {
        #expect(
            specMistakes("namespaces: [{name: a, 1️⃣revision: canary\(dataplane)}]")
                == ["1️⃣ conflicting-keys: `revision` needs `dataplane: sidecar`"])
    }

    @Test("enrolment needs ambient", arguments: ["", ", dataplane: sidecar", ", dataplane: none"])
    func enrolment(dataplane: String) {
        #expect(
            specMistakes("namespaces: [{name: a, 1️⃣enrolment: rolling\(dataplane)}]")
                == ["1️⃣ conflicting-keys: `enrolment` needs `dataplane: ambient`"])
    }

    @Test("a misspelt data plane is one mistake, not two")
    func misspeltDataplane() {
        #expect(
            specMistakes("namespaces: [{name: a, revision: x, dataplane: 1️⃣sidcar}]")
                == ["1️⃣ invalid-value: `dataplane` cannot be `sidcar`"])
    }

    @Test("namespaces and selectors stand once")
    func duplicates() {
        let text = """
            namespaces:
              - name: a
              - name: 1️⃣a
              - selector: {x: "1", y: z}
              - 2️⃣selector: {y: z, x: "1"}
            """
        #expect(
            specMistakes(text) == [
                "1️⃣ duplicate-entry: the namespace `a` stands twice",
                "2️⃣ duplicate-entry: the selector `x=1,y=z` stands twice",
            ])
        #expect(firstDetail(text.filter { $0.isASCII }).contains("line 6, column 13"))
    }

    @Test("waves are declared, with the nearest one suggested")
    func waves() {
        let text = """
            namespaces:
              - {name: a, wave: canary}
              - {name: b, wave: 1️⃣canari}
            rollout: {waves: [canary, 2️⃣canary]}
            """
        #expect(
            specMistakes(text) == [
                "1️⃣ unknown-wave: the wave `canari` is not declared",
                "2️⃣ duplicate-entry: the wave `canary` stands twice in `waves`",
            ])
        #expect(
            firstDetail("namespaces: [{name: b, wave: canari}]\nrollout: {waves: [canary]}")
                == "Did you mean `canary`? Allowed: canary.")
        #expect(
            decode(planFile("namespaces: [{name: b, wave: x}]")).diagnostics.first?.remedy
                == "rollout:\n  waves: [x]")
    }

    @Test("the root namespace has no policy of its own")
    func rootNamespace() {
        let text = """
            namespaces:
              - name: istio-system
                dataplane: ambient
                1️⃣mtls: STRICT
                2️⃣exceptions: []
            """
        #expect(
            specMistakes(text) == [
                "1️⃣ root-namespace-policy: `mtls` cannot be set for the root namespace "
                    + "`istio-system`",
                "2️⃣ root-namespace-policy: `exceptions` cannot be set for the root namespace "
                    + "`istio-system`",
            ])
        #expect(firstDetail(text) == "A policy here is mesh-wide; write `spec.mesh.mtls`.")
    }

    @Test("another root namespace frees istio-system")
    func otherRoot() {
        let text = """
            mesh: {rootNamespace: mesh}
            namespaces:
              - {name: istio-system, mtls: STRICT}
              - {name: mesh, 1️⃣mtls: STRICT}
            """
        #expect(
            specMistakes(text) == [
                "1️⃣ root-namespace-policy: `mtls` cannot be set for the root namespace `mesh`"
            ])
    }

    @Test("the mesh-wide mode cannot be unset")
    func meshUnset() {
        #expect(
            specMistakes("mesh: {mtls: 1️⃣UNSET}")
                == ["1️⃣ invalid-value: the mesh-wide mode cannot be `UNSET`"])
    }

    @Test(
        "egress entries are namespace/host",
        arguments: [
            "api.github.com", "a/b/c", "/x", "./", "A/*", "./*.", "./a b", "~",
        ])
    func egress(host: String) {
        #expect(
            specMistakes("namespaces: [{name: a, egress: [1️⃣\"\(host)\"]}]")
                == ["1️⃣ invalid-value: `\(host)` is not a `namespace/host`"])
    }
}
