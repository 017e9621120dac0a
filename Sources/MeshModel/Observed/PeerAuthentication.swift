package import JSON

/// A PeerAuthentication, `security.istio.io/v1`.
package struct PeerAuthentication: Sendable, Hashable {
    package var meta: ObjectMeta
    /// nil when the spec has no selector; an empty one is kept apart, since the data planes differ on it.
    package var selector: LabelSelector?
    /// `.unset` when `mtls` or its mode is absent.
    package var mode: MTLSMode
    /// Container ports.
    package var portModes: [Int: MTLSMode]
    /// The whole `spec` as read, for exact restoring.
    package var spec: JSONValue

    package init(
        meta: ObjectMeta, selector: LabelSelector? = nil, mode: MTLSMode = .unset,
        portModes: [Int: MTLSMode] = [:], spec: JSONValue = [:]
    ) {
        self.meta = meta
        self.selector = selector
        self.mode = mode
        self.portModes = portModes
        self.spec = spec
    }

    /// Whether it selects workloads: a nil or empty selector is mesh- or namespace-wide
    /// (istio `pilot/pkg/model/authentication.go`).
    package var selectsWorkloads: Bool { !(selector?.matchLabels.isEmpty ?? true) }
}
