package import Diagnostics

/// A text that is not YAML, or not the YAML that this project reads; holds at least one error.
package struct YAMLError: Error, Sendable, Equatable {
    package var diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}
