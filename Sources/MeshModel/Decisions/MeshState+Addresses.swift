extension MeshState {
    package enum AddressHolder: Sendable, Hashable {
        case pod(Pod)
        case service(Service)
    }

    /// Whose address this is; nil for a name, and for an address outside the cluster or of a node.
    package func holder(ofAddress address: String) -> AddressHolder? {
        guard IPRange(address) != nil else { return nil }
        if let service = flows.services.first(where: { $0.clusterIP == address }) {
            return .service(service)
        }
        return pods.first { $0.ip == address && !$0.hostNetwork && $0.isLive }.map { .pod($0) }
    }
}
