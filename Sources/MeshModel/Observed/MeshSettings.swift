/// The mesh configuration that decides what proxies send; the defaults are Istio's.
package struct MeshSettings: Sendable, Hashable {
    package var autoMTLS: Bool
    /// `outboundTrafficPolicy.mode: REGISTRY_ONLY`.
    package var registryOnly: Bool
    /// istiod's `PILOT_ENABLE_AMBIENT`, without which Envoys send no HBONE.
    package var supportsAmbient: Bool
    /// `enablePrometheusMerge`: the injector leads a pod's scrape annotations to its agent.
    package var mergesMetrics: Bool
    /// `ISTIO_META_ENABLE_HBONE` in the proxies' metadata: sidecars injected now take HBONE.
    package var injectsHBONE: Bool
    /// istiod's `PILOT_PREFER_SENDING_HBONE`: HBONE also to sidecars that take Istio's own mTLS.
    package var prefersHBONE = false
    /// istiod's `PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES`: sidecars choose pod by pod there, too.
    package var headlessByEndpoint = false
    /// istiod's, by the tag of its image; nil where it was not read or is no release.
    package var version: IstioVersion?
    /// Whether a mesh configuration was there to be read.
    package var wasRead: Bool

    package init(
        autoMTLS: Bool = true, registryOnly: Bool = false, supportsAmbient: Bool = true,
        mergesMetrics: Bool = true, injectsHBONE: Bool = false, wasRead: Bool = false
    ) {
        self.autoMTLS = autoMTLS
        self.registryOnly = registryOnly
        self.supportsAmbient = supportsAmbient
        self.mergesMetrics = mergesMetrics
        self.injectsHBONE = injectsHBONE
        self.wasRead = wasRead
    }
}
