import JSON
import MeshModel
import Timing

/// A sandbox's synthetic traffic: what is counted, and what has happened since.
struct Traffic: Sendable {
    var ledger: TrafficLedger
    /// Writes that are not counted up to yet, as they came.
    var changes: [TrafficChange] = []
    /// What holds since `ledger.settled`; nil when it has to be found out.
    fileprivate var present: [TrafficPath]?
    fileprivate var reader = TrafficReader()
    /// Whether the ledger differs from the stored one.
    var isUnsaved = false

    init(_ ledger: TrafficLedger, changes: [TrafficChange] = []) {
        self.ledger = ledger
        self.changes = changes
    }

    mutating func forgetPresent() { present = nil }

    /// More than a long rollout makes; then they are counted without being asked.
    fileprivate static let changeLimit = 2000
}

extension SandboxCluster {
    /// Takes down a write before it has an effect on traffic.
    mutating func noteForTraffic(_ change: SandboxChange) {
        guard traffic != nil, let noted = TrafficChange(change, at: now) else { return }
        traffic?.changes.append(noted)
        if traffic?.changes.count ?? 0 > Traffic.changeLimit { settleTraffic() }
    }

    /// Counts the traffic up to the present moment: by what held at each time, whenever it is called.
    mutating func settleTraffic() {
        guard var traffic, now.milliseconds > traffic.ledger.settled else { return }
        self.traffic = nil
        let time = now.milliseconds
        let due = traffic.changes.filter { $0.effective <= time }
        if traffic.present == nil || !due.isEmpty {
            var world = TrafficWorld(self)
            var news: [JSONValue?] = []
            // Back to the moment up to which everything is counted …
            for change in traffic.changes.reversed() {
                news.append(world.exchange(change.key, change.old))
            }
            news.reverse()
            let steps = zip(traffic.changes, news).filter { $0.0.effective <= time }
            let inOrder = steps.sorted {
                ($0.0.effective, $0.0.version) < ($1.0.effective, $1.0.version)
            }
            // … and forward again.
            for (change, new) in inOrder {
                traffic.extend(until: change.effective, world, faults)
                world.exchange(change.key, new)
                traffic.present = nil
            }
            traffic.extend(until: time, world, faults)
            traffic.changes.removeAll { $0.effective <= time }
        } else {
            traffic.ledger.extend(traffic.present ?? [], until: time, [:])
        }
        traffic.ledger.forget(except: Set((objects["pods"] ?? [:]).values.map(\.uid)))
        traffic.isUnsaved = true
        self.traffic = traffic
    }

    /// The state of the mesh as the proxies know it now.
    mutating func trafficIndex() -> FlowIndex {
        var world = TrafficWorld(self)
        for change in (traffic?.changes ?? []).reversed() where change.effective > now.milliseconds
        {
            world.exchange(change.key, change.old)
        }
        var reader = traffic?.reader ?? TrafficReader()
        let index = reader.index(of: world)
        traffic?.reader = reader
        return index
    }
}

extension Traffic {
    fileprivate mutating func extend(
        until time: Int64, _ world: TrafficWorld, _ faults: Faults
    ) {
        guard time > ledger.settled else { return }
        if let present { return ledger.extend(present, until: time, [:]) }
        var judge = TrafficJudge(world, reader.index(of: world), faults)
        let paths = judge.paths(of: ledger.flows)
        ledger.extend(paths, until: time, judge.parties)
        present = paths
    }
}
