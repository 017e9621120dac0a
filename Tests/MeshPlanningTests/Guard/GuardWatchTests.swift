import MeshPlanning
import Testing
import Timing

@Suite("Who is refused after a step")
struct GuardWatchTests {
    private typealias Fixture = GuardFixtures

    /// The report of one look, half a minute after the base.
    private func report(
        _ target: TrafficGuard.Target, base: [GuardLook.Proxy]? = nil,
        _ proxies: [GuardLook.Proxy]? = nil, lines: [GuardLook.Line] = [], isProbed: Bool = false
    ) -> GuardReport {
        var watch = Fixture.watch(target, base: Fixture.look(0, base))
        return watch.add(Fixture.look(30, proxies, lines: lines), isProbed: isProbed)
    }

    private func report(
        base: [GuardLook.Proxy]? = nil, _ proxies: [GuardLook.Proxy]? = nil,
        lines: [GuardLook.Line] = [], isProbed: Bool = false
    ) -> GuardReport {
        report(Fixture.target(), base: base, proxies, lines: lines, isProbed: isProbed)
    }

    @Test("as many refusals of a required flow as the rule has trip, and one less does not")
    func limit() {
        for (count, trips) in [(4, false), (5, true), (500, true)] {
            let report = report([Fixture.ztunnel([Fixture.web: count]), Fixture.server()])
            #expect(report.trips == trips)
            #expect(report.lines == ["shop/Deployment/web \(count)"])
            #expect(report.batch == 3)
        }
    }

    @Test("what was counted before the step does not count")
    func base() {
        let before = [Fixture.ztunnel([Fixture.web: 900])]
        #expect(report(base: before, before).refusals.isEmpty)
        let more = report(base: before, [Fixture.ztunnel([Fixture.web: 905])])
        #expect(more.lines == ["shop/Deployment/web 5"] && more.trips)
    }

    @Test("log and counter tell of the same refusals: the larger number counts")
    func twice() {
        let counted = Fixture.ztunnel([Fixture.web: 4])
        let lines = Fixture.lines(3, until: 20, from: Fixture.web)
        #expect(report([counted], lines: lines).lines == ["shop/Deployment/web 4"])
        let more = Fixture.lines(6, until: 20, from: Fixture.web)
        #expect(report([counted], lines: more).lines == ["shop/Deployment/web 6"])
        let client = Fixture.client(reset: 5)
        #expect(report([counted, client], lines: lines).lines == ["shop/Deployment/web 5"])
    }

    @Test("a log may have lines from before the base, and the same line in two looks")
    func logs() {
        var watch = Fixture.watch(Fixture.target())
        let lines =
            Fixture.lines(2, until: 0, from: Fixture.web)
            + Fixture.lines(1, until: 1, from: Fixture.web)
        #expect(watch.add(Fixture.look(10, lines: lines)).lines == ["shop/Deployment/web 1"])
        #expect(watch.add(Fixture.look(20, lines: lines)).lines == ["shop/Deployment/web 1"])
    }

    @Test("the window slides: what lies further back counts no more")
    func window() {
        var watch = Fixture.watch(Fixture.target())
        var counts: [Int] = []
        for (seconds, total) in [(60, 3), (120, 3), (180, 4), (240, 7), (300, 7), (420, 7)] {
            let look = Fixture.look(Int64(seconds), [Fixture.ztunnel([Fixture.web: total])])
            counts.append(watch.add(look).counted)
        }
        #expect(counts == [3, 3, 1, 4, 3, 0])
    }

    @Test("logs are read from a little before the last look, and never from before the base")
    func logsSince() {
        var watch = Fixture.watch(Fixture.target())
        #expect(watch.logsSince == Fixture.start)
        _ = watch.add(Fixture.look(30))
        #expect(watch.logsSince == Fixture.start + .seconds(25))
    }

    @Test("who may be refused is listed, with the reason")
    func givenUp() {
        let target = Fixture.target(givenUp: ["batch/CronJob/report"])
        let report = report(target, [Fixture.ztunnel([Fixture.report: 70])])
        #expect(report.lines == ["(batch/CronJob/report 70)"] && !report.trips)
        #expect(report.refusals.first?.excuse?.contains("plan file") == true)
    }

    @Test("a client that must get in at one port and may be refused at another is told by the log")
    func ports() {
        let target = Fixture.target(
            givenUp: ["shop/Deployment/web"], givenUpPorts: ["shop/Deployment/web": [9090]])
        let counted = [Fixture.ztunnel([Fixture.web: 9])]
        let lines =
            Fixture.lines(7, until: 20, from: Fixture.web, port: 9090)
            + Fixture.lines(2, until: 20, from: Fixture.web)
        let told = report(target, counted, lines: lines)
        #expect(told.lines == ["shop/Deployment/web 2", "(shop/Deployment/web 7)"])
        #expect(!told.trips)
        // Without a log it counts: nobody knows which it was.
        #expect(report(target, counted).trips)
    }

    @Test("a workload that nobody knows of is listed as not a known flow")
    func unknownWorkload() {
        let report = report([Fixture.ztunnel([.workload("other/thing"): 70])])
        #expect(report.lines == ["(other/thing 70)"] && !report.trips)
        #expect(report.refusals.first?.excuse == "not a known flow")
    }

    @Test("meshctl's own probes are listed")
    func probes() {
        let report = report(
            [Fixture.ztunnel([Fixture.probe: 70])],
            lines: Fixture.lines(9, until: 20, from: Fixture.probe))
        #expect(report.lines == ["(meshctl's own probe shop/meshctl-probe-x 70)"])
        #expect(!report.trips)
    }

    @Test("a user's own DENY policy is listed, and what it refused is not counted for STRICT")
    func usersPolicy() {
        let lines =
            Fixture.lines(20, until: 25, .denied, from: Fixture.web)
            + Fixture.lines(1, until: 20, from: Fixture.web)
        let report = report([Fixture.ztunnel([Fixture.web: 21])], lines: lines)
        #expect(report.lines == ["shop/Deployment/web 1", "(shop/Deployment/web 20)"])
    }

    @Test(
        "connections that were open are closed once: listed, whether ztunnel gives them the flag or not",
        arguments: [0, 20])
    func closedOnce(flagged: Int) {
        let lines = Fixture.lines(20, until: 25, .policyChange, from: Fixture.web)
        let once = report([Fixture.ztunnel([Fixture.web: flagged])], lines: lines)
        #expect(once.lines == ["(shop/Deployment/web 20)"] && !once.trips)
        let sustained = report(
            [Fixture.ztunnel([Fixture.web: flagged + 6])],
            lines: lines + Fixture.lines(6, until: 28, from: Fixture.web))
        #expect(sustained.counted == 6 && sustained.trips)
    }

    @Test("a capture closes what a sidecar has open, once; if that goes on, it counts")
    func capture() {
        var watch = Fixture.watch(
            Fixture.target(), base: Fixture.look(0, pods: [Fixture.pod()]))
        func look(_ seconds: Int64, reset: Int) -> GuardReport {
            watch.add(
                Fixture.look(
                    seconds, [Fixture.client(reset: reset, sent: 2 * reset)],
                    pods: [Fixture.pod(isCaptured: true)]))
        }
        let first = look(30, reset: 8)
        #expect(first.lines == ["(shop/Deployment/web 8)"] && !first.trips)
        #expect(look(60, reset: 8).lines == ["(shop/Deployment/web 8)"])
        let later = look(90, reset: 14)
        #expect(later.lines == ["shop/Deployment/web 6", "(shop/Deployment/web 8)"] && later.trips)
    }

    // MARK: - Outside

    @Test("an address that is no pod's is listed where nobody outside must get in")
    func scanner() {
        let lines = Fixture.lines(60, until: 25, from: Fixture.scanner)
        let report = report([Fixture.ztunnel([.unknown: 60])], lines: lines)
        #expect(
            report.lines == ["(192.0.2.7, which is no pod's address 60)"] && !report.trips)
        #expect(
            self.report([Fixture.ztunnel([.unknown: 60])]).lines == [
                "(a source that the proxy does not know 60)"
            ])
    }

    @Test(
        "at a port that somebody outside must reach, a refusal counts, and at another it does not")
    func outside() {
        let target = Fixture.target(outsidePorts: [8080])
        let node = GuardLook.Source.node(name: "kube-1", address: "192.168.1.10")
        let refused = report(
            target, [Fixture.ztunnel([.unknown: 66])],
            lines: Fixture.lines(6, until: 25, from: node)
                + Fixture.lines(60, until: 25, from: Fixture.scanner, port: 22))
        #expect(
            refused.lines == [
                "node kube-1 at 192.168.1.10 6", "(192.0.2.7, which is no pod's address 60)",
            ])
        #expect(refused.trips)
        let scanned = report(
            target, [Fixture.ztunnel([.unknown: 60])],
            lines: Fixture.lines(60, until: 25, from: Fixture.scanner, port: 22))
        #expect(!scanned.trips)
    }

    @Test("without a log, unknown sources count beyond the rate of before")
    func rate() {
        let target = Fixture.target(outsidePorts: [8080])
        // A day at one in ten seconds: three in half a minute.
        let before = [Fixture.ztunnel([.unknown: 8640])]
        let report = report(target, base: before, [Fixture.ztunnel([.unknown: 8647])])
        #expect(report.lines == ["a source that the proxy does not know 4"] && !report.trips)
        // A proxy that has just come up does not know what is usual.
        let young = self.report(
            target, base: [Fixture.ztunnel([.unknown: 8640], age: 60)],
            [Fixture.ztunnel([.unknown: 8647], age: 60)])
        #expect(young.counted == 7 && young.trips)
    }

    @Test("a port scan from everywhere is told in a few lines")
    func manyAddresses() {
        let lines = (0..<500).flatMap {
            Fixture.lines(1, until: 20, from: .address("192.0.2.\($0)"))
        }
        let report = report(lines: lines)
        #expect(report.refusals.count == 21 && !report.trips)
        #expect(report.refusals.reduce(0) { $0 + $1.count } == 500)
    }

    // MARK: - Sidecars

    @Test(
        "a sidecar does not know whom it refuses: it counts beyond what clients tell and the rate of before"
    )
    func listener() {
        #expect(report([Fixture.server(5)]).trips)
        let known = report([Fixture.server(9), Fixture.client(reset: 6)])
        #expect(
            known.lines == ["a source that the proxy does not know 3", "shop/Deployment/web 6"])
        let usual = report(base: [Fixture.server(8640)], [Fixture.server(8643)])
        #expect(usual.refusals.isEmpty)
        #expect(report(base: [Fixture.server(8640)], [Fixture.server(8648)]).trips)
    }

    @Test("where somebody may be refused, or nobody needs it, what a sidecar refuses is listed")
    func listenerOfNobody() {
        for target in [
            Fixture.target(givenUp: ["batch/CronJob/report"]), Fixture.target(required: []),
        ] {
            let report = report(target, [Fixture.server(70)])
            #expect(report.lines == ["(a source that the proxy does not know 70)"])
            #expect(!report.trips)
        }
    }

    @Test("a sidecar's access log names the sources")
    func accessLog() {
        let scan = Fixture.lines(30, until: 25, .unmatched, from: Fixture.scanner)
        let scanned = report([Fixture.server(30)], lines: scan)
        #expect(scanned.lines == ["(192.0.2.7, which is no pod's address 30)"])
        let mixed = report(
            [Fixture.server(36)],
            lines: scan + Fixture.lines(6, until: 25, .unmatched, from: Fixture.web))
        #expect(mixed.counted == 6 && mixed.trips)
    }

    @Test("while meshctl itself asks what is to be refused, unknown sources are left out")
    func probed() {
        let report = report([Fixture.server(9)], isProbed: true)
        #expect(report.lines == ["(a source that the proxy does not know 9)"] && !report.trips)
        let known = self.report([Fixture.ztunnel([Fixture.web: 9])], isProbed: true)
        #expect(known.trips)
    }

    @Test(
        "now and then an answer is missing: a client's rate of before is no refusal, most of its requests are"
    )
    func noise() {
        // A day with one in ten seconds of a hundred a second.
        let before = [Fixture.client(reset: 8640, sent: 8_640_000)]
        let usual = report(base: before, [Fixture.client(reset: 8643, sent: 8_643_000)])
        #expect(usual.refusals.isEmpty)
        let more = report(base: before, [Fixture.client(reset: 8653, sent: 8_643_000)])
        #expect(more.lines == ["shop/Deployment/web 10"] && more.trips)
        let refused = report(base: before, [Fixture.client(reset: 8645, sent: 8_640_005)])
        #expect(refused.lines == ["shop/Deployment/web 5"] && refused.trips)
    }
}
