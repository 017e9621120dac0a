import Foundation
import Testing

@testable import CLI

@Suite("The demo")
struct DemoTests {
    @Test("its plan is the example plan of the repository, to the letter")
    func planText() throws {
        #expect(try ExamplePlan.text("home-cluster") == DemoPlan.text)
    }

    @Test("it begins with the same plan without its exception")
    func withoutException() {
        #expect(!DemoPlan.withoutException.contains("exceptions"))
        #expect(!DemoPlan.withoutException.contains("cloudflared"))
        #expect(DemoPlan.withoutException.contains("    - name: monitoring"))
    }

    @Test("it runs from a blocked plan over resets to STRICT and back, and says so")
    func tour() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let demo = await meshctl("demo", "--keep", "kept")
        #expect(demo.code == 0, "\(demo.errors)")
        var rest = demo.output[...]
        for words in [
            "[flow-would-break]", "ports: {3000: PERMISSIVE}", "refusals of required traffic",
            "relaxed by rollback", "No required traffic is refused any more.", "rolled back",
            "Switched off: 1.", "Apply complete", "No changes.", "Rollback complete",
        ] {
            guard let found = rest.firstRange(of: words) else {
                Issue.record("\(words) is not there, or not in its place")
                continue
            }
            rest = rest[found.upperBound...]
        }
    }
}
