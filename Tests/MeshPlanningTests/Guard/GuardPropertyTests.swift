import MeshPlanning
import TestSupport
import Testing
import Timing

/// Random looks: what nobody has to count on never trips, and what somebody has to count on always does,
/// whatever else happens.
@Suite("Whoever is refused, by seeds")
struct GuardPropertyTests {
    private static let seeds = 0..<300

    @Test("scanners, probes, whoever may be refused and whoever is not known never trip")
    func noise() {
        var listed = 0
        for seed in Self.seeds {
            var story = GuardStory(seed: seed)
            for _ in 0..<6 {
                story.makeNoise()
                let report = story.look()
                #expect(!report.trips && report.countedRefusals.isEmpty, "seed \(seed): \(report)")
                listed += report.refusals.count
            }
        }
        #expect(listed > Self.seeds.count)
    }

    @Test("a required flow that is refused once too often within the window trips, whatever noise")
    func refusals() {
        for seed in Self.seeds {
            var story = GuardStory(seed: seed)
            for _ in 0..<Int.random(in: 0..<4, using: &story.random) {
                story.makeNoise()
                _ = story.look()
            }
            let count = GuardFixtures.rule.refusedConnections + story.random.pick([0, 1, 30])
            story.makeNoise()
            story.refuse(count)
            let report = story.look()
            #expect(report.trips && report.counted >= count, "seed \(seed): \(report)")
        }
    }

    @Test("refusals below the limit do not trip, whatever noise, and are told exactly")
    func belowTheLimit() {
        for seed in Self.seeds {
            var story = GuardStory(seed: seed)
            for _ in 0..<Int.random(in: 0..<4, using: &story.random) {
                story.makeNoise()
                _ = story.look()
            }
            story.makeNoise()
            story.refuse(GuardFixtures.rule.refusedConnections - 1)
            let report = story.look()
            #expect(!report.trips && report.counted == 4, "seed \(seed): \(report)")
        }
    }
}

/// What happens at one target, and the looks at it.
private struct GuardStory {
    private typealias Fixture = GuardFixtures

    var random: SeededGenerator
    private var watch: GuardWatch
    private var seconds: Int64 = 0
    private var next: Int64 = 0
    private var refused: [GuardLook.Source: Int]
    private var unmatched: Int
    private var reset: Int
    private var sent: Int
    private var lines: [GuardLook.Line] = []
    private var process = 0
    private let readsLogs: Bool
    private let hasSidecars: Bool

    init(seed: Int) {
        var random = SeededGenerator(seed: seed)
        readsLogs = random.oneIn(2)
        hasSidecars = random.oneIn(2)
        // History that nobody may take for something new.
        refused = [Fixture.web: random.pick([0, 3, 900]), .unknown: random.pick([0, 7])]
        unmatched = random.pick([0, 20])
        reset = random.pick([0, 5])
        sent = 1_000_000
        // Without a log nobody knows at which port a stranger was refused.
        let hasOutsideClients = readsLogs && random.oneIn(2)
        watch = Fixture.watch(
            Fixture.target(
                givenUp: ["batch/CronJob/report"], outsidePorts: hasOutsideClients ? [8443] : []),
            base: Fixture.look(
                0,
                [
                    Fixture.ztunnel(refused, process: "0"),
                    Fixture.client(reset: reset, sent: sent), Fixture.server(unmatched),
                ]))
        next = Int64.random(in: 10...60, using: &random)
        self.random = random
    }

    private mutating func number() -> Int { Int.random(in: 1...40, using: &random) }

    private mutating func happens(
        _ count: Int, to source: GuardLook.Source, _ kind: GuardLook.Line.Kind = .refused,
        port: Int = 8080, isCounted: Bool = true
    ) {
        if isCounted {
            // A proxy does not know strangers, and Envoy nobody.
            var known = source
            if case .address = source { known = .unknown }
            if kind == .unmatched {
                unmatched += count
            } else {
                refused[known, default: 0] += count
            }
        }
        guard readsLogs else { return }
        for _ in 0..<count {
            let last = (Fixture.start + .seconds(seconds + next)).milliseconds
            lines.append(
                GuardLook.Line(
                    at: last - Int64.random(in: 0..<(next * 1000), using: &random), kind,
                    from: source,
                    address: "10.0.1.7:\(random.next())", to: Fixture.cart, port: port))
        }
    }

    mutating func makeNoise() {
        let scanner = GuardLook.Source.address("192.0.2.\(Int.random(in: 0..<250, using: &random))")
        let kind: GuardLook.Line.Kind = hasSidecars ? .unmatched : .refused
        if random.oneIn(2) { happens(number(), to: scanner, kind, port: 22) }
        if random.oneIn(2) { happens(number(), to: Fixture.report, kind) }
        if random.oneIn(3) { happens(number(), to: Fixture.probe, kind) }
        if random.oneIn(3) { happens(number(), to: .workload("other/thing")) }
        if readsLogs, random.oneIn(3) { happens(number(), to: Fixture.web, .denied) }
        if readsLogs, random.oneIn(3) {
            // Older ztunnels do not flag it.
            happens(number(), to: Fixture.web, .policyChange, isCounted: random.oneIn(2))
        }
        sent += number() * 1000
        if random.oneIn(6) {
            process += 1
            refused = [:]
        }
    }

    mutating func refuse(_ count: Int) {
        switch hasSidecars ? 1 : random.oneIn(3) && readsLogs ? 2 : 0 {
        case 1:
            reset += count
            // The server has no filter chain for the same connections.
            happens(count, to: Fixture.web, .unmatched)
            sent = max(sent, reset)
        case 2: happens(count, to: Fixture.web, isCounted: false)
        default: happens(count, to: Fixture.web)
        }
    }

    mutating func look() -> GuardReport {
        seconds += next
        next = Int64.random(in: 10...60, using: &random)
        let look = Fixture.look(
            seconds,
            [
                Fixture.ztunnel(
                    refused, process: String(process), age: process == 0 ? 86_400 : -seconds),
                Fixture.client(reset: reset, sent: sent), Fixture.server(unmatched),
            ], lines: lines)
        lines = []
        return watch.add(look)
    }
}
