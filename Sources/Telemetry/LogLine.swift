package import Timing

/// One line of a container's log as the kubelet hands it out with `timestamps=true`:
/// `2026-11-21T08:00:00.123456789Z TEXT`.
package struct LogLine: Sendable, Hashable {
    /// When the line was written, in whole milliseconds.
    package var time: Timestamp
    package var text: Substring

    package init(time: Timestamp, text: Substring) {
        self.time = time
        self.text = text
    }

    /// nil for a line without a time before it.
    package init?(_ line: Substring) {
        guard let space = line.firstIndex(of: " "),
            let time = Timestamp(rfc3339: String(line[..<space]))
        else { return nil }
        self.init(time: time, text: line[line.index(after: space)...])
    }
}
