import Reporting

/// A code or an error text, answered from the manual in the binary.
struct ManualQuestion {
    let text: String

    init(_ text: String) { self.text = text }

    func answer(_ output: OutputOptions, _ context: CommandContext) throws {
        let search = ManualSearch(text)
        guard !search.sections.isEmpty else {
            let shown = TerminalText.sanitized(String(text.prefix(200)))
            let hint =
                search.suggestion.map { "Did you mean: meshctl explain '\($0)'" }
                ?? "Workloads are named NAMESPACE/KIND/NAME[:PORT], flows by --from and --to; "
                + "the codes are in docs/diagnostics.md and docs/flows.md, the error texts in docs/errors.md."
            throw CommandFailure(.failure, "the manual knows nothing of '\(shown)'\n\(hint)")
        }
        context.printReport(ManualReport(asked: text, search), output)
    }
}
