/// When a CronJob runs: five fields, or one of cron's names for them, as Kubernetes reads them
/// (`github.com/robfig/cron/v3`, `ParseStandard`).
package struct CronSchedule: Sendable, Hashable {
    private enum Rule: Sendable, Hashable {
        case every(Duration)
        case fields(minutes: [Int], hours: [Int], days: CronDays)
    }

    private let rule: Rule

    /// nil for a text that is no schedule.
    package init?(_ text: String) {
        var words = text.split(separator: " ").map(String.init)
        if let first = words.first, first.hasPrefix("TZ=") || first.hasPrefix("CRON_TZ=") {
            words.removeFirst()
        }
        if words.first == "@every" {
            guard words.count == 2, let pause = Self.goDuration(words[1]) else { return nil }
            rule = .every(pause)
            return
        }
        if words.count == 1, let fields = Self.names[words[0]] {
            words = fields.split(separator: " ").map(String.init)
        }
        guard words.count == 5, let minutes = CronField(words[0], 0...59),
            let hours = CronField(words[1], 0...23), let days = CronField(words[2], 1...31),
            let months = CronField(words[3], 1...12, names: Self.months),
            let weekdays = CronField(words[4], 0...6, names: Self.weekdays)
        else { return nil }
        rule = .fields(
            minutes: minutes.values, hours: hours.values,
            days: CronDays(days: days, months: months, weekdays: weekdays))
    }

    /// The longest time between two runs, leaving aside clocks that are put forward or back; nil where it never
    /// runs.
    package var longestPause: Duration? {
        switch rule {
        case .every(let pause): return pause
        case .fields(let minutes, let hours, let days):
            let times = hours.flatMap { hour in minutes.map { hour * 60 + $0 } }
            guard let first = times.first, let last = times.last, let apart = days.longestPause
            else { return nil }
            let within = zip(times.dropFirst(), times).map { $0 - $1 }.max() ?? 0
            return .seconds(60 * max(within, apart * 1440 + first - last))
        }
    }

    private static let names = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *",
        "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
        "@hourly": "0 * * * *",
    ]
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// `1h30m`, of whole hours, minutes and seconds.
    private static func goDuration(_ text: String) -> Duration? {
        var rest = text[...]
        var seconds = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard digits.count <= 9, let count = Int(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            switch rest.popFirst() {
            case "h": seconds += count * 3600
            case "m": seconds += count * 60
            case "s": seconds += count
            default: return nil
            }
        }
        return seconds > 0 ? .seconds(seconds) : nil
    }
}

/// One field: `*`, `5`, `1-5`, `*/15`, `1-31/2`, and lists of these.
private struct CronField: Sendable, Hashable {
    /// In ascending order.
    let values: [Int]
    let isAny: Bool

    init?(_ text: String, _ range: ClosedRange<Int>, names: [String] = []) {
        var values: Set<Int> = []
        var isAny = false
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let ends = halves[0].split(
                separator: "-", maxSplits: 1, omittingEmptySubsequences: false
            )
            .map { Self.number($0, range, names) }
            let step = halves.count > 1 ? Int(halves[1]) : 1
            guard let step, step > 0, step <= range.upperBound + 1 else { return nil }
            if halves[0] == "*" || halves[0] == "?" {
                isAny = isAny || step == 1
                values.formUnion(
                    stride(from: range.lowerBound, through: range.upperBound, by: step))
            } else if let low = ends[0] {
                let high = ends.count > 1 ? ends[1] : halves.count > 1 ? range.upperBound : low
                guard let high, low <= high else { return nil }
                values.formUnion(stride(from: low, through: high, by: step))
            } else {
                return nil
            }
        }
        self.values = values.sorted()
        self.isAny = isAny
    }

    private static func number(
        _ text: Substring, _ range: ClosedRange<Int>, _ names: [String]
    ) -> Int? {
        let named = names.firstIndex(of: text.lowercased()).map { $0 + range.lowerBound }
        guard let number = named ?? Int(text), range.contains(number) else { return nil }
        return number
    }
}

/// On which days: where days of the month and of the week are both named, either is enough.
private struct CronDays: Sendable, Hashable {
    var days: CronField
    var months: CronField
    var weekdays: CronField

    /// In days, over the 28 years after which weekdays and leap years come round; nil for days that never come.
    var longestPause: Int? {
        var longest = 0
        var first: Int?
        var last: Int?
        var number = 0
        for year in 2000..<2028 {
            for month in 1...12 {
                for day in 1...Self.length(of: month, year) {
                    // 2000-01-01 was a Saturday.
                    if isDay(day, month, weekday: (number + 6) % 7) {
                        if let last { longest = max(longest, number - last) }
                        first = first ?? number
                        last = number
                    }
                    number += 1
                }
            }
        }
        guard let first, let last else { return nil }
        return max(longest, number - last + first)
    }

    private func isDay(_ day: Int, _ month: Int, weekday: Int) -> Bool {
        guard months.values.contains(month) else { return false }
        let byDay = days.values.contains(day)
        let byWeekday = weekdays.values.contains(weekday)
        return days.isAny || weekdays.isAny ? byDay && byWeekday : byDay || byWeekday
    }

    private static func length(of month: Int, _ year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
