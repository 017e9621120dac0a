import ArgumentParser
import Diagnostics
import MeshModel

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check a plan file, without a cluster.",
        discussion: """
            Every mistake is told in one pass, with its place, what is allowed, and a suggestion.

            EXAMPLES
              meshctl validate
              meshctl validate -f plans/home-cluster.yaml
              cat plan.yaml | meshctl validate -f -

            EXIT CODES
              0 no mistakes · 1 mistakes · 64 usage
            """)

    @OptionGroup var planFile: PlanFileOptions

    func run() async throws {
        let context = try CommandContext.required()
        let file = try PlanFileSource.load(planFile.file, context)
        context.print("\(file.source.name): plan \(file.plan.name) is valid")
    }
}
