/// Something to tell the user about the input or the cluster: what, where, why, and what to do next.
package struct Diagnostic: Sendable, Equatable {
    package enum Severity: String, Sendable, Comparable {
        case note, warning, error

        package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    package var code: DiagnosticCode
    package var severity: Severity
    /// What is wrong, in a sentence that may name the user's own values.
    package var message: String
    /// Why, and what to do; empty when the message says it all.
    package var detail: String
    /// Lines to copy: a command, or YAML to paste. Printed on lines of their own.
    package var remedy: String?
    package var range: SourceRange?

    package init(
        _ code: DiagnosticCode, _ severity: Severity, _ message: String,
        detail: String = "", remedy: String? = nil, at range: SourceRange? = nil
    ) {
        self.code = code
        self.severity = severity
        self.message = message
        self.detail = detail
        self.remedy = remedy
        self.range = range
    }

    /// An error, the usual severity.
    package init(
        _ code: DiagnosticCode, _ message: String, detail: String = "", remedy: String? = nil,
        at range: SourceRange? = nil
    ) {
        self.init(code, .error, message, detail: detail, remedy: remedy, at: range)
    }
}

extension [Diagnostic] {
    package var hasErrors: Bool { contains { $0.severity == .error } }
}
