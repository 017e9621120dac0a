import MeshModel

/// Client rules that stand only while servers change their mode: clients send plaintext meanwhile, so that
/// it does not matter which proxy hears of the change first.
///
/// From DISABLE to PERMISSIVE a client's proxy that knows of it sends mTLS to a server's that does not take
/// it yet, and back to DISABLE one that does not know of it goes on with mTLS. Proxies of sidecars and
/// gateways keep to the rule (istio `pilot/pkg/networking/core/cluster_tls.go:buildUpstreamTLSSettings`);
/// ztunnel sends no such mTLS.
struct ClientPins {
    /// The rules to make, by namespace and name.
    private(set) var rules: [TrafficChange] = []

    private struct Target {
        var service: Service
        var ports: [Int: ExternalEntry.TLS] = [:]
    }

    /// - Parameters:
    ///   - breaks: flows that the steps in between would break.
    ///   - world: before these steps.
    ///   - plan: whose rules they are.
    /// - Returns: nil where no rule helps: no Service is known, or a rule for it is there already, with
    ///   which a person has to decide how to merge.
    init?(for breaks: some Sequence<FlowBreak>, in world: FlowWorld, plan: String) {
        guard !world.index.state.flows.unreadable.contains(TrafficKind.destinationRule.rawValue)
        else { return nil }
        var targets: [String: Target] = [:]
        for found in breaks where found.after.sent == .mtls {
            for (service, port) in Self.ports(called: found, in: world.index)
            where Self.isFree(service, in: world) {
                targets[service.meta.text, default: Target(service: service)]
                    .ports[port] = ExternalEntry.TLS(mode: .disable)
            }
        }
        guard !targets.isEmpty else { return nil }
        let labels = PolicyOwnership.labels(plan: plan).merging([LabelKeys.pin: "true"]) { $1 }
        for (_, target) in targets.sorted(by: { $0.key < $1.key }) {
            let service = target.service
            let namespace = service.meta.namespace
            var names = FreeNames(world.rules(in: namespace))
            let name = names.take(
                "meshctl-pin-\(service.meta.name)", .destinationRule, in: namespace)
            let spec = ClientTLSSpec.make(host: service.host, target.ports)
            rules.append(
                TrafficChange(
                    .destinationRule, namespace: namespace, name: name, uid: "", before: nil,
                    after: PolicyImage(labels: labels, spec: spec)))
        }
    }

    /// Steps that make the rules, for others of the kind of `step`.
    func pinning(around step: Step) -> [Step] { rules.map { Self.step($0, like: step) } }

    /// Steps that take them away again.
    func unpinning(around step: Step) -> [Step] {
        rules.map { rule in
            var removal = rule
            swap(&removal.before, &removal.after)
            return Self.step(removal, like: step)
        }
    }

    private static func step(_ change: TrafficChange, like step: Step) -> Step {
        Step(
            id: StepID(0), phase: step.phase, wave: step.wave, batch: 0, settles: true,
            change: .traffic(change))
    }

    /// The Service's ports by whose rule the client goes.
    private static func ports(
        called found: FlowBreak, in index: FlowIndex
    ) -> [(Service, Int)] {
        switch found.flow.server {
        case .service(let namespace, let name, let port):
            return index.service(namespace, name).map { [($0, port)] } ?? []
        case .pod, .workload:
            guard let server = found.server else { return [] }
            // A sidecar knows a pod by its own address through a headless Service.
            return index.services(in: server.meta.namespace).filter(\.isHeadless).flatMap {
                service in
                service.ports.filter { port in
                    index.endpoints(of: service, port: port).contains {
                        $0.pod?.text == server.text && $0.port == found.port
                    }
                }.map { (service, $0.number) }
            }
        case .host: return []
        }
    }

    /// Whether nobody's rule speaks of the Service's host where a pin would take its place. (One in a
    /// client's own namespace wins over the pin, which then does not help.)
    private static func isFree(_ service: Service, in world: FlowWorld) -> Bool {
        let namespace = service.meta.namespace
        guard let found = world.index.namespace(namespace), !found.meta.isTerminating else {
            return false
        }
        return Set([namespace, world.index.state.rootNamespace]).allSatisfy {
            world.rules(in: $0).allSatisfy { !$0.covers(service.host) }
        }
    }
}

extension PolicyImage {
    /// Whether it is a client rule that was made for some steps only.
    package var isPin: Bool { labels[LabelKeys.pin] != nil }
}

extension Change {
    /// Whether it makes such a rule, or takes one away.
    var isOfPin: Bool {
        guard case .traffic(let change) = self else { return false }
        return (change.after ?? change.before)?.isPin ?? false
    }
}
