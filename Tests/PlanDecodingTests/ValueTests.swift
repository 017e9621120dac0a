import Diagnostics
import MeshModel
import Testing

@testable import PlanDecoding

@Suite struct ValueTests {
    @Test("a word in the wrong case gets the right one suggested")
    func wrongCase() {
        #expect(
            specMistakes("mesh: {mtls: 1️⃣strict}")
                == ["1️⃣ invalid-value: `mtls` cannot be `strict`"])
        #expect(firstDetail("mesh: {mtls: strict}").hasPrefix("Did you mean `STRICT`?"))
        #expect(
            firstDetail("namespaces: [{name: a, dataplane: Sidecar}]")
                == "Did you mean `sidecar`? Allowed: ambient, sidecar, none.")
    }

    @Test("an unknown key gets the nearest one suggested, and what is allowed")
    func unknownKey() {
        let detail = firstDetail("mesh: {rootNamspace: a}")
        #expect(detail == "Did you mean `rootNamespace`? Allowed: rootNamespace, mtls, adopt.")
        #expect(firstDetail("mesh: {zzz: a}") == "Allowed: rootNamespace, mtls, adopt.")
    }

    @Test(
        "a value of the wrong type is named",
        arguments: [
            ("mesh: 1️⃣[]", "1️⃣ wrong-type: `mesh` must be a mapping, not a list"),
            ("namespaces: 1️⃣{name: a}", "1️⃣ wrong-type: `namespaces` must be a list, not a mapping"),
            ("namespaces: 1️⃣a", "1️⃣ wrong-type: `namespaces` must be a list, not a single value"),
            (
                "namespaces: [1️⃣a]",
                "1️⃣ wrong-type: `namespaces[0]` must be a mapping, not a single value"
            ),
            (
                "mesh: {adopt: 1️⃣\"true\"}",
                "1️⃣ wrong-type: `adopt` must be true or false, not `\"true\"`".replacing(
                    "\"", with: "")
            ),
            ("mesh: {adopt: 1️⃣[]}", "1️⃣ wrong-type: `adopt` must be true or false, not a list"),
            (
                "namespaces: [{name: 1️⃣404}]",
                "1️⃣ wrong-type: `name` must be a text, and YAML reads `404` as something else"
            ),
            (
                "namespaces: [{name: 1️⃣on}]",
                "1️⃣ wrong-type: `name` must be a text, and YAML reads `on` as something else"
            ),
            (
                "rollout: {limits: {namespacesAtOnce: 1️⃣two}}",
                "1️⃣ wrong-type: `namespacesAtOnce` must be a number, not `two`"
            ),
            (
                "rollout: {limits: {namespacesAtOnce: 1️⃣\"2\"}}",
                "1️⃣ wrong-type: `namespacesAtOnce` must be a number, not `2`"
            ),
            ("mesh: {mtls: 1️⃣{mode: STRICT}}", "1️⃣ wrong-type: `mtls` must be a text, not a mapping"),
            (
                "namespaces: [{selector: 1️⃣a=b}]",
                "1️⃣ wrong-type: `selector` must be a mapping of labels, not a single value"
            ),
            (
                "namespaces: [{selector: {a: 1️⃣1}}]",
                "1️⃣ wrong-type: the label `a` must have a text as its value"
            ),
            (
                "namespaces: [{selector: {a: 1️⃣[]}}]",
                "1️⃣ wrong-type: the label `a` must have a text as its value"
            ),
        ])
    func wrongType(spec: String, expected: String) {
        #expect(specMistakes(spec) == [expected])
    }

    @Test(
        "a key without a value is named",
        arguments: [
            "mesh:", "namespaces:", "rollout:\n  settle:", "mesh:\n  mtls:", "mesh:\n  adopt:",
            "rollout:\n  limits:\n    confirm:", "gates:\n  approval:", "namespaces:\n  - name:",
            "rollout:\n  limits:\n    namespacesAtOnce:",
        ])
    func noValue(spec: String) {
        let found = specMistakes(spec)
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix("has no value") == true)
    }

    @Test(
        "names keep to RFC 1123",
        arguments: [
            ("a", true), ("a-1", true), ("0a", true), (String(repeating: "a", count: 63), true),
            (String(repeating: "a", count: 64), false), ("A", false), ("a_b", false), ("-a", false),
            ("a-", false), ("a.b", false), ("ä", false), ("a b", false), ("a/b", false),
        ])
    func labels(name: String, isValid: Bool) {
        #expect(KubernetesName.Form.label.accepts(name) == isValid)
        #expect(specMistakes("namespaces: [{name: \"\(name)\"}]").isEmpty == isValid)
    }

    @Test(
        "label keys and values keep to Kubernetes' syntax",
        arguments: [
            ("app", "web", true), ("app.kubernetes.io/name", "Web_1.0-a", true), ("a", "", true),
            ("A_b.C", "x", true), ("", "x", false), ("a/b/c", "x", false), ("/a", "x", false),
            ("a/", "x", false), ("UP/a", "x", false), ("a b", "x", false), ("a", "-x", false),
            ("a", "x y", false), ("a", String(repeating: "x", count: 63), true),
            ("a", String(repeating: "x", count: 64), false),
            (String(repeating: "k", count: 64), "x", false),
            (String(repeating: "p", count: 254) + "/k", "x", false),
        ])
    func labelSyntax(key: String, value: String, isValid: Bool) {
        let found = specMistakes("namespaces:\n  - selector: {\"\(key)\": \"\(value)\"}")
        #expect(found.isEmpty == isValid)
        #expect(found.allSatisfy { $0.contains("invalid-value") })
    }

    @Test(
        "durations are numbers with units",
        arguments: [
            ("30s", 30_000), ("15m", 900_000), ("24h", 86_400_000), ("1h30m", 5_400_000),
            ("500ms", 500), ("0s", 0), ("1m0s5ms", 60_005), ("8784h", 31_622_400_000),
        ] as [(String, Int64)])
    func durations(text: String, milliseconds: Int64) {
        #expect(DurationText.duration(text) == .milliseconds(milliseconds))
        #expect(spec("rollout: {settle: \(text)}")?.rollout.settle == .milliseconds(milliseconds))
    }

    @Test(
        "anything else is no duration",
        arguments: [
            "30", "1d", "s", "30 s", "-5s", "1.5h", "5s1m", "1h1h", "1H", "9000h",
            "99999999999999999999s", "9223372036854775807h", "٣s", "30s ago",
        ])
    func notDurations(text: String) {
        #expect(
            specMistakes("rollout:\n  settle: 1️⃣\(text)")
                == ["1️⃣ invalid-value: `\(text)` is not a duration"])
    }

    @Test("a duration without a unit gets one suggested")
    func unit() {
        #expect(
            firstDetail("rollout: {settle: 30}")
                == "A duration needs a unit: did you mean `30s`?")
    }

    @Test("durations in which something happens are not zero")
    func zero() {
        #expect(
            specMistakes("rollout: {limits: {confirm: 1️⃣0s}}")
                == ["1️⃣ invalid-value: `confirm` must be longer than nothing"])
    }

    @Test("whole numbers have bounds", arguments: ["0", "-1", "1.5", "10001", "1e30"])
    func bounds(number: String) {
        #expect(
            specMistakes("rollout: {limits: {namespacesAtOnce: 1️⃣\(number)}}") == [
                "1️⃣ invalid-value: `namespacesAtOnce` must be a whole number from 1 to 10000"
            ])
    }

    @Test("dates exist", arguments: ["2027-02-29", "2027-13-01", "31.3.2027", "2027-3-31", "soon"])
    func dates(text: String) {
        let spec = """
            namespaces:
              - name: a
                exceptions:
                  - {name: x, selector: {a: b}, ports: {1: STRICT}, reason: r, expires: 1️⃣\(text)}
            """
        #expect(specMistakes(spec) == ["1️⃣ invalid-value: `\(text)` is not a date"])
    }
}
