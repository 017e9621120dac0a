/// What is known of a host that is not the cluster's: nothing of the mesh stands before it.
enum OutsideReception {
    /// - Parameter leadsIntoMesh: a ServiceEntry says that the host is a workload of the mesh.
    static func decide(leadsIntoMesh: Bool, bytes: FlowBytes) -> Reception {
        if leadsIntoMesh { return Reception(.unknown, .hostInMesh) }
        return switch bytes {
        case .plaintext, .tls: Reception(.carried, .outsideHost)
        // Only a host with a certificate of the mesh's root completes the handshake.
        case .mtls, .hbone: Reception(.unknown, .mtlsToOutsideHost)
        }
    }
}
