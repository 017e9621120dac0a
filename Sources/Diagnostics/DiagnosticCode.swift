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
    case flowWouldBreak = "flow-would-break"
    case flowExpectedRefused = "flow-expected-refused"
    case flowNotCarried = "flow-not-carried"
    case restartByPerson = "restart-by-person"
    case unmanagedPod = "unmanaged-pod"
    case leftOver = "left-over"
    case cannotJudge = "cannot-judge"
    case unknownFlowEnd = "unknown-flow-end"
    case inertClientRule = "inert-client-rule"
    case overlappingRules = "overlapping-rules"
    case credentialOnlyAtGateways = "credential-only-at-gateways"
}
