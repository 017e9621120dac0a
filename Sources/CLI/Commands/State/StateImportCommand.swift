import ArgumentParser
import Foundation
import Journal
import Reporting

struct StateImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Add to the state file what an export has and it has not: all of it, or nothing.",
        discussion: """
            A run that is there already stays as it is; its later events are added. A run that is there with other \
            events is refused. The cluster is not asked.

            EXAMPLES
              meshctl state import backup.jsonl
              gunzip -c backup.jsonl.gz | meshctl state import - --state new.db

            EXIT CODES
              0 done · 1 error, nothing was added · 6 locked · 64 usage
            """)

    @Argument(help: "What 'meshctl state export' wrote; - for standard input.", completion: .file())
    var file: String

    @OptionGroup var stateFile: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let context = try CommandContext.required()
        let source = try PieceSource(file, context)
        let lock = try stateFile.lock(for: "state import", context)
        defer { lock.release() }
        let journal = try JournalStore.open(path: stateFile.path(context))
        do {
            let done = try journal.importState { try source.piece() }
            context.printReport(
                StateImportReport(
                    new: done.new, extended: done.extended, known: done.known,
                    observed: done.observed,
                    lockBreaks: done.lockBreaks), output)
        } catch let failure as StateImportFailure {
            throw CommandFailure(.failure, StateImportSentence.of(failure, in: file))
        }
    }
}

/// A file that is read piece by piece, however long it is.
private final class PieceSource {
    private let name: String
    private let descriptor: Int32

    /// - Parameter name: as the user gave it; `-` for standard input.
    init(_ name: String, _ context: CommandContext) throws {
        self.name = name
        descriptor =
            name == "-" ? dup(STDIN_FILENO) : open(context.resolve(name), O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw failure() }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Empty at the end.
    func piece() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure() }
            return Array(bytes.prefix(count))
        }
    }

    private func failure() -> CommandFailure {
        CommandFailure(.failure, "cannot read \(name): \(String(cString: strerror(errno)))")
    }
}
