package import Telemetry
package import Timing

/// Up to where the telemetry of one proxy is stored as flows, so that nothing is stored twice.
package struct ProxyWatermark: Sendable, Hashable {
    /// One run of the proxy's process, whose counters began at nothing.
    package struct Process: Sendable, Hashable, Codable {
        /// The pod's.
        package var uid: String
        /// Milliseconds since 1970; nil where the pod's status does not say.
        package var runningSince: Int64?

        package init(uid: String, runningSince: Timestamp?) {
            self.uid = uid
            self.runningSince = runningSince?.milliseconds
        }
    }

    package var process: Process
    /// How many of each count are stored as flows; nil where the counters could never be read.
    package var placed: [CarriedTraffic.Key: Int]?
    package var sampledAt: Timestamp
    /// The time of the latest log line that was read.
    package var logUntil: Timestamp?

    package init(
        process: Process, placed: [CarriedTraffic.Key: Int]? = nil, sampledAt: Timestamp,
        logUntil: Timestamp? = nil
    ) {
        self.process = process
        self.placed = placed
        self.sampledAt = sampledAt
        self.logUntil = logUntil
    }

    /// Whether the same sample of flows follows from both, so that the other need not be kept, too. Without counters
    /// the log alone says what is new.
    package func isAsGood(as other: ProxyWatermark) -> Bool {
        process == other.process && placed == other.placed
            && (placed != nil || logUntil == other.logUntil)
    }
}

/// Counts as lists, `[inbound, source namespace and workload, destination namespace and workload, service, mTLS, count]`:
/// there are as many as a proxy has flows.
extension ProxyWatermark: Codable {
    private enum Member: String, CodingKey { case process, placed, sampledAt, logUntil }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        let placed = try members.decodeIfPresent([Placed].self, forKey: .placed)
        self.init(
            process: try members.decode(Process.self, forKey: .process),
            placed: placed.map { list in
                Dictionary(list.map { ($0.key, $0.count) }, uniquingKeysWith: max)
            },
            sampledAt: Timestamp(
                milliseconds: try members.decode(Int64.self, forKey: .sampledAt)),
            logUntil: try members.decodeIfPresent(Int64.self, forKey: .logUntil)
                .map(Timestamp.init(milliseconds:)))
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Member.self)
        try members.encode(process, forKey: .process)
        try members.encodeIfPresent(
            placed.map { counts in
                counts.sorted { $0.key < $1.key }.map { Placed(key: $0.key, count: $0.value) }
            }, forKey: .placed)
        try members.encode(sampledAt.milliseconds, forKey: .sampledAt)
        try members.encodeIfPresent(logUntil?.milliseconds, forKey: .logUntil)
    }

    private struct Placed: Codable {
        var key: CarriedTraffic.Key
        var count: Int

        init(key: CarriedTraffic.Key, count: Int) {
            self.key = key
            self.count = count
        }

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            let isInbound = try list.decode(Bool.self)
            func end() throws -> TrafficCounters.End {
                let namespace = try list.decode(String.self)
                return TrafficCounters.End(
                    workload: try list.decode(String.self), namespace: namespace)
            }
            let (source, destination) = (try end(), try end())
            key = CarriedTraffic.Key(
                isInbound: isInbound, source: source, destination: destination,
                service: try list.decode(String.self), isMutualTLS: try list.decode(Bool.self))
            count = try list.decode(Int.self)
        }

        func encode(to encoder: any Encoder) throws {
            var list = encoder.unkeyedContainer()
            try list.encode(key.isInbound)
            for end in [key.source, key.destination] {
                try list.encode(end.namespace)
                try list.encode(end.workload)
            }
            try list.encode(key.service)
            try list.encode(key.isMutualTLS)
            try list.encode(count)
        }
    }
}
