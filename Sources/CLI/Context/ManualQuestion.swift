import Reporting

/// A code or an error text, answered from the manual in the binary.
struct ManualQuestion {
    let text: String

    init(_ text: String) { self.text = text }

    func answer(_ output: OutputOptions, _ context: CommandContext) throws {
        let search = ManualSearch(text)
        guard !search.sections.isEmpty else {
            let shown = TerminalText.sanitized(String(text.prefix(200)))
            throw CommandFailure(
                .failure, "the manual knows nothing of '\(shown)'\n" + hint(search))
        }
        context.printReport(ManualReport(asked: text, search), output)
    }

    private func hint(_ search: ManualSearch) -> String {
        if let near = search.suggestion { return "Did you mean: meshctl explain '\(near)'" }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, !text.contains(where: \.isWhitespace) {
            return "If it is a workload, name its kind as well, as in NAMESPACE/deployment/NAME."
        }
        return
            "Workloads are named NAMESPACE/KIND/NAME[:PORT], flows by --from and --to. The codes are in "
            + "docs/diagnostics.md and docs/flows.md, the error texts in docs/errors.md."
    }
}
