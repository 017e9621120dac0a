import Timing

/// Small phrases that several reports share.
enum Phrases {
    /// `1 step`, `3 steps`
    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// As the plan file writes durations: `30s`, `10m`, `1m30s`, `24h`, `500ms`.
    static func duration(milliseconds: Int64) -> String {
        guard milliseconds >= 1000 else { return "\(milliseconds)ms" }
        let seconds = milliseconds / 1000
        let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
        return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    }

    /// `2026-11-21 01:27:39Z`
    static func time(_ rfc3339: String) -> String { rfc3339.replacing("T", with: " ") }
}
