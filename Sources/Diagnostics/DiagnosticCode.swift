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

    // Hazards: what policies do and do not
    case ambientExclusion = "ambient-exclusion"
    case ambientFailOpen = "ambient-fail-open"
    case ambientPortDisable = "ambient-port-disable"
    case destinationRuleAgainstStrict = "destination-rule-against-strict"
    case disableInAmbient = "disable-in-ambient"
    case exceptionWithoutPods = "exception-without-pods"
    case expiredException = "expired-exception"
    case inertPolicy = "inert-policy"
    case istioMutualWithoutSidecar = "istio-mutual-without-sidecar"
    case misspeltAnnotation = "misspelt-annotation"
    case namespaceDisableWorkloadStrict = "namespace-disable-workload-strict"
    case residualPolicy = "residual-policy"
    case servicePortException = "service-port-exception"
    case strayMeshPolicy = "stray-mesh-policy"
    case strictWithoutDataPlane = "strict-without-data-plane"
    case unprotectedWorkload = "unprotected-workload"
}
