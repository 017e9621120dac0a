import Journal

/// What is wrong with the state file, and what to do.
enum JournalSentence {
    static func of(_ error: JournalError) -> String {
        switch error {
        case .missing(let path):
            "there is no state file \(path)"
        case .cannotOpen(let path, let reason):
            "cannot open the state file \(path): \(reason)\nName another place with --state."
        case .notPermitted(let path, let reason):
            """
            no permission for the state file \(path): \(reason)
            The file and its folder must be yours to write. Name another with --state.
            """
        case .readOnlyFileSystem(let path):
            "the state file \(path) is on a read-only file system\nName another with --state."
        case .diskFull(let path):
            "the disk of the state file \(path) is full\nFree some room, then give the same command again."
        case .inputOutput(let path, let detail):
            """
            the state file \(path) cannot be read or written: \(detail)
            Look at its disk, at quotas and at ulimit -f, then give the same command again.
            """
        case .busy(let path):
            "another process keeps the state file \(path) busy\nGive the same command again."
        case .damaged(let path, let detail):
            "the state file \(path) is damaged: \(detail)\n"
                + afterDamage(path).joined(separator: "\n")
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
            """
            the state file \(path) cannot be kept safely: \(detail)
            Name another with --state, on a local disk.
            """
        case .runExists(let id):
            "run \(id) exists already"
        case .unknownRun(let id):
            "there is no run \(id)\nList the runs with: meshctl history"
        case .unreadableEvent(let id, let sequence, let detail):
            """
            event \(sequence) of run \(id) cannot be read: \(detail)
            The state file was left as it is. Look at all of it with: meshctl state check
            """
        }
    }

    /// What to do with a damaged file, a line each.
    static func afterDamage(_ path: String) -> [String] {
        let option = " --state " + ClusterOptions.quoted(path)
        return [
            "It was left as it is. What is wrong with it: meshctl state check\(option)",
            "Put a copy in its place, or move it aside; the next run then begins a new one, and an export can be "
                + "imported:",
            "  meshctl state check --move-aside\(option)",
        ]
    }
}
