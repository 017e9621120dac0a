import MeshModel
import MeshPlanning

extension PlaintextSession {
    /// Takes what Prometheus keeps of every proxy, in place of what it had before.
    mutating func lookBack(with server: PrometheusServer) async {
        for workload in sample.targets.keys { sample.targets[workload]?.proxies = [] }
        guard !sources.isEmpty else { return }
        let history: PlaintextHistory
        do throws(PlaintextHistory.Unanswered) {
            history = try await PlaintextHistory(
                of: sources.map(\.proxy), for: question.targets.map(\.workload),
                windowMilliseconds: question.windowMilliseconds, at: server, reader)
        } catch {
            let unseen = NoPlaintext.Proxy(
                name: "Prometheus", isZtunnel: false, watch: .unseen(why: error.why))
            for workload in sample.targets.keys
            where sources.contains(where: { $0.pods[workload] != nil }) {
                sample.targets[workload]?.proxies = [unseen]
            }
            return
        }
        var known: [String: Set<ScrapeTarget>] = [:]
        for source in sources {
            let pages = history.targets(of: source.proxy)
            for workload in source.pods.keys {
                known[workload, default: []].formUnion(pages)
                let proxy = NoPlaintext.Proxy(
                    name: source.name, isZtunnel: source.isZtunnel,
                    watch: reading(source, of: workload, pages, in: history, from: server))
                sample.targets[workload]?.proxies.append(proxy)
            }
        }
        for (workload, known) in known {
            sample.targets[workload]?.proxies += history.plaintextElsewhere(
                than: known, for: workload
            ).map { target, watch in
                NoPlaintext.Proxy(
                    name: "a former proxy at \(target.address)", isZtunnel: false,
                    watch: .seen(watch))
            }
        }
    }

    /// Of several targets that are one proxy's page, what the first without gaps says.
    private func reading(
        _ source: Source, of workload: String, _ pages: [ScrapeTarget],
        in history: PlaintextHistory, from server: PrometheusServer
    ) -> Reading<ProxyWatch> {
        let watches = pages.compactMap {
            history.watch(
                $0, for: workload, isZtunnel: source.isZtunnel,
                runningSince: source.proxy.proxyProcess.runningSince,
                countsSince: source.countsSince(for: workload))
        }
        guard let watch = watches.first(where: \.gaps.isEmpty) ?? watches.first else {
            return .unseen(
                why: "\(server.text) has no fresh sample of istio_build of \(source.name)")
        }
        return .seen(watch)
    }
}
