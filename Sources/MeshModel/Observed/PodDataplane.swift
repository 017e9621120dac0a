/// What enforces a pod's inbound traffic, as read from the live pod (never from labels alone).
package enum PodDataplane: String, Sendable, Hashable, Codable, CaseIterable {
    case sidecar, ambient, none, gateway, waypoint
}
