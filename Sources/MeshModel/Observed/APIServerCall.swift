/// A Service that the API server itself calls, in TLS of its own: it has no proxy and no mesh certificate.
package struct APIServerCall: Sendable, Hashable {
    package enum Purpose: String, Sendable, Hashable {
        case mutatingWebhook = "MutatingWebhookConfiguration"
        case validatingWebhook = "ValidatingWebhookConfiguration"
        /// Conversion between the versions of a custom resource.
        case conversionWebhook = "CustomResourceDefinition"
        /// A group of the API that an aggregated server answers.
        case apiService = "APIService"
    }

    package var purpose: Purpose
    /// The name of the object that asks for the call.
    package var object: String
    /// The webhook within it; empty where there is but one.
    package var webhook: String
    package var namespace: String
    package var service: String
    /// A Service port.
    package var port: Int

    package init(
        purpose: Purpose, object: String, webhook: String = "", namespace: String,
        service: String, port: Int = 443
    ) {
        self.purpose = purpose
        self.object = object
        self.webhook = webhook
        self.namespace = namespace
        self.service = service
        self.port = port
    }
}
