import JSON

/// What the sandbox answers to one request.
package enum SandboxAnswer: Sendable {
    case response(SandboxResponse)
    /// A stream of events that stays open; the server feeds it from `SandboxCluster.takeChanges`.
    case watch(SandboxWatch)
    /// The response comes only after this time.
    case slow(SandboxResponse, Duration)
    /// The connection is reset; what the request asked for is done, or is not.
    case lost
}

package struct SandboxResponse: Sendable {
    package var status: Int
    package var contentType: String
    /// Texts of `Warning: 299` headers.
    package var warnings: [String]
    package var body: [UInt8]
    /// `Retry-After`, in seconds.
    package var retryAfter: Int?

    package init(
        status: Int = 200, contentType: String = "application/json", warnings: [String] = [],
        body: [UInt8] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.warnings = warnings
        self.body = body
    }

    init(_ document: JSONValue, status: Int = 200, warnings: [String] = []) {
        self.init(status: status, warnings: warnings, body: document.canonicalBytes)
    }

    init(text: String, status: Int = 200) {
        self.init(
            status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// How an API server answers a path that it has no handler for, such as an absent CRD's.
    static let pageNotFound = SandboxResponse(text: "404 page not found\n", status: 404)
}
