import Synchronization

/// The output seam: standard output and standard error of a command.
package protocol TextSink: Sendable {
    func write(_ text: String)

    /// Why a text could not be written, such as a full disk; nil where all was, and where nobody reads any more.
    var failure: String? { get }
}

extension TextSink {
    package var failure: String? { nil }
}

/// Keeps what a command prints: for tests, and for the demo's own commands.
package final class TextBuffer: TextSink {
    private let text = Mutex("")

    package init() {}

    package func write(_ more: String) { text.withLock { $0 += more } }

    package var contents: String { text.withLock { $0 } }
}
