/// The mesh configuration that decides what proxies send; the defaults are Istio's.
package struct MeshSettings: Sendable, Hashable {
    package var autoMTLS: Bool
    /// `outboundTrafficPolicy.mode: REGISTRY_ONLY`.
    package var registryOnly: Bool
    /// istiod's `PILOT_ENABLE_AMBIENT`, without which Envoys send no HBONE.
    package var supportsAmbient: Bool
    /// `ISTIO_META_ENABLE_HBONE` in the proxies' metadata: sidecars injected now take HBONE.
    package var injectsHBONE: Bool
    /// Whether a mesh configuration was there to be read.
    package var wasRead: Bool

    package init(
        autoMTLS: Bool = true, registryOnly: Bool = false, supportsAmbient: Bool = true,
        injectsHBONE: Bool = false, wasRead: Bool = false
    ) {
        self.autoMTLS = autoMTLS
        self.registryOnly = registryOnly
        self.supportsAmbient = supportsAmbient
        self.injectsHBONE = injectsHBONE
        self.wasRead = wasRead
    }
}
