import MeshModel
package import MeshPlanning
import Timing

/// The journal as text that any program can read: JSON Lines, each with one member that says what it is.
///
/// A header; the events of each run, in the order in which runs were begun; what was observed; locks that were
/// broken; the number of lines before the last one, by which a text that was cut short is known.
enum StateDocument {
    static let format = "meshctl-state"
    /// Raised by anything that an older meshctl would misread.
    static let version = 1
    /// Bytes of one line: of a run's beginning, which holds all its steps, some ten thousand namespaces.
    static let longestLine = 64 << 20

    enum Line: Codable, Sendable, Equatable {
        case header(format: String, version: Int, schema: Int, meshctl: String)
        /// `at` is in milliseconds since 1970, as all times here.
        case event(run: RunID, sequence: Int, at: Int64, event: RunEvent)
        case flow(
            cluster: String, client: String, server: String, port: Int,
            security: ObservedFlow.Security, firstSeen: Int64, lastSeen: Int64, connections: Int)
        case observation(
            cluster: String, startedAt: Int64, goal: Int64, covered: Int64, sampledAt: Int64?)
        case proxy(cluster: String, proxy: String, watermark: ProxyWatermark)
        case lockBreak(cluster: String, at: Int64, by: String, heldBy: String, reason: String)
        case end(lines: Int)
    }
}

/// Why a text is not taken in; nothing of it is then.
package struct StateImportFailure: Error, Sendable, Equatable {
    package enum Problem: Sendable, Equatable {
        /// It does not begin as an export does.
        case notAnExport
        case newerFormat(Int, supported: Int)
        case newerSchema(Int, supported: Int)
        /// Of more bytes than a line may have.
        case lineTooLong(limit: Int)
        case malformed(detail: String)
        /// It ends before its last line.
        case cutShort
        /// The last line counts other lines than there are.
        case wrongCount(Int)
        /// Something follows the last line.
        case afterTheEnd
        /// An event that is not the next of its run.
        case outOfOrder(RunID, sequence: Int)
        /// The file has a run of this id with another event in this place.
        case differs(RunID, sequence: Int)
        /// It began between runs of its cluster that the file has: which of them is the newest would change.
        case between(RunID)
    }

    /// From 1.
    package var line: Int
    package var problem: Problem
}

/// What an import found and did.
package struct StateImport: Sendable, Equatable {
    /// Runs that the file did not have.
    package var new: [RunID] = []
    /// Runs whose later events the file did not have.
    package var extended: [RunID] = []
    /// Runs of which the file has all that the text has.
    package var known: [RunID] = []
    /// Flows, stretches of observing and proxies of which the file had nothing, or less.
    package var observed = 0
    /// Broken locks that the file did not know of.
    package var lockBreaks = 0
}
