import Journal

/// What is wrong with the state file, and what to do.
enum JournalSentence {
    static func of(_ error: JournalError) -> String {
        switch error {
        case .missing(let path):
            "there is no state file \(path)"
        case .cannotOpen(let path, let reason):
            "cannot open the state file \(path): \(reason)"
        case .notPermitted(let path, let reason):
            "no permission for the state file \(path): \(reason)"
        case .readOnlyFileSystem(let path):
            "the state file \(path) is on a read-only file system\nName another with --state."
        case .diskFull(let path):
            "the disk of the state file \(path) is full\nFree some room; the run goes on where it stopped."
        case .inputOutput(let path, let detail):
            "the state file \(path) cannot be read or written: \(detail)"
        case .busy(let path):
            "another process keeps the state file \(path) busy"
        case .damaged(let path, let detail):
            """
            the state file \(path) is damaged: \(detail)
            It was left as it is. Restore it from a copy, or move it aside to start without history:
              mv \(path) \(path).damaged
            """
        case .notAJournal(let path):
            "\(path) is a database of another program, not a state file\nName another with --state."
        case .newer(let path, let version, let supported):
            """
            the state file \(path) was written by a newer meshctl (schema \(version), this one reads up to \
            \(supported))
            Use that version; the file was left as it is.
            """
        case .needsMigration(let path, let version, let supported):
            """
            the state file \(path) is of an older meshctl (schema \(version), this one writes \(supported))
            The next apply or rollback migrates it and keeps a copy.
            """
        case .notDurable(let path, let detail):
            "the state file \(path) cannot be kept safely: \(detail)"
        case .runExists(let id):
            "run \(id) exists already"
        case .unknownRun(let id):
            "there is no run \(id)\nList the runs with: meshctl history"
        case .unreadableEvent(let id, let sequence, let detail):
            "event \(sequence) of run \(id) cannot be read: \(detail)"
        }
    }
}
