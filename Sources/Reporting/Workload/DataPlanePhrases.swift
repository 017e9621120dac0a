import MeshModel

/// One sentence for each reason of injection and of the ambient mesh; `docs/flows.md` has them as tables.
enum DataPlanePhrases {
    static func of(_ reason: InjectionReason) -> String {
        switch reason {
        case .namespaceLabel: "istio-injection=enabled on the namespace"
        case .namespaceRevision: "istio.io/rev on the namespace"
        case .podRevision: "istio.io/rev on the pod"
        case .podLabel: "the label sidecar.istio.io/inject=true on the pod"
        case .podAnnotation: "the annotation sidecar.istio.io/inject: true on the pod"
        case .alwaysInjectSelector: "the injector's alwaysInjectSelector matches"
        case .defaultOn: "injection is on by default"
        case .namespaceDisabled: "istio-injection on the namespace is not enabled"
        case .podOptOut: "sidecar.istio.io/inject=false on the pod"
        case .hostNetwork: "the pod is on the host network"
        case .ignoredNamespace: "the namespace is never injected"
        case .neverInjectSelector: "the injector's neverInjectSelector matches"
        case .policyOff: "the injector's policy is disabled"
        case .noWebhook: "labels name a revision that no webhook serves"
        case .notRequested: "no label asks for it"
        }
    }

    static func of(_ reason: AmbientReason) -> String {
        switch reason {
        case .podLabel: "istio.io/dataplane-mode=ambient on the pod"
        case .namespaceLabel: "istio.io/dataplane-mode=ambient on the namespace"
        case .podOptOut: "istio.io/dataplane-mode=none on the pod"
        case .excludedNamespace: "istio-cni leaves the namespace out"
        case .hostNetwork: "the pod is on the host network"
        case .hasSidecar: "a sidecar always wins"
        case .notRequested: "no label asks for it"
        }
    }
}
