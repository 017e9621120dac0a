import Diagnostics
import Reporting

extension CommandContext {
    /// Prints a report in the format that was asked for.
    func printReport(_ report: some Report, _ options: OutputOptions) {
        standardOutput.write(
            report.rendered(as: options.output.format, color: options.colors(self)))
    }

    /// Findings that belong to no report, on standard error.
    func noteDiagnostics(_ diagnostics: [Diagnostic]) {
        guard !diagnostics.isEmpty else { return }
        note(DiagnosticRenderer.text(diagnostics, sources: [], color: colorsErrors))
    }
}
