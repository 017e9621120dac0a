package import Diagnostics
import MeshModel

/// Sidecars that call a headless Service: they choose once for all its pods, and never HBONE
/// (istio `pilot/pkg/model/push_context.go:BestEffortInferServiceMTLSMode`; istio#54921, #27376).
package enum HeadlessClient: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let protected = EnrolledPolicies(context)
        return context.flows.compactMap { flow in
            guard let service = headless(flow.server, in: context.then) else { return nil }
            let fate = FlowFate(flow, in: context)
            if let leg = fate.untoldBreaks.first(where: \.isFromSidecar) {
                return broken(flow, leg)
            }
            guard !fate.isToldByOrder, flow.expect == .carried,
                fate.now.contains(where: \.isFromSidecar)
            else { return nil }
            return rolling(flow, service, fate.now, protected)
        }
    }

    private static func headless(_ server: Flow.Server, in index: FlowIndex) -> Service? {
        guard case .service(let namespace, let name, _) = server else { return nil }
        return index.service(namespace, name).flatMap { $0.isHeadless ? $0 : nil }
    }

    private static func broken(_ flow: Flow, _ leg: FlowFate.Leg) -> Diagnostic {
        let isAmbient = leg.endpoint.endpoint.pod?.dataplane == .ambient
        return Diagnostic(
            .headlessClient, .warning,
            "\(flow.text) would be \(leg.verdict.outcome.rawValue): a sidecar calls a headless Service",
            detail: (isAmbient
                ? "A sidecar sends plaintext to ambient pods behind a headless Service (istio#54921), "
                    + "which STRICT refuses. Move the client into the ambient mesh first"
                : "A sidecar chooses once for all pods of a headless Service, and one without a sidecar "
                    + "makes it plaintext for all. Inject them all before STRICT")
                + ", or keep the port PERMISSIVE until then:",
            remedy: leg.exception(reason: "sidecars call the headless Service in plaintext"))
    }

    /// While pods of the Service get their sidecars one by one, those that have one are called in plaintext.
    private static func rolling(
        _ flow: Flow, _ service: Service, _ now: [FlowFate.Leg], _ protected: EnrolledPolicies
    ) -> Diagnostic? {
        let restarting = now.first { leg in
            guard let pod = leg.endpoint.endpoint.pod, leg.isFromSidecar else { return false }
            return protected.injects(pod)
                && protected.mode(of: pod, port: leg.endpoint.endpoint.port) == .strict
        }
        guard let restarting else { return nil }
        return Diagnostic(
            .headlessClient, .warning,
            "\(flow.text) would be refused while the pods of \(service.meta.text) restart",
            detail:
                "Sidecars send plaintext to all pods of a headless Service until the last one has a "
                + "sidecar, and STRICT holds there already. Keep the port PERMISSIVE until then:",
            remedy: restarting.exception(
                reason: "sidecars call the headless Service in plaintext while it is injected"))
    }
}

/// The policies that hold while a rollout restarts workloads, and which of them get a sidecar by it.
private struct EnrolledPolicies {
    private let policies: PeerAuthenticationIndex
    private let workloads: WorkloadIndex
    private var injected: Set<WorkloadID> = []

    init(_ context: HazardContext) {
        workloads = context.now.workloads
        var changes: [Change] = []
        for step in context.rollout.steps where step.phase == .enroll {
            switch step.change {
            case .policy: changes.append(step.change)
            case .restart(let restart) where restart.wants == .sidecar:
                injected.insert(restart.workload)
            case .restart, .labels, .traffic: break
            }
        }
        let state = changes.isEmpty ? context.observed : context.observed.applying(changes)
        policies = PeerAuthenticationIndex(
            state.peerAuthentications, rootNamespace: state.rootNamespace)
    }

    func injects(_ pod: Pod) -> Bool {
        pod.dataplane != .sidecar
            && workloads.controller(of: pod).map(injected.contains) ?? false
    }

    func mode(of pod: Pod, port: Int) -> MTLSMode {
        EffectiveMode.decide(
            namespace: pod.meta.namespace, podLabels: pod.meta.labels, policies: policies
        ).mode(forPort: port)
    }
}

extension FlowFate.Leg {
    var isFromSidecar: Bool {
        if case .pod(let pod) = client { pod.dataplane == .sidecar } else { false }
    }

    /// The exception that would carry it; nil where the end is no pod.
    func exception(reason: String) -> String? {
        endpoint.endpoint.pod.map {
            HazardWords.exception(
                "plaintext-clients", for: $0, ports: [endpoint.endpoint.port], reason: reason)
        }
    }
}
