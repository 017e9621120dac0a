/// What decided about a sidecar.
package enum InjectionReason: String, Sendable, Hashable, Codable, CaseIterable {
    // It is injected, because of
    case namespaceLabel = "namespace-label"
    case namespaceRevision = "namespace-revision"
    case podRevision = "pod-revision"
    case podLabel = "pod-label"
    case podAnnotation = "pod-annotation"
    case alwaysInjectSelector = "always-inject-selector"
    case defaultOn = "default-on"

    // It is not, because of
    case namespaceDisabled = "namespace-disabled"
    case podOptOut = "pod-opt-out"
    case hostNetwork = "host-network"
    case ignoredNamespace = "ignored-namespace"
    case neverInjectSelector = "never-inject-selector"
    case policyOff = "policy-off"
    /// The labels name a revision or tag that no webhook serves: the pod starts without a sidecar
    /// and without an error.
    case noWebhook = "no-webhook"
    /// No label asks for a sidecar.
    case notRequested = "not-requested"
}
