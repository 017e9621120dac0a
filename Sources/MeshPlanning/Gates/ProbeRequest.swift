/// A request from a short-lived pod of a listed namespace ends as expected.
package struct ProbeRequest: Sendable, Hashable, Codable {
    package var namespace: String
    package var image: String
    package var serviceAccount: String
    package var url: String
    package var expectsRefusal: Bool
    package var timeoutMilliseconds: Int64

    package init(
        namespace: String, image: String, serviceAccount: String, url: String,
        expectsRefusal: Bool, timeoutMilliseconds: Int64
    ) {
        self.namespace = namespace
        self.image = image
        self.serviceAccount = serviceAccount
        self.url = url
        self.expectsRefusal = expectsRefusal
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}
