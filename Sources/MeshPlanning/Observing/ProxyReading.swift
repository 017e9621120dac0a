package import Telemetry
package import Timing

/// What one proxy showed at one time.
package struct ProxyReading: Sendable {
    package enum Kind: Sendable, Hashable {
        case ztunnel
        case sidecar
        /// Of gateways: only what they send is asked for.
        case gateway
    }

    package var kind: Kind
    package var process: ProxyWatermark.Process
    package var time: Timestamp
    package var counters: Reading<CarriedTraffic>
    /// Its log from the watermark on; empty where the counters said all. Nil where it could not be read.
    package var log: [LogLine]?

    package init(
        kind: Kind, process: ProxyWatermark.Process, time: Timestamp,
        counters: Reading<CarriedTraffic>, log: [LogLine]? = []
    ) {
        self.kind = kind
        self.process = process
        self.time = time
        self.counters = counters
        self.log = log
    }
}
