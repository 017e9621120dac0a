import Timing

/// What proxies have counted between looks, and what of it is lost.
struct RefusalCounts: Sendable {
    struct Key: Hashable, Sendable {
        var kind: GuardLook.Kind
        var source: GuardLook.Source
        var destination: String
    }

    /// What one proxy counted between two looks.
    struct Increment: Sendable {
        var from: Int64
        var until: Int64
        var key: Key
        var count: Int
        /// Where meshctl itself asked something in between.
        var isProbed: Bool
    }

    private(set) var increments: [Increment] = []
    /// Why what was counted is not all; with the look that showed it.
    private(set) var gaps: [(at: Int64, text: String)] = []
    /// Before the watch began, for each millisecond: by proxies that have run long enough to tell.
    private(set) var rates: [Key: Double] = [:]
    private let targets: Set<String>
    private let start: Int64
    private var latest: [String: Reading] = [:]

    private struct Reading {
        var at: Int64
        var process: String
        var counts: [Key: Int]
    }

    /// A proxy tells how it was before only where it has run for so many windows: what went wrong while it came
    /// up is not the usual.
    private static let history: Int64 = 10

    /// - Parameter targets: those that are asked about; what proxies say of others is left out.
    init(of targets: Set<String>, base: GuardLook, windowMilliseconds: Int64) {
        self.targets = targets
        start = base.at
        for proxy in base.proxies {
            guard let reading = reading(of: proxy, at: base.at) else { continue }
            latest[proxy.name] = reading
            guard let since = proxy.since, base.at > since else { continue }
            let age = base.at.subtractingClamped(since)
            guard age >= windowMilliseconds.multipliedClamped(by: Self.history) else { continue }
            for (key, count) in reading.counts where count > 0 {
                rates[key, default: 0] += Double(count) / Double(age)
            }
        }
    }

    mutating func add(_ look: GuardLook, isProbed: Bool) {
        for proxy in look.proxies {
            guard let reading = reading(of: proxy, at: look.at) else { continue }
            let before = latest.updateValue(reading, forKey: proxy.name)
            var from = before?.at ?? start
            var earlier: [Key: Int] = [:]
            if let before {
                let isSame =
                    before.process == reading.process
                    && before.counts.allSatisfy { $1 <= reading.counts[$0] ?? 0 }
                if isSame {
                    earlier = before.counts
                } else {
                    gaps.append(
                        (
                            look.at,
                            "\(proxy.name) started anew: what it counted before is not known"
                        ))
                }
            } else if proxy.since.map({ $0 < start }) ?? true {
                gaps.append(
                    (
                        look.at,
                        "\(proxy.name) was not seen before the step: what it had counted by then is left out"
                    ))
                earlier = reading.counts
                from = look.at
            }
            for (key, count) in reading.counts {
                let more = count - (earlier[key] ?? 0)
                guard more > 0 else { continue }
                increments.append(
                    Increment(
                        from: from, until: look.at, key: key, count: more, isProbed: isProbed))
            }
        }
        let named = Set(look.proxies.map(\.name))
        for name in latest.keys.filter({ !named.contains($0) }).sorted() {
            latest[name] = nil
            gaps.append(
                (look.at, "\(name) went away: what it counted since the look before is not known"))
        }
    }

    /// Forgets what was counted until then.
    mutating func forget(until time: Int64) {
        increments.removeAll { $0.until <= time }
        gaps.removeAll { $0.at <= time }
    }

    private func reading(of proxy: GuardLook.Proxy, at time: Int64) -> Reading? {
        guard let counts = proxy.counts, !targets.isDisjoint(with: proxy.targets) else {
            return nil
        }
        var sums: [Key: Int] = [:]
        for count in counts where targets.contains(count.destination) {
            let key = Key(
                kind: count.kind, source: count.source, destination: count.destination)
            sums[key] = (sums[key] ?? 0).plus(max(0, count.count))
        }
        return Reading(at: time, process: proxy.process, counts: sums)
    }
}

extension Int {
    /// Hostile pages cannot make it overflow.
    func plus(_ other: Int) -> Int {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}
