import Journal
import MeshPlanning

/// What a test looks up in a command's state file.
enum JournalReading {
    /// Events of each run, oldest run first; none while there is no state file.
    static func runs(_ meshctl: TestCommand) throws -> [[RunEvent]] {
        do throws(JournalError) {
            let journal = try JournalStore.open(
                path: meshctl.path("state/meshctl.db"), readOnly: true)
            var runs: [[RunEvent]] = []
            for run in try journal.runs().reversed() {
                runs.append(try journal.events(of: run.header.id).map(\.event))
            }
            return runs
        } catch {
            switch error {
            case .missing, .busy: return []
            default: throw error
            }
        }
    }

    /// The ids, oldest first.
    static func ids(_ meshctl: TestCommand) throws -> [String] {
        try runs(meshctl).compactMap { RunState(replaying: $0)?.header.id.text }
    }
}
