import JSON

extension SandboxCluster {
    private static let slices = SandboxResource.named("endpointslices.discovery.k8s.io")

    /// Keeps one EndpointSlice and the older Endpoints object for a Service with a selector.
    mutating func reconcileEndpoints(_ namespace: String, _ name: String) {
        guard let service = object("services", namespace, name),
            let selector = service["spec"]?["selector"]?.stringMap, !selector.isEmpty
        else {
            if let left = object("endpoints", namespace, name) { erase(left, .named("endpoints")) }
            return
        }
        let pods = list("pods", in: namespace).filter { pod in
            pod["status"]?["podIP"] != nil && pod.isActivePod
                && selector.allSatisfy { pod.labels[$0.key] == $0.value }
        }
        keepSlice(of: service, pods)
        keepEndpoints(of: service, pods)
    }

    private mutating func keepSlice(of service: JSONValue, _ pods: [JSONValue]) {
        let endpoints = pods.map { pod -> JSONValue in
            [
                "addresses": [pod["status"]?["podIP"] ?? ""],
                "conditions": [
                    "ready": .bool(pod.isReadyPod), "serving": .bool(pod.isReadyPod),
                    "terminating": .bool(pod.isTerminating),
                ],
                "nodeName": pod["spec"]?["nodeName"] ?? "", "targetRef": reference(pod),
            ]
        }
        let ports = (service["spec"]?["ports"]?.array ?? []).map { port -> JSONValue in
            [
                "name": port["name"] ?? "", "protocol": port["protocol"] ?? "TCP",
                "port": targetPort(port, pods),
            ]
        }
        let owned = list(Self.slices.qualifiedName, in: service.namespaceName).first {
            $0.controllerReference?["uid"]?.string == service.uid
        }
        if let owned {
            modify(
                Self.slices, owned.namespaceName, owned.name, by: "kube-controller-manager",
                subresource: ""
            ) { slice in
                slice["endpoints"] = .array(endpoints)
                slice["ports"] = .array(ports)
            }
            return
        }
        make(
            Self.slices,
            [
                "metadata": [
                    "generateName": .string(service.name + "-"),
                    "labels": [
                        "kubernetes.io/service-name": .string(service.name),
                        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                    ],
                    "ownerReferences": [ownerReference(service)],
                ],
                "addressType": "IPv4", "endpoints": .array(endpoints), "ports": .array(ports),
            ], in: service.namespaceName)
    }

    private mutating func keepEndpoints(of service: JSONValue, _ pods: [JSONValue]) {
        func addresses(_ pods: [JSONValue]) -> JSONValue? {
            guard !pods.isEmpty else { return nil }
            return .array(
                pods.map { pod in
                    [
                        "ip": pod["status"]?["podIP"] ?? "",
                        "nodeName": pod["spec"]?["nodeName"] ?? "", "targetRef": reference(pod),
                    ]
                })
        }
        var subset: JSONValue = [
            "ports": .array(
                (service["spec"]?["ports"]?.array ?? []).map { port in
                    [
                        "name": port["name"] ?? "", "protocol": port["protocol"] ?? "TCP",
                        "port": targetPort(port, pods),
                    ]
                })
        ]
        subset["addresses"] = addresses(pods.filter(\.isReadyPod))
        subset["notReadyAddresses"] = addresses(pods.filter { !$0.isReadyPod })
        let subsets: JSONValue = pods.isEmpty ? [] : [subset]
        let resource = SandboxResource.named("endpoints")
        if object("endpoints", service.namespaceName, service.name) == nil {
            make(
                resource, ["metadata": ["name": .string(service.name)], "subsets": subsets],
                in: service.namespaceName)
        } else {
            modify(
                resource, service.namespaceName, service.name, by: "kube-controller-manager",
                subresource: ""
            ) { $0["subsets"] = subsets }
        }
    }

    private func reference(_ pod: JSONValue) -> JSONValue {
        [
            "kind": "Pod", "name": .string(pod.name), "namespace": .string(pod.namespaceName),
            "uid": .string(pod.uid),
        ]
    }

    /// A named target port is looked up in the pods' containers.
    private func targetPort(_ port: JSONValue, _ pods: [JSONValue]) -> JSONValue {
        let target = port["targetPort"] ?? port["port"] ?? 0
        guard let name = target.string else { return target }
        let named = pods.first?["spec"]?["containers"]?.array?
            .flatMap { $0["ports"]?.array ?? [] }.first { $0["name"]?.string == name }
        return named?["containerPort"] ?? port["port"] ?? 0
    }
}
