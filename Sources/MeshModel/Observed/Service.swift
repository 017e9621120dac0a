/// A Service, `v1`, reduced to what decides how clients reach its pods.
package struct Service: Sendable, Hashable {
    package var meta: ObjectMeta
    /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
    package var type: String
    /// `None` for a headless Service; empty where it is not known, as in manifests.
    package var clusterIP: String
    /// Empty for a Service whose endpoints somebody else writes.
    package var selector: [String: String]
    package var ports: [ServicePort]
    package var publishesNotReady: Bool

    package init(
        meta: ObjectMeta, type: String = "ClusterIP", clusterIP: String = "",
        selector: [String: String] = [:], ports: [ServicePort] = [],
        publishesNotReady: Bool = false
    ) {
        self.meta = meta
        self.type = type
        self.clusterIP = clusterIP
        self.selector = selector
        self.ports = ports
        self.publishesNotReady = publishesNotReady
    }

    package var isHeadless: Bool { clusterIP == "None" }

    /// Whether proxies of this namespace know it: the annotation `networking.istio.io/exportTo`, everywhere
    /// without it (istio `pilot/pkg/serviceregistry/kube/conversion.go:ConvertService`). ztunnel does not ask.
    package func isExported(to namespace: String) -> Bool {
        guard let list = meta.annotations["networking.istio.io/exportTo"] else { return true }
        return list.split(separator: ",").map { $0.filter { !$0.isWhitespace } }.contains { entry in
            switch entry {
            case "*": true
            case ".": namespace == meta.namespace
            default: entry == namespace
            }
        }
    }

    package var isExternalName: Bool { type == "ExternalName" }

    /// As Istio's registry calls it. The cluster's domain is taken to be Kubernetes' default.
    package var host: String { "\(meta.name).\(meta.namespace).svc.cluster.local" }

    /// One number may be there for TCP and for UDP, as for DNS: TCP is meant then.
    package func port(_ number: Int) -> ServicePort? {
        let found = ports.filter { $0.number == number }
        return found.first { $0.transport != "UDP" } ?? found.first
    }
}

package struct ServicePort: Sendable, Hashable {
    /// Where it leads in a pod: a number, or the name of a container's port.
    package enum Target: Sendable, Hashable {
        case number(Int)
        case name(String)
    }

    package var name: String
    package var number: Int
    /// `TCP`, `UDP`, `SCTP`.
    package var transport: String
    package var appProtocol: String?
    package var target: Target
    /// The port on every node; nil where it has none, or none yet.
    package var nodePort: Int?

    /// - Parameter target: nil for the same number.
    package init(
        name: String = "", number: Int, transport: String = "TCP", appProtocol: String? = nil,
        target: Target? = nil, nodePort: Int? = nil
    ) {
        self.name = name
        self.number = number
        self.transport = transport
        self.appProtocol = appProtocol
        self.target = target ?? .number(number)
        self.nodePort = nodePort
    }

    /// The container port of this pod; nil where it has none of that name.
    package func resolved(on pod: Pod) -> Int? {
        switch target {
        case .number(let number): number
        case .name(let name):
            (pod.containers + pod.initContainers).flatMap(\.ports).first { $0.name == name }?.number
        }
    }
}
