import MeshModel

/// Pods and Services that ask to be scraped are called by Prometheus, pod by pod, at their own addresses.
///
/// Where the injector merges metrics, a pod with a sidecar is scraped at the agent's port, past every policy
/// (istio `pkg/kube/inject/webhook.go:applyPrometheusMerge`).
enum ScrapeRule: FlowRule {
    static func flows(in facts: InferenceFacts) -> [Flow] {
        let targets = workloads(in: facts) + pods(in: facts) + services(in: facts)
        guard !targets.isEmpty else { return [] }
        let scrapers = scrapers(in: facts)
        return targets.flatMap { target -> [Flow] in
            guard !scrapers.isEmpty else {
                return [
                    Flow(
                        from: .external, to: target.server, origin: .inferred(.scrapeAnnotation),
                        certainty: .doubtful,
                        because: target.because + "; Prometheus' pods are not known")
                ]
            }
            return scrapers.map {
                Flow(
                    from: .workload($0.id), to: target.server,
                    origin: .inferred(.scrapeAnnotation), because: target.because)
            }
        }
    }

    private struct Target {
        var server: Flow.Server
        var because: String

        init(_ server: Flow.Server, _ owner: String) {
            self.server = server
            because = "\(key) of \(owner)"
        }
    }

    private static func workloads(in facts: InferenceFacts) -> [Target] {
        facts.topmost.flatMap { workload -> [Target] in
            let annotations = workload.template.annotations
            guard isAsked(annotations) else { return [] }
            let live = facts.workloads.pods(of: workload.id).first(where: \.isLive)
            guard !isMerged(workload, live, facts) else { return [] }
            let ports = port(annotations).map { [$0] } ?? live.map(containerPorts) ?? []
            return ports.map {
                Target(
                    .workload(workload.id, port: $0),
                    "\(workload.kind.rawValue) \(workload.meta.text)")
            }
        }
    }

    private static func pods(in facts: InferenceFacts) -> [Target] {
        facts.state.pods.flatMap { pod -> [Target] in
            guard pod.owner == nil, pod.isLive, isAsked(pod.meta.annotations) else { return [] }
            let merges =
                pod.hasSidecar
                && facts.state.flows.settings(for: pod).merges(pod.meta.annotations)
            guard !merges else { return [] }
            let ports = port(pod.meta.annotations).map { [$0] } ?? containerPorts(of: pod)
            return ports.map {
                Target(
                    .pod(namespace: pod.meta.namespace, name: pod.meta.name, port: $0),
                    "Pod \(pod.meta.text)")
            }
        }
    }

    /// The injector does not look at Services: their endpoints are scraped at the application's port.
    private static func services(in facts: InferenceFacts) -> [Target] {
        facts.state.flows.services.flatMap { service -> [Target] in
            guard isAsked(service.meta.annotations) else { return [] }
            let ports =
                port(service.meta.annotations).map { [$0] }
                ?? service.judgedPorts.compactMap { port -> Int? in
                    guard case .number(let number) = port.target else { return nil }
                    return number
                }
            return facts.workloads(behind: service).flatMap { workload in
                ports.map {
                    Target(.workload(workload.id, port: $0), "Service \(service.meta.text)")
                }
            }
        }
    }

    /// Whether its pods have a sidecar in the end, whose agent is scraped in their place.
    private static func isMerged(
        _ workload: Workload, _ live: Pod?, _ facts: InferenceFacts
    ) -> Bool {
        let flows = facts.state.flows
        let settings = live.map { flows.settings(for: $0) } ?? flows.settings
        guard settings.merges(workload.template.annotations) else { return false }
        let namespace = workload.meta.namespace
        if !facts.isDataplaneDecided(in: namespace), live?.hasSidecar == true { return true }
        let plane = ExpectedDataplane.ofNewPod(
            workload.template, in: namespace, labels: facts.finalLabels(of: namespace),
            injection: facts.state.injection)
        return plane == .sidecar
    }

    /// The servers among Prometheus' workloads: one chart names its exporters alike.
    private static func scrapers(in facts: InferenceFacts) -> [Workload] {
        var seen: Set<WorkloadID> = []
        return ["app.kubernetes.io/name", "app"].flatMap {
            facts.workloads(labelled: [$0: "prometheus"])
        }.filter { workload in
            let labels = workload.template.labels
            let component = labels["app.kubernetes.io/component"] ?? labels["component"]
            return component.map(["server", "prometheus"].contains) ?? true
                && seen.insert(workload.id).inserted
        }
    }

    private static let key = "prometheus.io/scrape"

    private static func isAsked(_ annotations: [String: String]) -> Bool {
        annotations[key] == "true"
    }

    private static func port(_ annotations: [String: String]) -> Int? {
        annotations["prometheus.io/port"].flatMap { Int($0) }
            .flatMap { (1...65535).contains($0) ? $0 : nil }
    }

    /// Without a port Prometheus' usual configuration asks every declared one.
    private static func containerPorts(of pod: Pod) -> [Int] {
        Set(pod.containers.filter { $0.name != "istio-proxy" }.flatMap(\.ports).map(\.number))
            .sorted()
    }
}

extension MeshSettings {
    /// A pod may keep its own annotations.
    fileprivate func merges(_ annotations: [String: String]) -> Bool {
        mergesMetrics && annotations["prometheus.istio.io/merge-metrics"] != "false"
    }
}
