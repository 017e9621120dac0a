import Diagnostics
import MeshModel
import PlanDecoding
import Testing

@Suite struct ExceptionPartTests {
    private func exceptions(_ items: String...) -> String {
        "namespaces:\n  - name: a\n    exceptions:\n"
            + items.map { "      - \($0)" }.joined(separator: "\n")
    }

    @Test("name, selector, ports and reason are needed")
    func required() {
        #expect(
            specMistakes(exceptions("1️⃣{owner: me}")) == [
                "1️⃣ missing-key: `spec.namespaces[0].exceptions[0]` needs the key `name`",
                "1️⃣ missing-key: `spec.namespaces[0].exceptions[0]` needs the key `selector`",
                "1️⃣ missing-key: `spec.namespaces[0].exceptions[0]` needs the key `ports`",
                "1️⃣ missing-key: `spec.namespaces[0].exceptions[0]` needs the key `reason`",
            ])
        #expect(
            specMistakes(
                exceptions("{name: a, selector: {a: b}, ports: {1: STRICT}, reason: 1️⃣\" \"}"))
                == ["1️⃣ invalid-value: `reason` is empty"])
    }

    @Test(
        "ports are numbers from 1 to 65535", arguments: ["0", "65536", "http", "-1", "3000.5", "٣"])
    func ports(port: String) {
        let text = exceptions("{name: a, selector: {a: b}, reason: r, ports: {1️⃣\(port): STRICT}}")
        #expect(specMistakes(text) == ["1️⃣ invalid-value: `\(port)` is not a port"])
        #expect(firstDetail(text.filter { $0 != "1️⃣" }).contains("container port, 1 to 65535"))
    }

    @Test("a port's mode is one of three, and a port stands once")
    func modes() {
        #expect(
            specMistakes(
                exceptions("{name: a, selector: {a: b}, reason: r, ports: {1: 1️⃣UNSET}}"))
                == ["1️⃣ invalid-value: `1` cannot be `UNSET`"])
        #expect(
            specMistakes(
                exceptions(
                    "{name: a, selector: {a: b}, reason: r, ports: {80: STRICT, 1️⃣080: STRICT}}"))
                == ["1️⃣ duplicate-entry: the port 80 stands twice in `ports`"])
        #expect(
            specMistakes(exceptions("{name: a, selector: {a: b}, reason: r, ports: 1️⃣{}}"))
                == ["1️⃣ invalid-value: `ports` names no port"])
    }

    @Test("the policy's name fits Kubernetes")
    func names() {
        let long = String(repeating: "a", count: 245)
        let rest = "selector: {a: b}, reason: r, ports: {1: STRICT}"
        #expect(specMistakes(exceptions("{name: \(long), \(rest)}")).isEmpty)
        #expect(
            specMistakes(exceptions("{name: 1️⃣\(long)a, \(rest)}"))
                == ["1️⃣ invalid-value: the exception's name is too long"])
        #expect(
            specMistakes(exceptions("{name: 1️⃣Front_End, \(rest)}"))
                == ["1️⃣ invalid-value: `Front_End` is not a valid `name`"])
        #expect(
            specMistakes(
                exceptions("{name: x, \(rest)}", "{name: 1️⃣x, \(rest.replacing("b", with: "c"))}"))
                == ["1️⃣ duplicate-entry: the exception `x` stands twice"])
    }

    @Test("one selector's port has one mode")
    func conflict() {
        let text = exceptions(
            "{name: x, selector: {a: b, c: d}, reason: r, ports: {1: STRICT, 2: STRICT}}",
            "{name: 1️⃣w, selector: {c: d, a: b}, reason: r, ports: {1: DISABLE, 2: STRICT}}",
            "{name: z, selector: {a: b}, reason: r, ports: {1: DISABLE}}")
        #expect(
            specMistakes(text)
                == ["1️⃣ conflicting-keys: port 1 is DISABLE here and STRICT in the exception `x`"])
    }
}
