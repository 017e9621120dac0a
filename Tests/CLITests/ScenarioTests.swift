import JSON
import Testing

/// plan → apply → plan is empty → rollback → plan as at first → apply again, on each scenario.
@Suite("The main job on the scenarios")
struct ScenarioTests {
    static let names = ["cloudflare-actuator", "home-cluster", "resilient-platform"]

    @Test(
        "a scenario goes to STRICT, has then nothing to do, goes back, and can go again",
        arguments: names)
    func wholeStory(name: String) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        try meshctl.write(ExamplePlan.text(name), to: "plans/plan.yaml")
        let sandbox = ["--sandbox", name]

        let first = await meshctl.run(["plan", "-o", "json"] + sandbox)
        #expect(first.code == 0, "\(first.errors)")
        let steps = try JSONValue(parsing: Array(first.output.utf8))["steps"]?.array ?? []
        #expect(!steps.isEmpty)
        let before = await meshctl.run(["status", "-o", "json"] + sandbox)

        let apply = await meshctl.run(["apply", "--stage", "strict", "--yes"] + sandbox)
        #expect(apply.code == 0, "\(apply.errors)")
        #expect(apply.errors.contains("Go back with: meshctl rollback --sandbox \(name)"))

        let second = await meshctl.run(["plan", "-o", "json"] + sandbox)
        #expect(try JSONValue(parsing: Array(second.output.utf8))["steps"] == [])
        let empty = await meshctl.run(["plan", "--detailed-exitcode"] + sandbox)
        #expect(empty.code == 0)
        #expect(empty.output.contains("No changes."))

        let rollback = await meshctl.run(["rollback", "--yes"] + sandbox)
        #expect(rollback.code == 0, "\(rollback.errors)")
        let third = await meshctl.run(["plan", "-o", "json"] + sandbox)
        #expect(third.output == first.output)
        let after = await meshctl.run(["status", "-o", "json"] + sandbox)
        let (found, expected) = (
            try Self.withoutPodNames(after.output), try Self.withoutPodNames(before.output)
        )
        #expect(found == expected)

        let nothing = await meshctl.run(["rollback", "--yes"] + sandbox)
        #expect(nothing.code == 0)
        #expect(nothing.output.contains("Nothing to roll back"))

        let again = await meshctl.run(["apply", "--yes"] + sandbox)
        #expect(again.code == 0, "\(again.errors)")
        let history = await meshctl.run(["history", "-o", "json"])
        #expect(history.output.contains("rolled"))
    }

    @Test("a stage is an upper bound, and the next one goes on from there", arguments: names)
    func stages(name: String) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        try meshctl.write(ExamplePlan.text(name), to: "plans/plan.yaml")
        for stage in ["enroll", "permissive", "strict"] {
            let apply = await meshctl.run(
                ["apply", "--sandbox", name, "--stage", stage, "--yes"])
            #expect(apply.code == 0, "\(stage): \(apply.errors)")
            let plan = await meshctl.run(
                ["plan", "--sandbox", name, "--stage", stage, "--detailed-exitcode"])
            #expect(plan.code == 0, "\(stage): \(plan.output)")
        }
        let status = await meshctl.run(["status", "--sandbox", name])
        #expect(status.output.contains("STRICT"))
    }

    /// Restarted pods have new names; all else is compared.
    private static func withoutPodNames(_ text: String) throws -> [String] {
        let report = try JSONValue(parsing: Array(text.utf8))
        let workloads = (report["workloads"]?.array ?? []).map { workload in
            var workload = workload
            workload["name"] = nil
            return workload.canonicalText
        }
        return workloads.sorted() + [(report["namespaces"] ?? .null).canonicalText]
    }
}
