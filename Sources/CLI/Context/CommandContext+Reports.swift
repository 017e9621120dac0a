import Diagnostics
import Reporting

extension CommandContext {
    /// Prints a report in the format that was asked for.
    func printReport(_ report: some Report, _ options: OutputOptions) {
        standardOutput.write(
            report.rendered(as: options.output.format, color: options.colors(self)))
    }

    /// Findings that belong to no report, on standard error, in colour where it takes them.
    func noteDiagnostics(_ diagnostics: [Diagnostic], sources: [SourceText] = []) {
        guard !diagnostics.isEmpty else { return }
        standardError.write(
            DiagnosticRenderer.text(diagnostics, sources: sources, color: colorsErrors))
    }
}
