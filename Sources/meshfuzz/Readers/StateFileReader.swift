import Foundation
import Journal
import MeshPlanning
import Timing

extension FuzzReader {
    /// A state file with damage that SQLite itself may not see.
    static let stateFile = FuzzReader("state-file", .lines, seconds: 4) { bytes in
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("meshfuzz-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("meshctl.db").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let text = try outcome { try contents(of: path) }
        // The folder's name is another one each time.
        return text.replacingOccurrences(of: folder.path, with: "")
    }

    private static func contents(of path: String) throws -> String {
        let journal = try JournalStore.open(path: path, readOnly: true)
        var text = ""
        for run in try journal.runs() {
            text += "\(run.header.id) \(run.startedAt.rfc3339)\n"
            text += try outcome {
                try journal.events(of: run.header.id).map {
                    "\($0.sequence) \($0.time.rfc3339) \($0.event.kind)"
                }
                .joined(separator: "\n")
            }
        }
        for cluster in ["", "uid"] {
            text += try outcome { "\(try journal.observedFlows(clusterUID: cluster))" }
            text += try outcome { "\(try journal.observations(clusterUID: cluster))" }
        }
        return text
    }
}
