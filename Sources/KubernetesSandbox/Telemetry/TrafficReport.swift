import MeshModel

/// Which end of a connection a proxy stands at.
enum Reporter: String { case source, destination }

/// What one proxy has to say of an episode.
struct TrafficReport {
    var reporter: Reporter
    var episode: TrafficLedger.Episode
    var flow: TrafficFlow
    var client: TrafficParty
    var server: TrafficParty
    var count: Int64

    var path: TrafficPath { episode.path }
    var isRefused: Bool { path.outcome == .refused }
    var isGarbled: Bool { path.outcome == .garbled }
    var isMeshTLS: Bool { path.sent == .mtls || path.sent == .hbone }

    /// The server's proxy is ztunnel, or the client's is.
    func isAmbient(_ proxy: String?, of party: String) -> Bool { proxy != nil && proxy != party }

    var clientIsAmbient: Bool { isAmbient(path.clientProxy, of: path.client) }
    var serverIsAmbient: Bool { isAmbient(path.serverProxy, of: path.server) }

    /// What an answered request and its answer weigh, in bytes.
    static let received: Int64 = 84
    static let sent: Int64 = 853
}

extension TrafficLedger {
    /// What the proxy of this pod has reported since it started, at either end.
    func reports(of proxy: String) -> [TrafficReport] {
        episodes.flatMap { episode -> [TrafficReport] in
            var reporters: [Reporter] = []
            if episode.path.clientProxy == proxy { reporters.append(.source) }
            if episode.path.serverProxy == proxy { reporters.append(.destination) }
            return reporters.map { report(episode, $0) }
        }
    }

    /// What the application in this pod has sent.
    func reports(ofClient pod: String) -> [TrafficReport] {
        episodes.filter { $0.path.client == pod }.map { report($0, .source) }
    }

    private func report(_ episode: Episode, _ reporter: Reporter) -> TrafficReport {
        TrafficReport(
            reporter: reporter, episode: episode, flow: flows[episode.path.flow],
            client: parties[episode.path.client] ?? TrafficParty(),
            server: parties[episode.path.server] ?? TrafficParty(), count: count(episode))
    }
}

extension TrafficReport {
    /// The Service's host, name and namespace; nil for what was sent to a pod.
    var service: (host: String, name: String, namespace: String)? {
        guard case .service(let namespace, let name, _) = flow.target else { return nil }
        return ("\(name).\(namespace).svc.cluster.local", name, namespace)
    }

    /// Some of the requests, so that a busy flow does not fill a log: the first of the episode, and the first in each span of time.
    ///
    /// - Parameters:
    ///   - span: in milliseconds.
    ///   - since: milliseconds since 1970.
    /// - Returns: the requests' numbers and times.
    func examples(every span: Int64, since: Int64) -> [(number: Int64, time: Int64)] {
        let from = max(episode.from, since)
        guard from < episode.until else { return [] }
        let (turns, turn) = (path.turns, path.turn)
        let first = flow.sent(by: from)
        var number = first + (turn - first % turns + turns) % turns
        let end = flow.sent(by: episode.until)
        var found: [(Int64, Int64)] = []
        while number < end {
            let time = flow.time(of: number)
            let slot = time / span
            let before = flow.time(of: number - turns)
            if before <= episode.from || before / span != slot {
                found.append((number, time))
            }
            // On to the last request before the next slot, and from there by single turns.
            let next = flow.sent(by: (slot + 1) * span)
            number += max(1, (next - number) / turns) * turns
        }
        return found
    }
}

extension TrafficParty {
    /// SPIFFE identity of its service account; nil for nobody in the mesh.
    var identity: String? {
        namespace.isEmpty ? nil : "spiffe://cluster.local/ns/\(namespace)/sa/\(account)"
    }
}

extension String {
    var orUnknown: String { isEmpty ? "unknown" : self }
}
