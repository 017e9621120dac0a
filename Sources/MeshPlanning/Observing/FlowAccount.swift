package import MeshModel
package import Telemetry
import Timing

/// Turns what a proxy shows into flows that were not stored yet.
///
/// Each connection is counted at one place: at the server's proxy, or at the client's where the server has none. The
/// counters say how many there were, and log lines say of as many of them to which port they went and from which
/// address they came; lines beyond the count are of connections that are stored already.
package struct FlowAccount: Sendable {
    /// Flows of one stretch of time, and up to where they go.
    package struct Result: Sendable {
        package var flows: [ObservedFlow]
        package var watermark: ProxyWatermark
        /// Counted, and not to be stored yet, since nothing says to which port they went.
        package var unplaced: [Unplaced]
    }

    package struct Unplaced: Sendable, Hashable {
        /// `shop/cart`, as counters call it.
        package var server: String
        package var security: ObservedFlow.Security
        package var connections: Int

        package init(server: String, security: ObservedFlow.Security, connections: Int) {
            self.server = server
            self.security = security
            self.connections = connections
        }
    }

    private let parties: FlowParties

    package init(_ parties: FlowParties) { self.parties = parties }

    /// Whether the log can add something: a port or a client that these counters leave open, or all of it where
    /// they could not be read.
    package func wantsLog(
        _ counters: Reading<CarriedTraffic>, process: ProxyWatermark.Process,
        since watermark: ProxyWatermark?
    ) -> Bool {
        guard let traffic = counters.value else { return true }
        return budget(traffic, process, watermark).contains { key, _ in
            parties.party(key.source) == nil || parties.onlyServer(key) == nil
        }
    }

    /// - Parameter watermark: of the last sample that was stored; nil for a proxy that was never sampled, whose whole
    ///   life then counts.
    package func flows(
        in reading: ProxyReading, since watermark: ProxyWatermark?
    ) -> Result {
        var stretch = Stretch(
            parties, reading, since: watermark,
            budget: reading.counters.value.map { budget($0, reading.process, watermark) })
        let newest = watermark?.logUntil
        let lines = (reading.log ?? []).filter { line in newest.map { line.time > $0 } ?? true }
        for line in lines { stretch.take(line) }
        stretch.placeRest()
        return Result(
            flows: stretch.flows,
            watermark: ProxyWatermark(
                process: reading.process,
                placed: placed(reading, watermark, left: stretch.budget ?? [:]),
                sampledAt: reading.time, logUntil: lines.last?.time ?? newest),
            unplaced: stretch.unplaced)
    }

    /// What is counted and not stored, of the counts that this proxy answers for.
    private func budget(
        _ traffic: CarriedTraffic, _ process: ProxyWatermark.Process,
        _ watermark: ProxyWatermark?
    ) -> [CarriedTraffic.Key: Int] {
        let isSame = watermark?.process == process
        // Seen for the first time, after the log had to do alone: what it said is stored.
        if isSame, watermark?.placed == nil { return [:] }
        var budget: [CarriedTraffic.Key: Int] = [:]
        for (key, count) in traffic.counts where answers(for: key) {
            let rest = count.subtractingClamped(isSame ? watermark?.placed?[key] ?? 0 : 0)
            if rest > 0 { budget[key] = rest }
        }
        return budget
    }

    /// A client's proxy answers for what goes to a workload without one.
    private func answers(for key: CarriedTraffic.Key) -> Bool {
        if key.isInbound { return true }
        return parties.party(key.destination).map { !$0.hasProxy } ?? false
    }

    /// All that was counted but what is left over. A count may fall by what was refused since it was opened: what is
    /// stored stays.
    private func placed(
        _ reading: ProxyReading, _ watermark: ProxyWatermark?,
        left: [CarriedTraffic.Key: Int]
    ) -> [CarriedTraffic.Key: Int]? {
        let before = watermark?.process == reading.process ? watermark?.placed : nil
        guard let traffic = reading.counters.value else { return before }
        var placed = before ?? [:]
        for (key, count) in traffic.counts {
            placed[key] = max(placed[key] ?? 0, count - (left[key] ?? 0))
        }
        return placed.filter { $0.value > 0 }
    }
}

/// The flows of one reading, as they are found.
private struct Stretch {
    private let parties: FlowParties
    private let kind: ProxyReading.Kind
    private let from: Timestamp
    private let until: Timestamp
    private var found = ObservedFlowSet()
    private(set) var unplaced: [FlowAccount.Unplaced] = []
    /// What the counters have beyond what is placed; nil where they could not be read.
    private(set) var budget: [CarriedTraffic.Key: Int]?
    private var keysByServer: [String: [CarriedTraffic.Key]] = [:]

    init(
        _ parties: FlowParties, _ reading: ProxyReading, since watermark: ProxyWatermark?,
        budget: [CarriedTraffic.Key: Int]?
    ) {
        self.parties = parties
        self.budget = budget
        keysByServer = Dictionary(grouping: (budget ?? [:]).keys, by: \.destination.text)
        kind = reading.kind
        until = reading.time
        let isSame = watermark?.process == reading.process
        let start = reading.process.runningSince.map(Timestamp.init(milliseconds:))
        from = min(until, (isSame ? watermark?.sampledAt : start) ?? until)
    }

    var flows: [ObservedFlow] { found.sorted }

    mutating func take(_ line: LogLine) {
        guard kind != .gateway,
            let entry = kind == .ztunnel
                ? LoggedConnection(ztunnel: line) : LoggedConnection(sidecar: line),
            let arrival = Arrival(entry, parties)
        else { return }
        if let budget {
            guard let key = key(for: arrival) else { return }
            let left = (budget[key] ?? 0) - 1
            self.budget?[key] = left > 0 ? left : nil
            add(arrival, from: parties.party(key.source)?.client, service: key.service)
        } else if entry.isInbound || !arrival.server.hasProxy {
            add(arrival, from: nil, service: entry.service)
        }
    }

    /// What no line tells of: by the counters alone.
    mutating func placeRest() {
        var unplaced: [String: [ObservedFlow.Security: Int]] = [:]
        for (key, count) in (budget ?? [:]).sorted(by: { $0.key < $1.key }) {
            let security = ObservedFlow.Security(isMutualTLS: key.isMutualTLS)
            guard let server = parties.onlyServer(key) else {
                unplaced[key.destination.text, default: [:]][security, default: 0] += count
                continue
            }
            let client = parties.party(key.source)?.client ?? .unknown
            found.add(
                ObservedFlow(
                    from: client, to: server, security: security, firstSeen: from,
                    lastSeen: until, connections: count))
            budget?[key] = nil
        }
        self.unplaced = unplaced.sorted { $0.key < $1.key }.flatMap { server, counts in
            counts.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                FlowAccount.Unplaced(server: server, security: $0.key, connections: $0.value)
            }
        }
    }

    /// The count that a line is of, where one is left.
    private func key(for arrival: Arrival) -> CarriedTraffic.Key? {
        let entry = arrival.entry
        return (keysByServer[arrival.serverName] ?? []).filter { key in
            budget?[key] != nil && key.isInbound == entry.isInbound
                && key.isMutualTLS == arrival.isMutualTLS
                && (!key.source.isKnown || arrival.clientName.isEmpty
                    || key.source.text == arrival.clientName)
                && (key.service == entry.service || key.service.isEmpty
                    || entry.service.isEmpty
                        && parties.canLead(
                            key.service, to: entry.to.port, of: arrival.server))
        }
        .min { a, b in
            let (same, known) = (a.service == entry.service, a.source.isKnown)
            if same != (b.service == entry.service) { return same }
            return known == b.source.isKnown ? a < b : known
        }
    }

    /// - Parameter client: as the counters have it; nil where they do not know.
    private mutating func add(
        _ arrival: Arrival, from client: ObservedFlow.Client?, service: String
    ) {
        let entry = arrival.entry
        let server = parties.server(
            arrival.server, port: entry.to.port,
            service: service.isEmpty ? entry.service : service)
        found.add(
            ObservedFlow(
                from: client ?? arrival.client, to: server,
                security: ObservedFlow.Security(isMutualTLS: arrival.isMutualTLS),
                firstSeen: entry.time, lastSeen: entry.time, connections: 1))
    }
}

/// A logged connection whose ends are known as far as they are.
private struct Arrival {
    let entry: LoggedConnection
    let isMutualTLS: Bool
    let client: ObservedFlow.Client
    /// As counters call it; empty for nobody in the cluster.
    let clientName: String
    let server: FlowParties.Party
    let serverName: String

    /// nil where the server is no pod that is known.
    init?(_ entry: LoggedConnection, _ parties: FlowParties) {
        guard
            let pod = entry.destination.flatMap({ parties.pod($0) })
                ?? parties.pod(at: entry.to.address, entry.time)
        else { return nil }
        self.entry = entry
        server = parties.party(of: pod)
        serverName = parties.name(of: pod)
        let source =
            entry.source.map { parties.pod($0) }
            ?? parties.pod(at: entry.from.address, entry.time)
        // A pod by name that has gone: whose it was, the counters may know.
        let stranger =
            entry.source == nil ? parties.stranger(at: entry.from.address, entry.time) : .unknown
        client = source.map { parties.party(of: $0).client } ?? stranger
        clientName = source.map { parties.name(of: $0) } ?? ""
        // A captured pod's traffic comes inside HBONE, of which a sidecar's log shows no server name.
        isMutualTLS = entry.isMutualTLS || entry.source == nil && source?.dataplane == .ambient
    }
}

extension ObservedFlow.Security {
    fileprivate init(isMutualTLS: Bool) { self = isMutualTLS ? .mutualTLS : .plaintext }
}

extension TrafficCounters.End {
    fileprivate var text: String { "\(namespace)/\(workload)" }
}
