/// A mode of `PeerAuthentication.mtls` (istio/api `PeerAuthentication.MutualTLS.Mode`).
package enum MTLSMode: String, Sendable, Hashable, Codable, CaseIterable {
    case unset = "UNSET"
    case disable = "DISABLE"
    case permissive = "PERMISSIVE"
    case strict = "STRICT"
}
