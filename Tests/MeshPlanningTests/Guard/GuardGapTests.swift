import MeshPlanning
import Testing
import Timing

@Suite("What a watch for refusals misses, and whose pods get worse")
struct GuardGapTests {
    private typealias Fixture = GuardFixtures

    @Test("a proxy that starts anew counts from nothing, and what is lost is a doubt")
    func restart() {
        var watch = Fixture.watch(
            Fixture.target(), base: Fixture.look(0, [Fixture.ztunnel([Fixture.web: 900])]))
        let anew = watch.add(
            Fixture.look(30, [Fixture.ztunnel([Fixture.web: 5], process: "b", age: -10)]))
        #expect(anew.lines == ["shop/Deployment/web 5"] && anew.trips)
        #expect(anew.doubts.contains { $0.contains("started anew") })
        let quiet = watch.add(
            Fixture.look(200, [Fixture.ztunnel([Fixture.web: 5], process: "b", age: -10)]))
        #expect(quiet.refusals.isEmpty && quiet.doubts.isEmpty)
    }

    @Test("a counter that fell is a new start, too")
    func fallen() {
        var watch = Fixture.watch(
            Fixture.target(), base: Fixture.look(0, [Fixture.ztunnel([Fixture.web: 900])]))
        let report = watch.add(Fixture.look(30, [Fixture.ztunnel([Fixture.web: 5])]))
        #expect(report.counted == 5 && !report.doubts.isEmpty)
    }

    @Test(
        "a proxy that came after the step counts from nothing; one that nobody had seen is a doubt")
    func newProxy() {
        var watch = Fixture.watch(Fixture.target(), base: Fixture.look(0, []))
        let new = watch.add(
            Fixture.look(30, [Fixture.ztunnel([Fixture.web: 5], age: -10)]))
        #expect(new.trips && new.doubts.isEmpty)
        var other = Fixture.watch(Fixture.target(), base: Fixture.look(0, []))
        let old = other.add(Fixture.look(30, [Fixture.ztunnel([Fixture.web: 900])]))
        #expect(old.refusals.isEmpty && old.doubts.contains { $0.contains("not seen before") })
        let next = other.add(Fixture.look(60, [Fixture.ztunnel([Fixture.web: 905])]))
        #expect(next.lines == ["shop/Deployment/web 5"])
    }

    @Test("a page that could not be read for a while loses nothing; one that is gone is a doubt")
    func missing() {
        var watch = Fixture.watch(
            Fixture.target(), base: Fixture.look(0, [Fixture.ztunnel(), Fixture.server()]))
        var hidden = Fixture.ztunnel()
        hidden.counts = nil
        let unread = watch.add(
            Fixture.look(30, [hidden, Fixture.server()], unseen: ["port 15020: not permitted"]))
        #expect(unread.refusals.isEmpty && unread.doubts == ["port 15020: not permitted"])
        let again = watch.add(
            Fixture.look(60, [Fixture.ztunnel([Fixture.web: 6]), Fixture.server()]))
        #expect(again.counted == 6 && again.doubts.isEmpty)
        let gone = watch.add(Fixture.look(90, [Fixture.ztunnel([Fixture.web: 6])]))
        #expect(gone.doubts.contains { $0.contains("port 15090 of pod shop/cart-0 went away") })
    }

    @Test("listener counters that a page leaves out are no zero")
    func hiddenListener() {
        var watch = Fixture.watch(
            Fixture.target(), base: Fixture.look(0, [Fixture.server(nil)]))
        let first = watch.add(Fixture.look(30, [Fixture.server(900)]))
        #expect(first.refusals.isEmpty && !first.doubts.isEmpty)
    }

    @Test("what a look shows of other guards' targets is not told")
    func others() {
        var watch = Fixture.watch(Fixture.target(), base: Fixture.look(0))
        var proxy = Fixture.ztunnel([Fixture.web: 70])
        proxy.name = "ztunnel istio-system/ztunnel-9"
        proxy.targets = ["store/Deployment/till"]
        proxy.counts = proxy.counts?.map {
            var count = $0
            count.destination = "store/Deployment/till"
            return count
        }
        var pod = Fixture.pod()
        pod.workload = "store/Deployment/till"
        for seconds in [10, 20, 30] {
            pod.restarts += 1
            let report = watch.add(
                Fixture.look(
                    Int64(seconds), [Fixture.ztunnel(), Fixture.client(), Fixture.server(), proxy],
                    pods: [pod]))
            #expect(report == GuardReport(batch: 3), "\(report)")
        }
    }

    // MARK: - Pods

    /// The reports of looks half a minute apart, with these pods; the first is the base.
    private func reports(_ pods: [[GuardLook.PodHealth]]) -> [GuardReport] {
        var watch = Fixture.watch(
            Fixture.target(), base: Fixture.look(0, pods: pods[0]))
        return pods.dropFirst().enumerated().map { number, pods in
            watch.add(Fixture.look(Int64(number + 1) * 30, pods: pods))
        }
    }

    @Test("a pod that was ready and is not, in two looks in a row, trips")
    func notReady() {
        let ready = [Fixture.pod("cart-0"), Fixture.pod("cart-1")]
        let worse = [Fixture.pod("cart-0"), Fixture.pod("cart-1", isReady: false)]
        let found = reports([ready, worse, ready, worse, worse])
        #expect(found.map(\.trips) == [false, false, false, true])
        #expect(found[3].regressions.count == 1)
        #expect(found[3].regressions[0].hasPrefix("shop/Deployment/cart: pod shop/cart-1 "))
        #expect(found[3].refusals.isEmpty)
    }

    @Test("pods that came since, or that were not all ready before, are no regression")
    func otherPods() {
        let new = [Fixture.pod("cart-0"), Fixture.pod("cart-9", isReady: false)]
        #expect(reports([[Fixture.pod("cart-0")], new, new, new]).allSatisfy { !$0.trips })
        let before = [Fixture.pod("cart-0"), Fixture.pod("cart-1", isReady: false)]
        let both = [Fixture.pod("cart-0", isReady: false), before[1]]
        #expect(reports([before, both, both, both]).allSatisfy { !$0.trips })
    }

    @Test("a pod that restarts in two looks in a row trips; one restart does not")
    func restarts() {
        func counts(_ counts: Int...) -> [Bool] {
            reports(counts.map { [Fixture.pod(restarts: $0)] }).map(\.trips)
        }
        #expect(counts(7, 8, 8, 9, 9) == [false, false, false, false])
        #expect(counts(7, 8, 9, 9) == [false, true, false])
    }

    @Test("a pod that cannot be seen is not judged")
    func unseenPods() {
        let pods = [Fixture.pod(restarts: 1)]
        #expect(reports([pods, [], [], pods]).allSatisfy { !$0.trips })
    }
}
