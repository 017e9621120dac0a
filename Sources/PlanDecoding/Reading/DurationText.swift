/// Durations as Go writes them: numbers with units, the larger first (`1h30m`, `30s`, `500ms`).
enum DurationText {
    static let pattern = "^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"

    /// Nothing in a rollout waits longer; keeps sums of durations far from overflowing.
    static let longest: Duration = .seconds(366 * 24 * 3600)

    /// nil when the text is no duration of at most `longest`.
    static func duration(_ text: String) -> Duration? {
        var rest = Substring(text)
        var total = Duration.zero
        var units = ["h", "m", "s", "ms"][...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let amount = Int64(digits), amount <= 1_000_000_000_000 else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            guard let place = units.firstIndex(of: String(unit)) else { return nil }
            rest = rest.dropFirst(unit.count)
            units = units[(place + 1)...]
            switch unit {
            case "h": total += .seconds(amount * 3600)
            case "m": total += .seconds(amount * 60)
            case "s": total += .seconds(amount)
            default: total += .milliseconds(amount)
            }
            guard total <= longest else { return nil }
        }
        return total
    }
}
