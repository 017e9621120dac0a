package import MeshModel
package import Telemetry
package import Timing

/// The ztunnels of the nodes where pods of these namespaces run logged no trouble with xDS, certificates or
/// DNS that they have not recovered from.
package struct ZtunnelLogs: Sendable, Hashable, Codable {
    package var namespaces: [String]
    /// How far back, in milliseconds; a log that does not reach back so far is inconclusive.
    package var windowMilliseconds: Int64
    /// Errors that one ztunnel may have.
    package var maximumErrors: Int

    package init(namespaces: [String], windowMilliseconds: Int64, maximumErrors: Int) {
        self.namespaces = namespaces
        self.windowMilliseconds = windowMilliseconds
        self.maximumErrors = maximumErrors
    }
}

extension ZtunnelLogs {
    package struct Sample: Sendable {
        /// When the logs were asked for.
        package var until: Timestamp
        /// Where pods of the namespaces run.
        package var nodes: [Node]

        package init(until: Timestamp, nodes: [Node]) {
            self.until = until
            self.nodes = nodes
        }
    }

    package struct Node: Sendable {
        package var name: String
        /// Those of the question that have pods here, sorted.
        package var namespaces: [String]
        package var ztunnels: [Ztunnel]

        package init(name: String, namespaces: [String], ztunnels: [Ztunnel]) {
            self.name = name
            self.namespaces = namespaces
            self.ztunnels = ztunnels
        }
    }

    package struct Ztunnel: Sendable {
        package var pod: Pod
        /// When the first line was taken down that is still kept; nil inside for an empty log.
        package var logStart: Reading<Timestamp?>
        /// What the lines within the window say.
        package var troubles: Reading<ZtunnelTroubles>

        package init(
            pod: Pod, logStart: Reading<Timestamp?>, troubles: Reading<ZtunnelTroubles>
        ) {
            self.pod = pod
            self.logStart = logStart
            self.troubles = troubles
        }
    }

    /// The nodes on which pods of the namespaces run, each with its ztunnels, in the order of their names.
    package func nodes(in state: MeshState) -> [(name: String, namespaces: [String], pods: [Pod])] {
        var concerned: [String: Set<String>] = [:]
        for pod in state.pods
        where namespaces.contains(pod.meta.namespace) && pod.isLive && !pod.nodeName.isEmpty {
            concerned[pod.nodeName, default: []].insert(pod.meta.namespace)
        }
        let ztunnels = Dictionary(
            grouping: state.pods.filter { $0.isZtunnel && $0.isLive }, by: \.nodeName)
        return concerned.sorted { $0.key < $1.key }.map {
            ($0.key, $0.value.sorted(), ztunnels[$0.key] ?? [])
        }
    }
}

extension Pod {
    /// As the chart labels it, in whatever namespace it is installed
    /// (istio `manifests/charts/ztunnel/templates/daemonset.yaml`).
    package var isZtunnel: Bool { meta.labels["app"] == "ztunnel" }
}

extension ZtunnelLogs: GateRule {
    package static var gate: Gate { .ztunnelLogs }

    package func findings(in sample: Sample) -> [GateFinding] {
        guard !sample.nodes.isEmpty else {
            guard !namespaces.isEmpty else {
                return [
                    finding(
                        .inconclusive, about: "ztunnel",
                        "cannot judge, because no namespace is named")
                ]
            }
            return Set(namespaces).sorted().map {
                finding(
                    .inconclusive, about: "namespace \($0)", in: $0,
                    "cannot judge, because no pod of it runs on any node")
            }
        }
        var failed: [GateFinding] = []
        var doubts: [String: [String]] = [:]
        var evidence: [String] = []
        for node in sample.nodes {
            var unjudged: [String] = []
            if node.ztunnels.isEmpty { unjudged.append("no ztunnel runs there") }
            for ztunnel in node.ztunnels {
                if let troubles = ztunnel.troubles.value {
                    evidence += lines(about: troubles, on: node)
                    if errors(in: troubles) > maximumErrors {
                        failed.append(failure(of: ztunnel, troubles, on: node))
                        continue
                    }
                }
                if let why = doubt(about: ztunnel, until: sample.until) { unjudged.append(why) }
            }
            for namespace in node.namespaces {
                doubts[namespace, default: []] += unjudged.map { "node \(node.name): \($0)" }
            }
        }
        let unsure = doubts.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }.map {
            inconclusive(in: $0.key, $0.value)
        }
        if !failed.isEmpty || !unsure.isEmpty { return failed + unsure }
        return [
            finding(
                .pass, about: HazardWords.count(sample.nodes.count, "node"),
                "no error with xDS, certificates or DNS that is not over, in "
                    + "\(GateWords.span(windowMilliseconds)) of ztunnel's log",
                evidence: GateWords.evidence(evidence))
        ]
    }

    private func errors(in troubles: ZtunnelTroubles) -> Int {
        troubles.open.values.reduce(0) { $0 + $1.count }
    }

    private func failure(
        of ztunnel: Ztunnel, _ troubles: ZtunnelTroubles, on node: Node
    ) -> GateFinding {
        let kinds = troubles.open.sorted { $0.key.rawValue < $1.key.rawValue }
        return finding(
            .fail, about: "node \(node.name)",
            "ztunnel logged \(kinds.map { "\(HazardWords.count($0.value.count, "\($0.key.name) error"))" }.joined(separator: ", "))"
                + " from which it has not recovered",
            evidence: lines(about: troubles, on: node),
            hint: kinds.map(\.key.hint).joined(separator: " "),
            command:
                "kubectl -n \(ztunnel.pod.meta.namespace) logs \(ztunnel.pod.meta.name) --since=\(max(1, windowMilliseconds / 1000))s"
        )
    }

    private func lines(about troubles: ZtunnelTroubles, on node: Node) -> [String] {
        func line(_ kind: ZtunnelTroubles.Kind, _ tally: ZtunnelTroubles.Tally, _ end: String)
            -> String
        {
            let times = [tally.first, tally.last].compactMap { $0?.rfc3339 }.joined(
                separator: " to ")
            return "node \(node.name): \(HazardWords.count(tally.count, "\(kind.name) error")), "
                + "\(times)\(end); the last: \(tally.text)"
        }
        return ZtunnelTroubles.Kind.allCases.flatMap { kind in
            [
                troubles.open[kind].map { line(kind, $0, "") },
                troubles.recovered[kind].map { line(kind, $0, ", over") },
            ].compactMap(\.self)
        } + troubles.unknownPolicies.map { "node \(node.name): \($0)" }
    }

    /// Why what the log says is not enough; nil where it covers the window, or the pod's life.
    private func doubt(about ztunnel: Ztunnel, until: Timestamp) -> String? {
        let name = "pod \(ztunnel.pod.meta.text)"
        let troubles: ZtunnelTroubles
        switch ztunnel.troubles {
        case .unseen(let why): return why
        case .seen(let seen): troubles = seen
        }
        let start: Timestamp
        switch ztunnel.logStart {
        case .unseen(let why): return why
        case .seen(nil): return "the log of \(name) is empty"
        case .seen(let seen?): start = seen
        }
        if troubles.entries == 0, troubles.others > 0 {
            return "the log of \(name) is in no form that ztunnel writes"
        }
        guard let since = ztunnel.runningSince else {
            return "\(name) does not run, or its status does not say since when"
        }
        let from = until + .milliseconds(Int64(0).subtractingClamped(windowMilliseconds))
        if since <= from {
            return start <= from
                ? nil : "the log of \(name) begins at \(start.rfc3339), it was rotated"
        }
        // It writes at once when it starts.
        guard start <= since + .seconds(60) else {
            return "the log of \(name) begins at \(start.rfc3339), it was rotated"
        }
        guard let created = Timestamp(rfc3339: ztunnel.pod.meta.creationTimestamp) else {
            return "\(name) does not say how old it is"
        }
        // Between a pod and its first process lies the pulling of its image.
        return created > from
            ? nil : "\(name) started anew at \(since.rfc3339), what it logged before is lost"
    }

    private func inconclusive(in namespace: String, _ reasons: [String]) -> GateFinding {
        doubt(
            about: "namespace \(namespace)", in: namespace, because: reasons,
            hint: "Ask again once the logs can be read and cover "
                + "\(GateWords.span(windowMilliseconds)), shorten spec.gates.ztunnel-logs.window, or "
                + "accept the doubt in the plan file (gates.accept).",
            command: "kubectl get pods --all-namespaces -l app=ztunnel -o wide")
    }
}

extension ZtunnelLogs.Ztunnel {
    /// The chart's container, or the only one.
    fileprivate var runningSince: Timestamp? {
        (pod.containers.first { $0.name == "istio-proxy" } ?? pod.containers.first)?.runningSince
    }
}

extension ZtunnelTroubles.Kind {
    fileprivate var name: String {
        switch self {
        case .xds: "xDS"
        case .certificate: "certificate"
        case .dns: "DNS"
        }
    }

    fileprivate var hint: String {
        switch self {
        case .xds: "See whether istiod is ready and reachable from the node."
        case .certificate:
            "See whether istiod signs certificates; those in use last 24 hours at most."
        case .dns: "See whether the cluster's DNS answers from the node."
        }
    }
}
