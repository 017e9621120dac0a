import MeshModel

/// A MutatingWebhookConfiguration: only which revision of the injector it calls.
struct InjectionWebhookResource: Decodable {
    private enum Keys: String, CodingKey { case metadata }

    let meta: ObjectMeta

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        meta = try container.decode(MetadataResource.self, forKey: .metadata)
            .meta(defaultNamespace: "")
    }

    /// The revision or tag that the webhook serves; nil when it is not Istio's injector
    /// (istio `revision-tags-mwc.yaml`: label `istio.io/tag` beside `istio.io/rev`).
    var served: String? {
        guard meta.labels["app"] == "sidecar-injector" else { return nil }
        return meta.labels["istio.io/tag"] ?? meta.labels["istio.io/rev"] ?? "default"
    }
}
