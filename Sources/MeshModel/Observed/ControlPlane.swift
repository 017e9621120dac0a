/// A Deployment of istiod.
package struct ControlPlane: Sendable, Hashable {
    package var meta: ObjectMeta
    /// The label `istio.io/rev`; `default` for the unrevisioned install.
    package var revision: String
    /// The tag of its image, such as `1.27.1-distroless`; empty where the image has none.
    package var version: String
    /// `ENABLE_NATIVE_SIDECARS`, as written; nil where it is not set.
    package var nativeSidecars: String?
    /// `PILOT_ENABLE_AMBIENT`; nil where it is not set.
    package var enablesAmbient: Bool?
    /// Whether a pod of it is available; taken for granted where there is no status, as in manifests.
    package var isAvailable: Bool

    package init(
        meta: ObjectMeta, revision: String = "default", version: String = "",
        nativeSidecars: String? = nil, enablesAmbient: Bool? = nil, isAvailable: Bool = true
    ) {
        self.meta = meta
        self.revision = revision
        self.version = version
        self.nativeSidecars = nativeSidecars
        self.enablesAmbient = enablesAmbient
        self.isAvailable = isAvailable
    }
}
