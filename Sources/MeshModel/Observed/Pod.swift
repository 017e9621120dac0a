package import Timing

/// A live pod, reduced to what decides its data plane and its rollout.
package struct Pod: Sendable, Hashable {
    package var meta: ObjectMeta
    package var owner: OwnerReference?
    package var hostNetwork: Bool
    /// Empty while the pod is not bound to a node.
    package var nodeName: String
    /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`; a pod without status counts as Running.
    package var phase: String
    package var isReady: Bool
    /// Empty where it has none yet, or none is known.
    package var ip: String
    /// Whether it came without a status, as manifests do, and is only taken to run and to be ready.
    package var isAssumedReady: Bool
    /// Not there yet: as its controller would make it.
    package var isTemplate = false
    package var containers: [Container]
    package var initContainers: [Container]
    /// Services that its containers name. Empty for a pod of a controller, whose template has them.
    package var references: [HostReference]

    package init(
        meta: ObjectMeta, owner: OwnerReference? = nil, hostNetwork: Bool = false,
        nodeName: String = "", phase: String = "Running", isReady: Bool = true,
        ip: String = "", isAssumedReady: Bool = false,
        containers: [Container] = [], initContainers: [Container] = [],
        references: [HostReference] = []
    ) {
        self.meta = meta
        self.owner = owner
        self.hostNetwork = hostNetwork
        self.nodeName = nodeName
        self.phase = phase
        self.isReady = isReady
        self.ip = ip
        self.isAssumedReady = isAssumedReady
        self.containers = containers
        self.initContainers = initContainers
        self.references = references
    }
}

package struct Container: Sendable, Hashable {
    package struct Port: Sendable, Hashable {
        package var name: String
        package var number: Int

        package init(name: String = "", number: Int) {
            self.name = name
            self.number = number
        }
    }

    /// A liveness, readiness or startup probe that goes over the network; `exec` is none.
    package struct Probe: Sendable, Hashable {
        package var port: ServicePort.Target
        /// Of `httpGet`; empty for other handlers.
        package var path: String

        package init(port: ServicePort.Target, path: String = "") {
            self.port = port
            self.path = path
        }
    }

    package var name: String
    package var image: String
    package var ports: [Port]
    package var probes: [Probe]
    /// Since when its present process runs; nil where it does not run, or no status says so.
    package var runningSince: Timestamp?

    package init(name: String, image: String = "", ports: [Port] = [], probes: [Probe] = []) {
        self.name = name
        self.image = image
        self.ports = ports
        self.probes = probes
    }
}
