package import MeshPlanning

/// Why the state file cannot be used. Each carries the path; the sentence for the user is the CLI's.
package enum JournalError: Error, Sendable, Equatable {
    /// There is no file, and it was to be read only.
    case missing(path: String)
    /// It cannot be opened or created; `reason` is the system's.
    case cannotOpen(path: String, reason: String)
    case notPermitted(path: String, reason: String)
    case readOnlyFileSystem(path: String)
    case diskFull(path: String)
    /// Reading, writing or syncing failed in the file system.
    case inputOutput(path: String, detail: String)
    /// Another process has held the file for longer than a write takes.
    case busy(path: String)
    /// Not a database, cut short, or inconsistent. It is left as it is.
    case damaged(path: String, detail: String)
    /// A sound SQLite database of another program.
    case notAJournal(path: String)
    /// Written by a newer meshctl.
    case newer(path: String, version: Int, supported: Int)
    /// Written by an older meshctl, and opened only for reading: opening it for writing migrates it.
    case needsMigration(path: String, version: Int, supported: Int)
    /// SQLite would not give the wanted durability.
    case notDurable(path: String, detail: String)
    case runExists(RunID)
    case unknownRun(RunID)
    /// An event that this version cannot read.
    case unreadableEvent(RunID, sequence: Int, detail: String)
}
