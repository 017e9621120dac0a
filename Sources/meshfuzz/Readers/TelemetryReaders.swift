import Telemetry

extension FuzzReader {
    static let metrics = FuzzReader("metrics", .lines) { bytes in
        let page = String(decoding: bytes, as: UTF8.self)
        let counters = try outcome {
            let counters = try TrafficCounters(page: page)
            let received = ReceivedTraffic(counters)
            let carried = CarriedTraffic(counters)
            let change = counters.since(
                TrafficCounters(counters.series.mapValues { _ in .init(requests: 1) }))
            let series = counters.series.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            return series.joined(separator: "\n")
                + "\(received.plaintextArrivals) \(received.hasMutualTLS) \(received.plaintext.count)"
                + carried.counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined()
                + "\(change)".count.description
        }
        let listeners = try outcome {
            let counters = try EnvoyListenerCounters(page: page)
            return "\(counters.refusedInbound ?? -1) \(counters.listeners.keys.sorted())"
        }
        return counters + listeners
    }

    static let ztunnelLog = FuzzReader("ztunnel-log", .lines, seconds: 3) { bytes in
        let lines = logLines(bytes)
        let troubles = ZtunnelTroubles(lines)
        var text = ZtunnelTroubles.Kind.allCases.map { kind in
            "\(kind) \(troubles.open[kind].map { "\($0)" } ?? "-") \(troubles.recovered[kind]?.count ?? 0)"
        }.joined(separator: "\n")
        text += "\(troubles.entries) \(troubles.others) \(troubles.unknownPolicies)"
        for line in lines {
            if let entry = ZtunnelLogEntry(line.text) {
                text += "\(ZtunnelLogClass(entry)) \(entry.fields.sorted { $0.key < $1.key })"
            }
            if let connection = LoggedConnection(ztunnel: line) { text += "\(connection)" }
            if let arrival = PlaintextArrival(ztunnel: line) { text += "\(arrival)" }
            if let refused = RefusedConnection(ztunnel: line) { text += "\(refused)" }
        }
        return text
    }

    static let envoyLog = FuzzReader("envoy-log", .lines, seconds: 3) { bytes in
        var text = ""
        for line in logLines(bytes) {
            if let entry = EnvoyAccessLogEntry(line.text) { text += "\(entry)" }
            if let connection = LoggedConnection(sidecar: line) { text += "\(connection)" }
            if let arrival = PlaintextArrival(sidecar: line) { text += "\(arrival)" }
            if let refused = RefusedConnection(sidecar: line) { text += "\(refused)" }
        }
        return text
    }

    private static func logLines(_ bytes: [UInt8]) -> [LogLine] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { LogLine($0) }
    }

    static let prometheus = FuzzReader("prometheus", .json, seconds: 3) { bytes in
        try outcome {
            let answer = try PrometheusAnswer(json: bytes)
            return "\(answer.warnings)"
                + answer.series.map { "\($0.labels.sorted { $0.key < $1.key }) \($0.value)" }
                .joined()
        }
    }
}
