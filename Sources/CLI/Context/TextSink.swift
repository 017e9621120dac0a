import Synchronization

/// The output seam: standard output and standard error of a command.
package protocol TextSink: Sendable {
    func write(_ text: String)
}

/// Keeps what a command prints: for tests, and for the demo's own commands.
package final class TextBuffer: TextSink {
    private let text = Mutex("")

    package init() {}

    package func write(_ more: String) { text.withLock { $0 += more } }

    package var contents: String { text.withLock { $0 } }
}
