/// What a sidecar's Envoy counts for each listener: the only trace of plaintext that STRICT has refused, since
/// such a connection ends before Istio's own counters see it.
///
/// Envoy counts them always and Istio leaves them out of the page unless a pod or the mesh asks for them
/// (istio `pkg/bootstrap/config.go:requiredEnvoyStatsMatcherInclusionPrefixes`; annotation
/// `sidecar.istio.io/statsInclusionPrefixes`, or `proxyStatsMatcher`). A listener that is not in the page has
/// proved nothing.
package struct EnvoyListenerCounters: Sendable, Hashable {
    package struct Counts: Sendable, Hashable {
        /// Connections that fit no filter chain, such as plaintext under STRICT. nil where not in the page.
        package var noFilterChainMatch: Int?
        /// TLS without a client certificate. nil where not in the page.
        package var noCertificate: Int?

        package init(noFilterChainMatch: Int? = nil, noCertificate: Int? = nil) {
            self.noFilterChainMatch = noFilterChainMatch
            self.noCertificate = noCertificate
        }
    }

    /// By the listener's address, as Envoy writes it: `0.0.0.0_15006`.
    package var listeners: [String: Counts]

    /// Sidecars' listener for all that comes in.
    package static let inbound = "0.0.0.0_15006"

    package init(listeners: [String: Counts] = [:]) { self.listeners = listeners }

    /// What the listener for all that comes in has refused; nil where the page does not say.
    package var refusedInbound: Int? {
        guard let counts = listeners[Self.inbound], let unmatched = counts.noFilterChainMatch else {
            return nil
        }
        let (sum, isTooLarge) = unmatched.addingReportingOverflow(counts.noCertificate ?? 0)
        return isTooLarge ? .max : sum
    }

    /// Reads the page that a sidecar serves at port 15090 under `/stats/prometheus`.
    package init(page: String) throws(TrafficCounters.Failure) {
        let samples: [PrometheusText.Sample]
        do { samples = try Self.text.samples(in: page) } catch { throw .text(error) }
        self.init()
        for sample in samples {
            guard let count = Int(exactly: sample.value.rounded(.down)), count >= 0 else {
                throw .notACount(Self.text.families[sample.family])
            }
            let address = sample.labels.first { !$0.isEmpty } ?? ""
            if sample.family == 0 {
                listeners[address, default: Counts()].noFilterChainMatch = count
            } else {
                listeners[address, default: Counts()].noCertificate = count
            }
        }
    }

    /// Istio's bootstrap names the tag without Envoy's own prefix.
    private static let text = PrometheusText(
        families: [
            "envoy_listener_no_filter_chain_match", "envoy_listener_ssl_fail_verify_no_cert",
        ], labels: ["listener_address", "envoy_listener_address"])
}
