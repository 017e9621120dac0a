import Testing

@testable import CLI

@Suite("The demo")
struct DemoTests {
    @Test("its plan is the example plan of the repository, to the letter")
    func planText() throws {
        #expect(try ExamplePlan.text("home-cluster") == DemoPlan.text)
    }

    @Test("it runs from a plan with changes to a cluster as before, and says so")
    func tour() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let demo = await meshctl("demo", "--keep", "kept")
        #expect(demo.code == 0, "\(demo.errors)")
        #expect(demo.output.contains("Apply complete"))
        #expect(demo.output.contains("No changes."))
        #expect(demo.output.contains("Rollback complete"))
    }
}
