extension MeshState {
    /// The same state with its lists in the order that plans are made in, by namespace, kind and name.
    package var sorted: MeshState {
        func byName(_ a: ObjectMeta, _ b: ObjectMeta) -> Bool {
            (a.namespace, a.name) < (b.namespace, b.name)
        }
        var sorted = self
        sorted.namespaces.sort { $0.name < $1.name }
        sorted.workloads.sort { $0.id < $1.id }
        sorted.pods.sort { byName($0.meta, $1.meta) }
        sorted.peerAuthentications.sort { byName($0.meta, $1.meta) }
        sorted.flows.services.sort { byName($0.meta, $1.meta) }
        sorted.flows.destinationRules.sort { byName($0.meta, $1.meta) }
        sorted.flows.serviceEntries.sort { byName($0.meta, $1.meta) }
        sorted.flows.sidecarScopes.sort { byName($0.meta, $1.meta) }
        sorted.surroundings.networkPolicies?.sort { byName($0.meta, $1.meta) }
        sorted.surroundings.authorizationPolicies?.sort { byName($0.meta, $1.meta) }
        sorted.surroundings.nodes?.sort { $0.name < $1.name }
        sorted.surroundings.controlPlanes?.sort { byName($0.meta, $1.meta) }
        return sorted
    }
}
