package import JSON
package import MeshModel

/// A Service with these ports: `service("shop/cart", ports: [80])`.
package func service(_ path: String, ports: [Int]) -> MeshPart {
    let (namespace, name) = split(path)
    var part = MeshPart()
    part.flows.services = [
        Service(
            meta: ObjectMeta(name: name, namespace: namespace, uid: "svc-\(path)"),
            clusterIP: "10.0.0.1", selector: ["app": name],
            ports: ports.map { ServicePort(number: $0) })
    ]
    return part
}

/// A DestinationRule with this `trafficPolicy`.
package func destinationRule(
    _ path: String, host: String, _ trafficPolicy: JSONValue? = nil,
    selector: [String: String]? = nil, labels: [String: String] = [:],
    created: String = "2020-02-02T02:02:02Z", managedFields: [ManagedFields] = []
) throws -> MeshPart {
    var spec: JSONValue = ["host": .string(host)]
    spec["trafficPolicy"] = trafficPolicy
    if let selector { spec["workloadSelector"] = ["matchLabels": JSONValue(selector)] }
    var part = MeshPart()
    part.flows.destinationRules = [
        try DestinationRule(meta: meta("dr", path, labels, created, managedFields), spec: spec)
    ]
    return part
}

package func serviceEntry(
    _ path: String, _ spec: JSONValue, labels: [String: String] = [:],
    created: String = "2020-02-02T02:02:02Z"
) throws -> MeshPart {
    var part = MeshPart()
    part.flows.serviceEntries = [
        try ServiceEntry(meta: meta("se", path, labels, created, []), spec: spec)
    ]
    return part
}

/// A `Sidecar`.
package func sidecarScope(
    _ path: String, _ spec: JSONValue, labels: [String: String] = [:],
    created: String = "2020-02-02T02:02:02Z"
) throws -> MeshPart {
    var part = MeshPart()
    part.flows.sidecarScopes = [
        try SidecarScope(meta: meta("sc", path, labels, created, []), spec: spec)
    ]
    return part
}

package func client(
    _ host: String, _ ports: [Int: ClientTLSMode], adopt: Bool = false
) -> ClientEntry {
    var entry = ClientEntry(host: host, ports: ports)
    entry.adopt = adopt
    return entry
}

package func external(
    _ host: String, in namespace: String, port: Int, _ protocolName: String = "HTTP",
    to target: Int? = nil, tls: ExternalEntry.TLS? = nil, adopt: Bool = false
) -> ExternalEntry {
    var entry = ExternalEntry(
        host: host, namespace: namespace, port: port, protocol: protocolName)
    entry.targetPort = target
    entry.tls = tls
    entry.adopt = adopt
    return entry
}

private func meta(
    _ kind: String, _ path: String, _ labels: [String: String], _ created: String,
    _ managedFields: [ManagedFields]
) -> ObjectMeta {
    let (namespace, name) = split(path)
    return ObjectMeta(
        name: name, namespace: namespace, uid: "\(kind)-\(path)", resourceVersion: "1",
        labels: labels, creationTimestamp: created, managedFields: managedFields)
}
