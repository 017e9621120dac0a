package import Diagnostics
import MeshModel

/// DestinationRules that make clients send Istio's mTLS to pods where no sidecar ends it: the application gets
/// a TLS handshake that it cannot read. A headless Service's clients do the same to ambient pods, which they
/// never reach by HBONE (istio issue 54921).
package enum IstioMutualWithoutSidecar: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        ClientRule.all(in: context) { $0 == .istioMutual }.compactMap { covered in
            let garbled = covered.filter { rule in
                !context.isTold(rule.service, rule.port)
                    && rule.endpoints.contains { isUnread($0, rule.service) }
            }
            guard let first = garbled.first else { return nil }
            let isNew = garbled.contains { rule in
                rule.endpoints.contains {
                    isUnread($0, rule.service)
                        && !isUnread($0.before(in: context.now), rule.service)
                }
            }
            return Diagnostic(
                .istioMutualWithoutSidecar, isNew ? .error : .warning,
                "DestinationRule \(first.rule.text) makes clients send Istio's mTLS to "
                    + "\(garbled.map(\.place).shortList), where no sidecar "
                    + "\(isNew ? "would be" : "is") there to end it",
                detail:
                    "ISTIO_MUTUAL holds for every pod of the Service, meshed or not. Remove the "
                    + "rule's `tls`: clients then send mTLS to the pods that have a sidecar, and to "
                    + "no others.",
                remedy: "kubectl -n \(first.rule.meta.namespace) edit destinationrule "
                    + first.rule.meta.name)
        }
    }

    private static func isUnread(_ endpoint: FlowIndex.Endpoint, _ service: Service) -> Bool {
        guard let pod = endpoint.pod else { return false }
        switch pod.dataplane {
        case .none: return !pod.takesHBONE
        case .ambient: return service.isHeadless
        case .sidecar, .gateway, .waypoint: return false
        }
    }
}
