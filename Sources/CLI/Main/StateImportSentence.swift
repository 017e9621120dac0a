import Journal
import Reporting

/// Why an export is not taken in, and what to do.
enum StateImportSentence {
    /// - Parameter file: as the user named it.
    static func of(_ failure: StateImportFailure, in file: String) -> String {
        let words = "\(file), line \(failure.line): \(why(failure.problem))\nNothing was added."
        return TerminalText.sanitized(words, keepsLines: true)
    }

    private static func why(_ problem: StateImportFailure.Problem) -> String {
        switch problem {
        case .notAnExport:
            "this is not what 'meshctl state export' writes"
        case .newerFormat(let version, let supported):
            "written by a newer meshctl (format \(version), this one reads up to \(supported)); use that version"
        case .newerSchema(let version, let supported):
            "written by a newer meshctl (schema \(version), this one reads up to \(supported)); use that version"
        case .lineTooLong(let limit):
            "the line has more than \(limit >> 20) MiB, which no export has"
        case .malformed(let detail):
            "it cannot be read: \(detail)"
        case .cutShort:
            "the text ends here, before its last line: it was cut short"
        case .wrongCount(let count):
            "it says that \(count) lines are before it: some are missing, or were added"
        case .afterTheEnd:
            "something follows the last line"
        case .outOfOrder(let run, let sequence):
            "event \(sequence) of run \(run) does not belong here: lines are missing, or were moved"
        case .differs(let run, let sequence):
            """
            run \(run) is in the state file with another event \(sequence): these are two histories
            Keep them apart: import this one into a file of its own, with --state.
            """
        case .between(let run):
            """
            run \(run) began between runs of the same cluster that the state file has, and would change which is the newest
            Import into a new file, with --state.
            """
        }
    }
}
