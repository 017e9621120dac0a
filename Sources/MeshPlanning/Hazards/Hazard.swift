package import Diagnostics

/// One kind of thing that goes wrong in such migrations: found in a context, said as diagnostics with a
/// stable code, and described in that code's section of `docs/diagnostics.md`.
///
/// A hazard reports what is there, never what it could not read: where it cannot judge, it says so with
/// `cannot-judge`. An error blocks the plan, a warning or a note does not.
package protocol Hazard {
    /// Whether it is about the steps in their order, and not about where they end: nothing is said then of a
    /// plan for which no order was found.
    static var isAboutOrder: Bool { get }

    static func diagnostics(in context: HazardContext) -> [Diagnostic]
}

extension Hazard {
    package static var isAboutOrder: Bool { false }
}

package enum Hazards {
    /// In the order in which they are told.
    package static var all: [any Hazard.Type] { policies + changingDataplanes + doubtfulClients }

    /// What policies do and do not, in alphabetical order.
    private static var policies: [any Hazard.Type] {
        [
            AmbientExclusions.self, AmbientFailOpen.self, AmbientPortDisable.self,
            DestinationRuleAgainstStrict.self, DisableInAmbient.self, ExpiredExceptions.self,
            InertPolicies.self, IstioMutualWithoutSidecar.self, MisspeltAnnotations.self,
            NamespaceDisableWorkloadStrict.self, ResidualPolicies.self,
            ServicePortExceptions.self, ShadowedPolicies.self, StrayMeshPolicy.self,
            StrictWithoutDataPlane.self, UnprotectedWorkloads.self,
        ]
    }

    private static var changingDataplanes: [any Hazard.Type] {
        [
            JobsWithSidecars.self, ProbeAfterInjection.self, SidecarWithoutTunnel.self,
            NetworkPolicyBlocksHBONE.self, AuthorizationNeedsWaypoint.self,
            AuthorizationLosesIdentity.self, OrphanedProxy.self, GatewayLosesInjection.self,
            CaptureCutsConnections.self,
        ]
    }

    /// Clients that the search for an order cannot be sure of.
    private static var doubtfulClients: [any Hazard.Type] {
        [
            HeadlessClient.self, PodIPClient.self, ExcludedPortClients.self,
            WebhookBehindStrict.self, NodePortBehindStrict.self, HostNetworkClient.self,
            MultiClusterClient.self,
        ]
    }

    /// - Parameter isBlocked: whether the plan has errors already, so that its order will change.
    package static func diagnostics(
        in context: HazardContext, isBlocked: Bool = false
    ) -> [Diagnostic] {
        all.filter { !isBlocked || !$0.isAboutOrder }.flatMap { $0.diagnostics(in: context) }
    }
}
