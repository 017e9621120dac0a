package import Diagnostics

/// `spec.gates`: settings of the built-in gates, gates of the user's own, and accepted doubts.
package struct GateSettings: Sendable, Equatable {
    package var ztunnelLogs = ZtunnelLogs()
    package var noPlaintext = NoPlaintext()
    package var dnsReady = DNSReady()
    package var approvals: [Approval] = []
    package var probes: [Probe] = []
    package var prometheus: [PrometheusCheck] = []
    /// Where the queries of `prometheus` are asked, and what `no-plaintext` takes its counters from.
    package var prometheusServer: PrometheusServer?
    package var accepted: [AcceptedDoubt] = []

    package init() {}
}

extension GateSettings {
    package struct ZtunnelLogs: Sendable, Equatable {
        package var window: Duration = .seconds(600)
        package var maximumErrors = 0

        package init() {}
    }

    package struct NoPlaintext: Sendable, Equatable {
        package var window: Duration = .seconds(1800)

        package init() {}
    }

    package struct DNSReady: Sendable, Equatable {
        package var namespace = "kube-system"
        package var selector = LabelSelector(["k8s-app": "kube-dns"])

        package init() {}
    }

    /// A person's word, asked for before the first step of a stage, or of one wave in it.
    package struct Approval: Sendable, Equatable {
        package var name: String
        package var stage: Stage
        package var wave: String?
        package var range: SourceRange?
        package var waveRange: SourceRange?

        package init(name: String, stage: Stage, wave: String? = nil) {
            self.name = name
            self.stage = stage
            self.wave = wave
        }
    }

    /// A request from a short-lived pod.
    package struct Probe: Sendable, Equatable {
        package enum Expectation: String, Sendable, CaseIterable { case success, refused }

        package var namespace: String
        package var image: String
        package var serviceAccount = "default"
        package var url: String
        package var expect: Expectation = .success
        package var timeout: Duration = .seconds(5)

        package init(namespace: String, image: String, url: String) {
            self.namespace = namespace
            self.image = image
            self.url = url
        }
    }

    /// A query whose value has to stay within bounds, of which there is at least one.
    package struct PrometheusCheck: Sendable, Equatable {
        package var name: String
        package var query: String
        package var minimum: Double?
        package var maximum: Double?
        package var server: PrometheusServer
        package var range: SourceRange?

        package init(name: String, query: String, server: PrometheusServer) {
            self.name = name
            self.query = query
            self.server = server
        }
    }

    /// An inconclusive gate that somebody answers for.
    package struct AcceptedDoubt: Sendable, Equatable {
        package var gate: Gate
        package var namespace: String
        package var reason: String
        package var owner: String
        package var expires: CalendarDate

        package init(
            gate: Gate, namespace: String, reason: String, owner: String, expires: CalendarDate
        ) {
            self.gate = gate
            self.namespace = namespace
            self.reason = reason
            self.owner = owner
            self.expires = expires
        }
    }
}
