import MeshModel
import Reporting

/// A workload, pod or Service to be explained, as the command line names it.
struct WorkloadQuestion {
    private let asked: String
    private let name: ObjectName

    /// nil where the words are no name but a code or a text of a log.
    init?(_ words: [String]) throws {
        guard let text = words.first, words.count == 1 else { return nil }
        let found: ObjectName?
        let isWrongPort: Bool
        do throws(ObjectName.KindMistake) {
            found = try ObjectName(text)
            isWrongPort = found == nil ? try Self.isNameWithWrongPort(text) : false
        } catch {
            guard ManualSearch(text).sections.isEmpty else { return nil }
            throw CommandFailure(
                .usage,
                "'\(TerminalText.sanitized(error.kind))' is no kind of workload, "
                    + "of NAMESPACE/KIND/NAME\(error.hint)")
        }
        if isWrongPort {
            throw CommandFailure(
                .usage,
                "'\(TerminalText.sanitized(text))' names no port; "
                    + "write a number from 1 to 65535 behind the colon, or leave it out")
        }
        guard let found else { return nil }
        name = found
        asked = text
    }

    private static func isNameWithWrongPort(
        _ text: String
    ) throws(ObjectName.KindMistake) -> Bool {
        guard let colon = text.firstIndex(of: ":") else { return false }
        return try ObjectName(String(text[..<colon])) != nil
    }

    func explanation(in state: MeshState) throws -> WorkloadExplanationReport {
        let found = FoundObjects(state, awaiting: [name])
        guard name.kind == .service else {
            return WorkloadExplanationReport(
                workload: asked, pods: try found.pods(name), port: name.port, index: found.index)
        }
        let service = try found.service(name)
        return WorkloadExplanationReport(
            workload: asked, service: service,
            ports: try name.port.map { [try found.port($0, of: service)] } ?? service.ports,
            index: found.index)
    }
}
