package import MeshModel
import Telemetry
package import Timing

/// Who is who in telemetry: pods by name and address, and workloads by the bare names that counters have.
package struct FlowParties: Sendable {
    /// All pods that counters call by one name: a controller's, or a bare pod.
    struct Party: Sendable {
        enum ID: Hashable {
            case workload(WorkloadID)
            case pod(namespace: String, name: String)
        }

        var id: ID
        var pods: [Pod]

        var client: ObservedFlow.Client {
            switch id {
            case .workload(let id): .workload(id)
            case .pod(let namespace, let name): .pod(namespace: namespace, name: name)
            }
        }

        func server(port: Int) -> ObservedFlow.Server {
            switch id {
            case .workload(let id): .workload(id, port: port)
            case .pod(let namespace, let name): .pod(namespace: namespace, name: name, port: port)
            }
        }

        /// Whether something of the mesh counts what reaches it.
        var hasProxy: Bool {
            pods.contains { $0.isLive && $0.dataplane != .none }
        }
    }

    private var podsByName: [String: Pod] = [:]
    /// Those that have it, and those that had it before, the youngest first.
    private var podsByAddress: [String: [Pod]] = [:]
    private var nodesByAddress: [String: String] = [:]
    /// By `namespace/name`; several where controllers of different kinds have one name.
    private var parties: [String: [Party]] = [:]
    private let services: [String: [Service]]
    private let index: WorkloadIndex
    private let watchedSince: Timestamp?

    /// - Parameters:
    ///   - departed: pods that were there before, and may have sent what is read now.
    ///   - watchedSince: since when it is known who comes and goes; nil for all time. What came before from an
    ///     address that is nobody's now came from somebody who is not known.
    package init(
        _ state: MeshState, departed: [Pod] = [], watchedSince: Timestamp? = nil
    ) {
        index = WorkloadIndex(state)
        services = Dictionary(grouping: state.flows.services, by: \.meta.namespace)
        self.watchedSince = watchedSince
        var groups: [Party.ID: [Pod]] = [:]
        for pod in departed { podsByName[pod.meta.text] = pod }
        for pod in state.pods {
            podsByName[pod.meta.text] = pod
            groups[id(of: pod), default: []].append(pod)
        }
        for pod in departed + state.pods where !pod.ip.isEmpty {
            if pod.hostNetwork {
                nodesByAddress[pod.ip] = pod.nodeName
            } else {
                podsByAddress[pod.ip, default: []].append(pod)
            }
        }
        for (address, pods) in podsByAddress where pods.count > 1 {
            podsByAddress[address] = pods.sorted {
                $0.meta.creationTimestamp > $1.meta.creationTimestamp
            }
        }
        for (id, pods) in groups {
            guard let pod = pods.first else { continue }
            parties[name(of: pod), default: []].append(Party(id: id, pods: pods))
        }
    }

    private func id(of pod: Pod) -> Party.ID {
        index.controller(of: pod).map { .workload($0) }
            ?? .pod(namespace: pod.meta.namespace, name: pod.meta.name)
    }

    /// Of one that has gone, with the pods that are there in its place.
    func party(of pod: Pod) -> Party {
        let id = id(of: pod)
        return parties[name(of: pod)]?.first { $0.id == id } ?? Party(id: id, pods: [])
    }

    /// As counters call the pod's workload.
    func name(of pod: Pod) -> String {
        "\(pod.meta.namespace)/\(index.controller(of: pod)?.name ?? pod.meta.name)"
    }

    func pod(_ name: LoggedPod) -> Pod? {
        podsByName["\(name.namespace)/\(name.name)"]
    }

    /// Who had the address at this time.
    func pod(at address: String, _ time: Timestamp) -> Pod? {
        // As Kubernetes writes creation times; clocks may differ by seconds.
        let latest = (time + .seconds(5)).rfc3339
        return podsByAddress[address]?.first { $0.meta.creationTimestamp <= latest }
    }

    /// Who sent from an address that was no pod's.
    func stranger(at address: String, _ time: Timestamp) -> ObservedFlow.Client {
        if let node = nodesByAddress[address] { return .node(node) }
        if let watchedSince, time < watchedSince { return .unknown }
        return .address(address)
    }

    /// nil where nobody is called so, or several kinds of controllers are.
    func party(_ end: TrafficCounters.End) -> Party? {
        guard end.isKnown, let found = parties["\(end.namespace)/\(end.workload)"] else {
            return nil
        }
        if found.count == 1 { return found.first }
        let live = found.filter { $0.pods.contains(where: \.isLive) }
        return live.count == 1 ? live.first : nil
    }

    // MARK: - Servers

    /// The only server that these counts can mean: the Service's one port, or else the one port that the workload
    /// serves. nil where there are several, or none is known.
    func onlyServer(_ key: CarriedTraffic.Key) -> ObservedFlow.Server? {
        let party = party(key.destination)
        if let service = service(key.service) {
            let ports = service.ports.filter { port in
                port.transport == "TCP"
                    && party?.pods.contains { pod in
                        port.resolved(on: pod).map { Self.counts($0, at: pod, key) } ?? false
                    } ?? true
            }
            if ports.count == 1 { return Self.server(service, ports[0]) }
        }
        guard let party, let pod = party.pods.first(where: \.isLive) ?? party.pods.first else {
            return nil
        }
        let ports = servedPorts(of: pod).filter { Self.counts($0, at: pod, key) }
        return ports.count == 1 ? ports.first.map(party.server(port:)) : nil
    }

    /// Whether a port's connections can be among these: a sidecar counts only what is handed to it.
    private static func counts(_ port: Int, at pod: Pod, _ key: CarriedTraffic.Key) -> Bool {
        !key.isInbound || pod.dataplane != .sidecar
            || Interception.takesInbound(port: port, of: pod)
    }

    /// The server behind a container port, as the Service through which it was called where that is known.
    func server(_ party: Party, port: Int, service host: String) -> ObservedFlow.Server {
        if let service = service(host) {
            let ports = ports(of: service, leadingTo: port, of: party)
            if ports.count == 1 { return Self.server(service, ports[0]) }
        }
        return party.server(port: port)
    }

    /// Whether calls of this Service can reach this container port; any can where the Service is not known.
    func canLead(_ host: String, to port: Int, of party: Party) -> Bool {
        guard let service = service(host) else { return true }
        return !ports(of: service, leadingTo: port, of: party).isEmpty
    }

    private func ports(
        of service: Service, leadingTo port: Int, of party: Party
    ) -> [ServicePort] {
        service.ports.filter { candidate in
            candidate.transport == "TCP"
                && party.pods.contains { candidate.resolved(on: $0) == port }
        }
    }

    private func service(_ host: String) -> Service? {
        ServiceHost(host).flatMap { host in
            services[host.namespace]?.first { $0.meta.name == host.name }
        }
    }

    private static func server(_ service: Service, _ port: ServicePort) -> ObservedFlow.Server {
        .service(
            namespace: service.meta.namespace, name: service.meta.name, port: port.number)
    }

    /// Container ports that it declares, or that Services lead to.
    private func servedPorts(of pod: Pod) -> Set<Int> {
        var ports = Set(
            pod.containers.filter { $0.name != "istio-proxy" }.flatMap(\.ports).map(\.number))
        for service in services[pod.meta.namespace] ?? []
        where !service.selector.isEmpty
            && LabelSelector(service.selector).matches(pod.meta.labels)
        {
            ports.formUnion(service.ports.compactMap { $0.resolved(on: pod) })
        }
        return ports
    }
}
