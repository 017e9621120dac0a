/// The configuration that decides about flows, as one proxy holds it at one moment.
///
/// While istiod hands a change on, some proxies hold the old one and some the new: a client's may differ
/// from its server's.
package struct FlowConfiguration: Sendable {
    package var policies: PeerAuthenticationIndex
    package var rules: DestinationRuleIndex
    package var scopes: SidecarScopeIndex
    package var entries: ServiceEntryIndex

    package init(
        policies: [PeerAuthentication], rules: [DestinationRule], scopes: [SidecarScope],
        entries: [ServiceEntry],
        rootNamespace: String, version: IstioVersion? = nil
    ) {
        self.policies = PeerAuthenticationIndex(
            policies, rootNamespace: rootNamespace, version: version)
        self.rules = DestinationRuleIndex(rules, rootNamespace: rootNamespace)
        self.scopes = SidecarScopeIndex(scopes, rootNamespace: rootNamespace)
        self.entries = ServiceEntryIndex(entries)
    }
}
