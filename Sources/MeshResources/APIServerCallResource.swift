package import MeshModel

/// The Service of a `clientConfig`, or of an APIService; with a URL instead it is nobody of the cluster.
private struct CalledService: Decodable {
    var namespace: String?
    var name: String?
    var port: Int?

    func call(
        _ purpose: APIServerCall.Purpose, by object: String, webhook: String = ""
    ) -> APIServerCall? {
        guard let namespace, let name else { return nil }
        return APIServerCall(
            purpose: purpose, object: object, webhook: webhook, namespace: namespace,
            service: name, port: port ?? 443)
    }
}

private struct ClientConfig: Decodable { var service: CalledService? }

/// A Mutating- or ValidatingWebhookConfiguration, `admissionregistration.k8s.io/v1`: whom it calls.
package struct AdmissionWebhookResource: Decodable {
    private struct Webhook: Decodable {
        var name: String?
        var clientConfig: ClientConfig?
    }

    private var metadata: MetadataResource
    private var webhooks: [Webhook]?

    package func calls(_ purpose: APIServerCall.Purpose) -> [APIServerCall] {
        (webhooks ?? []).compactMap {
            $0.clientConfig?.service?.call(
                purpose, by: metadata.name ?? "", webhook: $0.name ?? "")
        }
    }
}

/// A MutatingWebhookConfiguration both as one that the API server calls and as a possible injector.
package struct MutatingWebhookResource: Decodable {
    package let injection: InjectionWebhookResource
    package let admission: AdmissionWebhookResource

    package init(from decoder: any Decoder) throws {
        injection = try InjectionWebhookResource(from: decoder)
        admission = try AdmissionWebhookResource(from: decoder)
    }
}

/// An APIService, `apiregistration.k8s.io/v1`.
package struct APIServiceResource: Decodable {
    private struct Spec: Decodable { var service: CalledService? }

    private var metadata: MetadataResource
    private var spec: Spec?

    /// nil for a group that the API server answers itself.
    package var call: APIServerCall? {
        spec?.service?.call(.apiService, by: metadata.name ?? "")
    }
}

/// A CustomResourceDefinition, `apiextensions.k8s.io/v1`: whom it calls to convert versions.
package struct ConversionWebhookResource: Decodable {
    private struct Webhook: Decodable { var clientConfig: ClientConfig? }
    private struct Conversion: Decodable { var webhook: Webhook? }
    private struct Spec: Decodable { var conversion: Conversion? }

    private var metadata: MetadataResource
    private var spec: Spec?

    package var call: APIServerCall? {
        spec?.conversion?.webhook?.clientConfig?.service?.call(
            .conversionWebhook, by: metadata.name ?? "")
    }
}
