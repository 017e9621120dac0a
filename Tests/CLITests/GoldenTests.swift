import Foundation
import Testing

/// What the commands of a whole job print on standard output, to the letter. `UPDATE_GOLDEN=1` rewrites the
/// files, and fails the test, so that nothing is recorded unseen.
@Suite("The text of a whole job")
struct GoldenTests {
    @Test("plan, apply, status, history, show and rollback", arguments: ScenarioTests.names)
    func wholeJob(name: String) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        try meshctl.write(ExamplePlan.text(name), to: "plans/plan.yaml")
        let sandbox = ["--sandbox", name]
        var story = ""
        func tell(_ command: [String], on cluster: [String] = sandbox) async {
            let result = await meshctl.run(command + cluster)
            let shown = command.joined(separator: " ")
            story += "$ meshctl \(shown)\n\(result.output)# exit code \(result.code)\n\n"
        }
        await tell(["status"])
        await tell(["plan"])
        await tell(["apply", "--yes"])
        await tell(["plan"])
        await tell(["status"])
        let run = try #require(try JournalReading.ids(meshctl).first)
        await tell(["show", run], on: [])
        await tell(["rollback", "--yes"])
        await tell(["rollback", "--yes"])
        await tell(["history"], on: [])
        try expectGolden(Self.normalised(story), "\(name).txt")
    }

    /// Run ids and times of day come from chance and from the number of requests.
    static func normalised(_ text: String) -> String {
        text.replacing(/\d{8}-\d{6}-[a-z0-9]{4}/, with: "20261120-090000-xxxx")
            .replacing(/\d\d:\d\d:\d\dZ/, with: "09:00:00Z")
    }
}
