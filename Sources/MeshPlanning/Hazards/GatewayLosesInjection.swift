package import Diagnostics
import MeshModel

/// Gateways that are injected by their namespace's labels, which the rollout takes away: the next pod
/// comes up with the placeholder image `auto` in place of a proxy, and does not start.
package enum GatewayLosesInjection: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let labels = NamespaceLabels(context)
        var changed: Set<String> = []
        for step in context.rollout.steps {
            if case .labels(let change) = step.change { changed.insert(change.namespace) }
        }
        return changed.sorted().flatMap { namespace in
            gateways(in: namespace, context).filter { gateway in
                injects(gateway.template, namespace, labels.now(namespace), context)
                    && !injects(gateway.template, namespace, labels.then(namespace), context)
            }.map(diagnostic)
        }
    }

    private struct Gateway {
        var name: String
        var template: PodTemplate
    }

    private static func gateways(in namespace: String, _ context: HazardContext) -> [Gateway] {
        let workloads = context.now.workloads
        let managed = workloads.topmost(in: namespace).map {
            Gateway(name: $0.id.text, template: $0.template)
        }
        let bare = workloads.unmanaged(in: namespace).filter(\.isLive).map {
            Gateway(
                name: "\(namespace)/Pod/\($0.meta.name)",
                template: PodTemplate(
                    labels: $0.meta.labels, annotations: $0.meta.annotations,
                    hostNetwork: $0.hostNetwork))
        }
        return (managed + bare).filter { $0.template.isGateway }
    }

    private static func injects(
        _ template: PodTemplate, _ namespace: String, _ labels: [String: String],
        _ context: HazardContext
    ) -> Bool {
        Injection.decide(
            namespaceName: namespace, namespaceLabels: labels, podLabels: template.labels,
            podAnnotations: template.annotations, hostNetwork: template.hostNetwork,
            environment: context.observed.injection
        ).injects
    }

    private static func diagnostic(_ gateway: Gateway) -> Diagnostic {
        Diagnostic(
            .gatewayLosesInjection, "gateway \(gateway.name) would no longer be injected",
            detail:
                "Its proxy comes from injection by the namespace's labels, which the plan takes away. "
                + "Running pods stay; the next one would have no proxy and not start. Give its pod "
                + "template the label that asks for injection, or move it to a namespace of its own:",
            remedy: "labels: {sidecar.istio.io/inject: \"true\"}")
    }
}

extension PodTemplate {
    /// Whether it takes the injector's template `gateway`.
    fileprivate var isGateway: Bool {
        Pod(meta: ObjectMeta(name: "", labels: labels, annotations: annotations)).isGateway
    }
}
