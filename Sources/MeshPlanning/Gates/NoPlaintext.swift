package import MeshModel
import Telemetry
package import Timing

/// Nobody sends plaintext any more to the workload-ports that a step tightens.
package struct NoPlaintext: Sendable, Hashable, Codable {
    /// A workload that gets stricter, and on which of its ports.
    package struct Target: Sendable, Hashable, Codable {
        /// `shop/Deployment/cart`, or `shop/Pod/cart-0` for a bare pod.
        package var workload: String
        /// Container ports that go on accepting plaintext.
        package var openPorts: [Int]
        /// Workloads that are known to call the open ports, and may do so in plaintext.
        package var openPortClients: [String]
        /// Workloads that are known to call it at all: those that call seldom are named.
        package var clients: [String]
        /// Workloads whose calls may be refused, as the plan file or a person decided: what they send is
        /// listed, not counted.
        package var givenUp: [String]

        package init(
            workload: String, openPorts: [Int] = [], openPortClients: [String] = [],
            clients: [String] = [], givenUp: [String] = []
        ) {
            self.workload = workload
            self.openPorts = openPorts
            self.openPortClients = openPortClients
            self.clients = clients
            self.givenUp = givenUp
        }
    }

    package var targets: [Target]
    /// How long plaintext must not have been seen, in milliseconds.
    package var windowMilliseconds: Int64
    /// Who is asked what the proxies have counted; nil to ask the proxies themselves.
    package var server: PrometheusServer?

    package init(
        targets: [Target], windowMilliseconds: Int64, server: PrometheusServer? = nil
    ) {
        self.targets = targets
        self.windowMilliseconds = windowMilliseconds
        self.server = server
    }
}

extension NoPlaintext {
    package struct Sample: Sendable {
        /// By `Target.workload`.
        package var targets: [String: Seen]
        /// The end of the window; nil where nothing that was observed before is to be held against it.
        package var until: Timestamp?

        package init(targets: [String: Seen] = [:], until: Timestamp? = nil) {
            self.targets = targets
            self.until = until
        }
    }

    /// What was seen of one target.
    package struct Seen: Sendable {
        /// Those that count what reaches its running pods: their sidecars, or the ztunnels of their nodes.
        package var proxies: [Proxy]
        /// Running pods that have no such proxy, as `shop/cart-0`.
        package var uncounted: [String]
        /// Why what was seen is not all, beyond what the proxies say: pods that came or went.
        package var gaps: [String]
        /// Of the target's clients, CronJobs without a data plane whose runs lie further apart than the window:
        /// the longest time between two, in milliseconds.
        package var seldomClients: [String: Int64]
        /// What `meshctl observe` has stored of its closed ports, whenever that was.
        package var observed: [ObservedPlaintext]
        /// Why its proxies were not watched any longer, although that would have helped.
        package var haste: String?

        package init(
            proxies: [Proxy] = [], uncounted: [String] = [], gaps: [String] = [],
            seldomClients: [String: Int64] = [:], observed: [ObservedPlaintext] = [],
            haste: String? = nil
        ) {
            self.proxies = proxies
            self.uncounted = uncounted
            self.gaps = gaps
            self.seldomClients = seldomClients
            self.observed = observed
            self.haste = haste
        }
    }

    package struct Proxy: Sendable {
        /// `pod shop/cart-0`, `ztunnel istio-system/ztunnel-x`
        package var name: String
        package var isZtunnel: Bool
        package var watch: Reading<ProxyWatch>
        /// What its access log says of plaintext between the first look and the last; nil where nobody asked.
        package var arrivals: Reading<[Arrival]>?

        package init(
            name: String, isZtunnel: Bool, watch: Reading<ProxyWatch>,
            arrivals: Reading<[Arrival]>? = nil
        ) {
            self.name = name
            self.isZtunnel = isZtunnel
            self.watch = watch
            self.arrivals = arrivals
        }
    }

    /// Plaintext to one port from one place, by the access log.
    package struct Arrival: Sendable, Hashable, Comparable {
        /// `batch/CronJob/report at 10.0.1.7`, `node kube-1 at 10.0.0.1`, `192.0.2.1, which is no pod's address`
        package var from: String
        package var port: Int
        package var count: Int

        package init(from: String, port: Int, count: Int = 1) {
            self.from = from
            self.port = port
            self.count = count
        }

        package static func < (a: Self, b: Self) -> Bool {
            (a.from, a.port, a.count) < (b.from, b.port, b.count)
        }
    }

    /// How much longer, in milliseconds, the target's proxies have to be watched until it can be judged; 0 where
    /// longer does not help.
    package func remaining(_ target: Target, _ seen: Seen) -> Int64 {
        var rest: Int64 = 0
        for proxy in seen.proxies {
            guard let watch = proxy.watch.value, watch.gaps.isEmpty else { return 0 }
            rest = max(rest, windowMilliseconds.subtractingClamped(watch.covered))
        }
        return fails(target, seen) ? 0 : rest
    }

    /// Whether it is known already that the target fails.
    package func fails(_ target: Target, _ seen: Seen) -> Bool {
        target.openPorts.isEmpty && !PlaintextFound(seen, besides: target.givenUp).isEmpty
    }
}

extension NoPlaintext: GateRule {
    package static var gate: Gate { .noPlaintext }

    package func findings(in sample: Sample) -> [GateFinding] {
        guard !targets.isEmpty else {
            return [doubt(about: "the mesh", in: nil, because: "no workload is named")]
        }
        var findings: [GateFinding] = []
        var proved: [String: [(Target, Seen)]] = [:]
        for target in targets.sorted(by: { $0.workload < $1.workload }) {
            let name = TargetName(target.workload)
            let seen = sample.targets[target.workload] ?? Seen()
            switch verdict(target, seen, until: sample.until) {
            case .fail(let reason, let evidence):
                findings.append(failure(of: name, reason, evidence, seen))
            case .doubt(let reasons):
                findings.append(doubt(about: name, reasons, besides: target.givenUp, seen))
            case .pass: proved[name.namespace, default: []].append((target, seen))
            }
        }
        return findings
            + proved.sorted { $0.key < $1.key }.map { pass(in: $0.key, $0.value) }
    }

    private enum Verdict {
        case pass
        case doubt([String])
        case fail(reason: String, evidence: [String])
    }

    private func verdict(_ target: Target, _ seen: Seen, until: Timestamp?) -> Verdict {
        let found = PlaintextFound(seen, besides: target.givenUp)
        if fails(target, seen) {
            return .fail(reason: found.reason, evidence: found.lines)
        }
        let start = until.map {
            $0 + .milliseconds(Int64(0).subtractingClamped(windowMilliseconds))
        }
        let observed = seen.observed.filter { flow in start.map { flow.lastSeen > $0 } ?? false }
        let inside = observed.filter { flow in start.map { flow.firstSeen >= $0 } ?? false }
        if !inside.isEmpty {
            return .fail(
                reason: "plaintext reached it within the window, from "
                    + HazardWords.list(inside.map(\.from)),
                evidence: inside.map(\.line))
        }
        // It began before the window, and it is not known how much of it lies inside.
        var doubts = doubts(about: seen) + observed.map(\.line)
        if !found.isEmpty {
            let open = OpenPortCheck(target, seen)
            if !open.elsewhere.isEmpty {
                return .fail(
                    reason: "it still accepts plaintext at ports that are to be closed",
                    evidence: open.elsewhere + found.lines)
            }
            doubts += open.doubts
        }
        if doubts.isEmpty,
            !seen.proxies.contains(where: { $0.watch.value?.received.hasMutualTLS ?? false })
        {
            doubts.append(
                "nothing reached it with mTLS either in \(GateWords.span(windowMilliseconds)), and silence "
                    + "proves nothing")
        }
        return doubts.isEmpty ? .pass : .doubt(doubts)
    }

    private func doubts(about seen: Seen) -> [String] {
        var doubts: [String] = []
        if seen.proxies.isEmpty, seen.uncounted.isEmpty { doubts.append("no pod of it runs") }
        doubts += seen.uncounted.map { "pod \($0) has no proxy that counts what reaches it" }
        for proxy in seen.proxies {
            switch proxy.watch {
            case .unseen(let why): doubts.append(GateWords.quotation(why))
            case .seen(let watch):
                doubts += watch.gaps.map { "\(proxy.name): \($0)" }
                if watch.gaps.isEmpty, watch.covered < windowMilliseconds {
                    let rest = seen.haste.map { ", and is not watched on, because \($0)" } ?? ""
                    doubts.append(
                        "\(proxy.name) was watched for \(GateWords.span(watch.covered)) of "
                            + GateWords.span(windowMilliseconds) + rest)
                }
            }
        }
        return doubts + seen.gaps
    }

    private func failure(
        of name: TargetName, _ reason: String, _ evidence: [String], _ seen: Seen
    ) -> GateFinding {
        finding(
            .fail, about: name.subject, in: name.namespace, reason,
            evidence: GateWords.evidence(evidence),
            hint: "Bring the sender into the mesh, or keep the port that it calls open with an "
                + "exception in the plan file.",
            command: command(for: seen))
    }

    private func doubt(
        about name: TargetName, _ reasons: [String], besides givenUp: [String], _ seen: Seen
    ) -> GateFinding {
        doubt(
            about: name.subject, in: name.namespace, because: reasons,
            evidence: PlaintextFound(seen, besides: givenUp).givenUpLines.map {
                "to be refused: \($0)"
            }, hint: hint(for: seen), command: command(for: seen))
    }

    private func hint(for seen: Seen) -> String {
        if seen.haste != nil { return "It is watched once the other gates pass." }
        let isUnseen = seen.proxies.contains { $0.watch.value.map { !$0.gaps.isEmpty } ?? true }
        guard server != nil, isUnseen else {
            return "Let its proxies be read, call it through the mesh and ask again, or accept the "
                + "doubt in the plan file (gates.accept)."
        }
        return
            "Mend what Prometheus scrapes, or leave `prometheusServer` out of the plan file: the proxies are "
            + "then asked themselves."
    }

    /// The counters as they are read here.
    private func command(for seen: Seen) -> String? {
        guard let proxy = seen.proxies.first,
            let pod = proxy.name.split(separator: " ").last?.split(separator: "/"), pod.count == 2
        else { return nil }
        return
            "kubectl get --raw /api/v1/namespaces/\(pod[0])/pods/\(pod[1]):15020/proxy/stats/prometheus"
    }

    private func pass(in namespace: String, _ proved: [(Target, Seen)]) -> GateFinding {
        var evidence: [String] = []
        for (target, seen) in proved {
            let covered = seen.proxies.compactMap { $0.watch.value?.covered }.min() ?? 0
            evidence.append(
                "\(target.workload): \(HazardWords.count(seen.proxies.count, "proxy counter page")) over "
                    + "\(GateWords.span(covered)) or longer")
            let found = PlaintextFound(seen, besides: target.givenUp)
            evidence += found.lines.map { "\(target.workload): open port: \($0)" }
            evidence += found.givenUpLines.map { "\(target.workload): to be refused: \($0)" }
            evidence += seen.seldomClients.sorted { $0.key < $1.key }.map {
                "\(target.workload): client \($0.key) calls once in \(GateWords.span($0.value)) only, and may not "
                    + "have called yet"
            }
        }
        if let server { evidence.append("as \(server.text) has scraped them") }
        evidence.append(Self.unseen)
        return finding(
            .pass, about: "namespace \(namespace)", in: namespace,
            "no plaintext reached \(HazardWords.count(proved.count, "workload")) in "
                + "\(GateWords.span(windowMilliseconds)), and mTLS did",
            evidence: GateWords.evidence(evidence))
    }

    /// What no proxy sees.
    private static let unseen =
        "not counted by any proxy: host-network callers on a captured pod's own node, ports that are excluded "
        + "from capture, UDP"
}
