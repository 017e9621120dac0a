import Testing

@Suite("Exceptions past their date")
struct ExpiryTests {
    @Test("are a warning, and block with --strict-expiry")
    func expired() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let text = try ExamplePlan.text("home-cluster")
            .replacing("expires: 2027-11-30", with: "expires: 2020-01-31")
        try meshctl.write(text, to: "plans/plan.yaml")
        let warned = await meshctl("plan", "--sandbox", "home-cluster")
        #expect(warned.code == 0, "\(warned.errors)")
        #expect(warned.output.contains("warning"))
        #expect(warned.output.contains("[expired-exception]"))
        let strict = await meshctl("plan", "--sandbox", "home-cluster", "--strict-expiry")
        #expect(strict.code == 9)
        #expect(strict.output.contains("[expired-exception]"))
    }
}
