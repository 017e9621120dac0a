import MeshModel

/// What decides about pods, arranged once for all of them.
struct StatusDecisions {
    let policies: PeerAuthenticationIndex
    let injection: Injection.Environment
    let enrolment: AmbientEnrolment.Environment
    let authorization: AuthorizationPolicyIndex

    init(_ state: MeshState) {
        policies = PeerAuthenticationIndex(
            state.peerAuthentications, rootNamespace: state.rootNamespace,
            version: state.flows.settings.version)
        injection = state.injection
        enrolment = state.enrolment
        authorization = AuthorizationPolicyIndex(
            state.surroundings.authorizationPolicies ?? [], rootNamespace: state.rootNamespace)
    }
}
