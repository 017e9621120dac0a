package import MeshModel

/// An Ingress, `networking.k8s.io/v1`.
package struct IngressResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        struct Port: Decodable {
            var number: Int?
            var name: String?
        }
        struct Service: Decodable {
            var name: String?
            var port: Port?
        }
        struct Backend: Decodable { var service: Service? }
        struct Path: Decodable { var backend: Backend? }
        struct HTTP: Decodable { var paths: [Path]? }
        struct Rule: Decodable { var http: HTTP? }

        var ingressClassName: String?
        var defaultBackend: Backend?
        var rules: [Rule]?
    }

    package let ingress: Ingress

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        let meta = metadata.meta(defaultNamespace: "default")
        let paths = (spec?.rules ?? []).flatMap { $0.http?.paths ?? [] }
        ingress = Ingress(
            meta: meta,
            className: spec?.ingressClassName ?? meta.annotations["kubernetes.io/ingress.class"],
            backends: ([spec?.defaultBackend] + paths.map(\.backend)).compactMap { backend in
                guard let service = backend?.service, let name = service.name else { return nil }
                let port: ServiceBackend.Port =
                    service.port?.number.map { .number($0) } ?? service.port?.name.map { .name($0) }
                    ?? .only
                return ServiceBackend(namespace: meta.namespace, name: name, port: port)
            })
    }
}

/// An IngressClass, `networking.k8s.io/v1`.
package struct IngressClassResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec }

    private struct Spec: Decodable {
        struct Parameters: Decodable {
            var name: String?
            var namespace: String?
        }
        var controller: String?
        var parameters: Parameters?
    }

    package let ingressClass: IngressClass

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        ingressClass = IngressClass(
            meta: metadata.meta(defaultNamespace: ""), controller: spec?.controller ?? "",
            parameters: spec?.parameters.flatMap { parameters in
                parameters.name.map {
                    IngressClass.Parameters(name: $0, namespace: parameters.namespace)
                }
            })
    }
}
