import MeshModel

/// A pod, or somebody outside, as telemetry names it.
struct TrafficParty: Sendable, Codable, Equatable {
    /// Empty for somebody who is no pod, as the other texts but the address are.
    var namespace = ""
    var pod = ""
    var workload = ""
    var account = ""
    var application = ""
    var version = ""
    var canonicalName = ""
    var canonicalRevision = ""
    var address = ""
}

/// What becomes of one client's requests to one endpoint, and who reports it.
struct TrafficPath: Sendable, Codable, Hashable {
    /// The flow's number in the ledger.
    var flow: Int
    /// A pod's UID; for others how the flow names them.
    var client: String
    /// A pod's UID, else the address.
    var server: String
    /// The pod's.
    var port: Int
    /// Of every `turns` requests of the flow it has the one of number `turn`.
    var turns: Int64
    var turn: Int64
    var sent: FlowBytes
    var outcome: FlowOutcome
    var reason: FlowReason
    /// UID of the pod whose proxy reports it: a ztunnel's, or a pod's own for its sidecar.
    var clientProxy: String?
    var serverProxy: String?
    /// `namespace/name` of the policy by which ztunnel refuses it.
    var deniedBy: String?
    /// Refused by a fault that was switched on.
    var isReset = false
}

/// Who talked to whom, when, and with what result: every counter and every line of a log is computed from it.
struct TrafficLedger: Sendable, Codable, Equatable {
    struct Episode: Sendable, Codable, Equatable {
        var path: TrafficPath
        /// Milliseconds since 1970; the first is outside.
        var from: Int64
        var until: Int64
        /// Requests of episodes that were folded into this one.
        var folded: Int64 = 0
    }

    var flows: [TrafficFlow]
    /// Until when everything is counted.
    var settled: Int64
    private(set) var parties: [String: TrafficParty] = [:]
    /// In the order in which they began.
    private(set) var episodes: [Episode] = []

    init(flows: [TrafficFlow], since milliseconds: Int64) {
        self.flows = flows
        settled = milliseconds
    }

    /// How many requests an episode stands for.
    func count(_ episode: Episode) -> Int64 {
        let flow = flows[episode.path.flow]
        let path = episode.path
        func taken(_ requests: Int64) -> Int64 {
            requests > path.turn ? (requests - path.turn - 1) / path.turns + 1 : 0
        }
        return taken(flow.sent(by: episode.until)) - taken(flow.sent(by: episode.from))
            + episode.folded
    }

    /// Notes that these paths held until this time; each goes on with its episode, or begins one.
    mutating func extend(
        _ paths: [TrafficPath], until time: Int64, _ known: [String: TrafficParty]
    ) {
        guard time > settled else { return }
        var going: [TrafficPath: Int] = [:]
        for (number, episode) in episodes.enumerated() where episode.until == settled {
            going[episode.path] = number
        }
        for path in paths {
            if let number = going[path] {
                episodes[number].until = time
            } else {
                episodes.append(Episode(path: path, from: settled, until: time))
                parties[path.client] = known[path.client]
                parties[path.server] = known[path.server]
            }
        }
        settled = time
    }

    /// Forgets what nobody can ask for any more.
    ///
    /// - Parameter pods: the UIDs of those that are there. A counter goes with its proxy, a log with its pod.
    mutating func forget(except pods: Set<String>) {
        episodes.removeAll { episode in
            let reporters = [
                episode.path.client, episode.path.clientProxy, episode.path.serverProxy,
            ]
            return !reporters.contains { $0.map(pods.contains) == true }
        }
        if episodes.count > Self.foldingSize { fold() }
        let named = Set(episodes.flatMap { [$0.path.client, $0.path.server] })
        parties = parties.filter { named.contains($0.key) }
    }

    private static let foldingSize = 500
    /// Logs reach back a day.
    static let logReach: Int64 = 86_400_000

    /// Old episodes that no counter tells apart become one: they differ in pods of the same workloads.
    private mutating func fold() {
        struct Series: Hashable {
            var path: TrafficPath
            var client: String
            var server: String
        }
        var first: [Series: Int] = [:]
        var kept: [Episode] = []
        for var episode in episodes {
            guard episode.until < settled - Self.logReach else {
                kept.append(episode)
                continue
            }
            var path = episode.path
            (path.client, path.server, path.turn, path.turns) = ("", "", 0, 1)
            func workload(_ id: String) -> String {
                parties[id].map { "\($0.namespace)/\($0.workload)/\($0.account)/\($0.version)" }
                    ?? id
            }
            let series = Series(
                path: path, client: workload(episode.path.client),
                server: workload(episode.path.server))
            if let number = first[series] {
                kept[number].folded += count(episode)
            } else {
                first[series] = kept.count
                episode.folded = count(episode)
                episode.from = episode.until
                kept.append(episode)
            }
        }
        episodes = kept
    }
}
