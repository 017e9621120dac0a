import Telemetry

/// The plaintext that a target's proxies have seen, in sum.
struct PlaintextFound {
    /// By sender: requests, connections, and of them those still open.
    private(set) var senders: [TrafficCounters.End: Amount] = [:]
    /// By those whose calls may be refused.
    private var givenUp: [TrafficCounters.End: Amount] = [:]
    private let arrivals: [NoPlaintext.Arrival]

    struct Amount {
        var requests = 0
        var connections = 0
        var open = 0
    }

    /// - Parameter workloads: those whose calls may be refused.
    init(_ seen: NoPlaintext.Seen, besides workloads: [String]) {
        let logged = seen.proxies.flatMap { $0.arrivals?.value ?? [] }
        arrivals = Dictionary(grouping: logged) {
            NoPlaintext.Arrival(from: $0.from, port: $0.port)
        }.map { place, same in
            let count = same.reduce(0) { $0 + $1.count }
            return NoPlaintext.Arrival(from: place.from, port: place.port, count: count)
        }.sorted()
        for watch in seen.proxies.compactMap(\.watch.value) {
            for (source, amount) in watch.received.plaintext {
                senders[source, default: Amount()].requests += amount.requests
                senders[source, default: Amount()].connections += amount.connections
            }
            for (source, count) in watch.openPlaintext {
                senders[source, default: Amount()].open += count
            }
        }
        let names = workloads.map(TargetName.init)
        givenUp = senders.filter { sender in names.contains { $0.isCalled(sender.key) } }
        for sender in givenUp.keys { senders[sender] = nil }
    }

    var isEmpty: Bool { senders.isEmpty }

    /// Those who send it, as far as the counters know; else as far as the access log does.
    var reason: String {
        let known = senders.keys.filter(\.isKnown).sorted().map { "\($0.namespace)/\($0.workload)" }
        let names = known + (senders.keys.contains { !$0.isKnown } ? unknown : [])
        return "it still accepts plaintext, from \(HazardWords.list(names))"
    }

    private var unknown: [String] {
        var names: [String] = []
        for arrival in arrivals where !names.contains(arrival.from) { names.append(arrival.from) }
        return names.isEmpty ? ["a sender that its proxy does not know"] : names
    }

    var lines: [String] {
        Self.lines(of: senders)
            + arrivals.map {
                "access log: plaintext from \($0.from) to port \($0.port), "
                    + HazardWords.count($0.count, "time")
            }
    }

    var givenUpLines: [String] { Self.lines(of: givenUp) }

    private static func lines(of senders: [TrafficCounters.End: Amount]) -> [String] {
        senders.sorted { $0.key < $1.key }.map { source, amount in
            let name =
                source.isKnown ? "\(source.namespace)/\(source.workload)" : "an unknown sender"
            var counts: [String] = []
            if amount.requests > 0 { counts.append(HazardWords.count(amount.requests, "request")) }
            if amount.connections > 0 {
                counts.append(HazardWords.count(amount.connections, "connection"))
            }
            if amount.open > 0 { counts.append("\(amount.open) open now") }
            return "plaintext from \(name): "
                + (counts.isEmpty
                    ? "bytes only" : counts.joined(separator: ", "))
        }
    }
}

/// Whether plaintext to a workload with open ports went to these ports only. Istio's counters have no port, so
/// this is known by who sent it, or by the access log where it accounts for all that was counted.
struct OpenPortCheck {
    /// Plaintext to other ports, a line each.
    private(set) var elsewhere: [String] = []
    private(set) var doubts: [String] = []

    init(_ target: NoPlaintext.Target, _ seen: NoPlaintext.Seen) {
        let clients = (target.openPortClients + target.givenUp).map(TargetName.init)
        let ports = target.openPorts.sorted().map(String.init).joined(separator: ", ")
        for proxy in seen.proxies {
            guard let watch = proxy.watch.value else { continue }
            let sources = watch.received.plaintext.map(\.source) + watch.openPlaintext.map(\.source)
            let strangers = Set(sources).filter { source in
                !source.isKnown || !clients.contains { $0.isCalled(source) }
            }
            if strangers.isEmpty { continue }
            let arrivals = proxy.arrivals?.value ?? []
            let logged = arrivals.reduce(0) { $0 + $1.count }
            let counted = watch.received.plaintextArrivals
            let others = arrivals.filter { !target.openPorts.contains($0.port) }
            if !others.isEmpty, logged <= counted {
                elsewhere += others.sorted().map {
                    "access log of \(proxy.name): plaintext from \($0.from) to port \($0.port), "
                        + HazardWords.count($0.count, "time")
                }
            } else if !others.isEmpty || logged != counted || !watch.openPlaintext.isEmpty {
                let names = strangers.sorted().map {
                    $0.isKnown ? "\($0.namespace)/\($0.workload)" : "an unknown sender"
                }
                doubts.append(
                    "\(proxy.name) counts plaintext from \(HazardWords.list(names)), and neither the plan file nor "
                        + "an access log says that it went to port \(ports) only")
            }
        }
    }
}
