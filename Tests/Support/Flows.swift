import MeshModel
package import MeshPlanning

/// A Service of the pods with these labels: `service("shop/cart", ["app": "cart"], port: 80, to: 8080)`.
package func service(
    _ path: String, _ selector: [String: String], port: Int = 80, to target: Int = 8080,
    name: String = "", type: String = "ClusterIP", isHeadless: Bool = false
) -> MeshPart {
    let (namespace, serviceName) = split(path)
    var part = MeshPart()
    part.flows.services = [
        Service(
            meta: ObjectMeta(name: serviceName, namespace: namespace), type: type,
            clusterIP: isHeadless ? "None" : "10.0.0.1", selector: selector,
            ports: [ServicePort(name: name, number: port, target: .number(target))])
    ]
    return part
}

/// A declared flow: `flow("shop/deployment/web", "shop/service/cart:80")`; `external` and `apiserver` too, and hosts.
package func flow(
    _ client: String, _ server: String, certainty: Flow.Certainty = .sure
) -> Flow {
    Flow(
        from: flowClient(client), to: flowServer(server), origin: .declared,
        certainty: certainty, because: "the test")
}

private func flowClient(_ text: String) -> Flow.Client {
    let parts = text.split(separator: "/").map(String.init)
    switch parts.count {
    case 1: return text == "apiserver" ? .apiServer : .external
    case 2: return .node(parts[1])
    default:
        if parts[1] == "pod" { return .pod(namespace: parts[0], name: parts[2]) }
        return .workload(workloadID(parts))
    }
}

private func flowServer(_ text: String) -> Flow.Server {
    let halves = text.split(separator: ":").map(String.init)
    let parts = halves[0].split(separator: "/").map(String.init)
    let port = Int(halves[1]) ?? 0
    guard parts.count == 3 else { return .host(halves[0], port: port) }
    switch parts[1] {
    case "service": return .service(namespace: parts[0], name: parts[2], port: port)
    case "pod": return .pod(namespace: parts[0], name: parts[2], port: port)
    default: return .workload(workloadID(parts), port: port)
    }
}

private func workloadID(_ parts: [String]) -> WorkloadID {
    let kind = WorkloadKind.allCases.first { $0.rawValue.lowercased() == parts[1] }
    return WorkloadID(namespace: parts[0], kind: kind ?? .deployment, name: parts[2])
}
