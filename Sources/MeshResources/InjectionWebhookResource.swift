package import MeshModel

/// A MutatingWebhookConfiguration: which revision of the injector it calls, and for which pods.
package struct InjectionWebhookResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, webhooks }

    private struct Webhook: Decodable {
        var name: String?
        var namespaceSelector: SelectorResource?
        var objectSelector: SelectorResource?
    }

    package let meta: ObjectMeta
    private let webhooks: [Webhook]

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        meta = try container.decode(MetadataResource.self, forKey: .metadata)
            .meta(defaultNamespace: "")
        webhooks = try container.decodeIfPresent([Webhook].self, forKey: .webhooks) ?? []
    }

    /// The revision or tag that the webhook serves; nil when it is not Istio's injector
    /// (istio `revision-tags-mwc.yaml`: label `istio.io/tag` beside `istio.io/rev`).
    package var served: String? {
        guard meta.labels["app"] == "sidecar-injector" else { return nil }
        return meta.labels["istio.io/tag"] ?? meta.labels["istio.io/rev"] ?? "default"
    }

    /// nil when it is not Istio's injector, and where the webhooks are not in the input.
    package var injector: InjectorWebhooks? {
        guard let served, !webhooks.isEmpty else { return nil }
        return InjectorWebhooks(
            name: meta.name, served: served, revision: meta.labels["istio.io/rev"] ?? "default",
            webhooks: webhooks.map { webhook in
                InjectorWebhooks.Webhook(
                    name: webhook.name ?? "",
                    namespaceSelector: webhook.namespaceSelector?.selector ?? PodSelector(),
                    objectSelector: webhook.objectSelector?.selector ?? PodSelector())
            })
    }
}
