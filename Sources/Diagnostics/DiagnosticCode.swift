/// The closed set of diagnostic codes; each has a section of the same name in `docs/diagnostics.md`.
package enum DiagnosticCode: String, Sendable, CaseIterable, Hashable {
    // Reading YAML
    case yamlSyntax = "yaml-syntax"
    case yamlTooComplex = "yaml-too-complex"
    case duplicateKey = "duplicate-key"

    // The plan file
    case unknownKey = "unknown-key"
    case missingKey = "missing-key"
    case wrongType = "wrong-type"
    case invalidValue = "invalid-value"
    case duplicateEntry = "duplicate-entry"
    case conflictingKeys = "conflicting-keys"
    case unknownWave = "unknown-wave"
    case rootNamespacePolicy = "root-namespace-policy"
    case notSupportedYet = "not-supported-yet"

    // The plan against the cluster
    case unknownNamespace = "unknown-namespace"
    case terminatingNamespace = "terminating-namespace"
    case overlappingSelectors = "overlapping-selectors"
    case unknownRevision = "unknown-revision"
    case adoptionNeeded = "adoption-needed"
    case managedElsewhere = "managed-elsewhere"
    case otherPlan = "other-plan"
    case policyNameTaken = "policy-name-taken"
    case shadowedPolicy = "shadowed-policy"
    case meshFlipNotCovered = "mesh-flip-not-covered"
    case enrolmentInheritsStrict = "enrolment-inherits-strict"
    case restartByPerson = "restart-by-person"
    case unmanagedPod = "unmanaged-pod"
    case leftOver = "left-over"
    case cannotJudge = "cannot-judge"

    // Hazards of changing data planes, and of clients that nobody can be sure of
    case jobsWithSidecars = "jobs-with-sidecars"
    case probeAfterInjection = "probe-after-injection"
    case sidecarWithoutTunnel = "sidecar-without-tunnel"
    case networkPolicy15008 = "network-policy-15008"
    case authzL7WithoutWaypoint = "authz-l7-without-waypoint"
    case authzIdentityLost = "authz-identity-lost"
    case orphanedProxy = "orphaned-proxy"
    case gatewayLosesInjection = "gateway-loses-injection"
    case captureCutsConnections = "capture-cuts-connections"
    case headlessClient = "headless-client"
    case podIPClient = "pod-ip-client"
    case excludedPortClients = "excluded-port-clients"
    case webhookBehindStrict = "webhook-behind-strict"
    case nodePortBehindStrict = "node-port-behind-strict"
    case hostNetworkClient = "host-network-client"
    case multiClusterClient = "multi-cluster-client"
}
