import ArgumentParser
import JSON
import PlanDecoding

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of the plan file, for editors.",
        discussion: """
            EXAMPLES
              meshctl schema plan-file > mesh-plan.schema.json
              # first line of a plan file: # yaml-language-server: $schema=mesh-plan.schema.json
            """)

    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case planFile = "plan-file"
    }

    @Argument(help: "What to print the schema of: plan-file.")
    var subject: Subject = .planFile

    func run() async throws {
        try CommandContext.required().print(PlanFileSchema.json().prettyText)
    }
}
