import Foundation

/// A failure in the API server's words: `metav1.Status`, or what could be made of an answer that is none.
///
/// Source: `staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go` in Kubernetes.
package struct APIStatus: Error, Sendable, Hashable {
    package struct Cause: Sendable, Hashable {
        /// Such as `FieldValueInvalid`, `FieldManagerConflict`.
        package var reason: String
        package var message: String
        /// Such as `spec.mtls.mode`.
        package var field: String
    }

    package struct Details: Sendable, Hashable {
        package var group: String
        /// A plural or a kind: the API server uses both.
        package var kind: String
        package var name: String
        package var uid: String
        package var causes: [Cause]
    }

    /// The HTTP status.
    package var code: Int
    /// Such as `NotFound`; empty when the server gave none and the code implies none.
    package var reason: String
    package var message: String
    package var details: Details?
    /// From the body, else from `Retry-After`.
    package var retryAfterSeconds: Int?
    /// The answer was a Kubernetes Status, not a page of something in between.
    package var isFromAPIServer: Bool
    package var call: APICall
}

extension APIStatus {
    package var isUnauthorized: Bool { code == 401 }
    package var isForbidden: Bool { code == 403 }
    package var isNotFound: Bool { code == 404 }
    package var isAlreadyExists: Bool { reason == "AlreadyExists" }
    /// The object moved on, or another field manager owns a field: read again, never force.
    package var isConflict: Bool { code == 409 && !isAlreadyExists }
    package var isInvalid: Bool { code == 422 }
    /// The list's continuation, or the watched resourceVersion, is too old.
    package var isExpired: Bool { code == 410 }
    package var isTooManyRequests: Bool { code == 429 }

    /// It may be gone when the same request is sent later.
    package var isTransient: Bool {
        switch code {
        case 429, 502, 503, 504: true
        case 500: !isWebhookFailure
        default: false
        }
    }

    /// The fields that other managers own, where a server-side apply was refused for them.
    package var fieldManagerConflicts: [Cause] {
        details?.causes.filter { $0.reason == "FieldManagerConflict" } ?? []
    }

    /// A patch named a uid, and the object that bears the name now has another: it was recreated.
    package var isUIDMismatch: Bool {
        isInvalid && details?.causes.contains { $0.field == "metadata.uid" } == true
    }

    package var isNamespaceTerminating: Bool {
        details?.causes.contains { $0.reason == "NamespaceTerminating" } == true
    }

    /// The API server could not reach an admission webhook, such as istiod's, and so refused the write.
    package var isWebhookFailure: Bool {
        code == 500 && message.contains("failed calling webhook")
    }

    /// Precisely the object of the call is missing, rather than its resource, its namespace, or the
    /// whole API.
    package var isMissingObject: Bool {
        guard isNotFound, isFromAPIServer, let name = call.name, let details else { return false }
        guard details.name == name, let resource = call.resource else { return false }
        return details.kind == resource.plural || details.kind == resource.kind
    }

    /// The write may have been done nevertheless: the server failed somewhere on its way.
    package var leavesInDoubt: Bool { code >= 500 && !isWebhookFailure }
}

extension APIStatus {
    /// Reads the body of a failure; anything that is no Status is quoted, shortened.
    package init(code: Int, body: [UInt8], retryAfter: String?, call: APICall) {
        let wire = try? JSONDecoder().decode(Wire.self, from: Data(body))
        let status = wire.flatMap { $0.kind == "Status" ? $0 : nil }
        self.init(
            code: code,
            reason: status?.reason ?? Self.reason(of: code),
            message: status?.message ?? Self.quotation(body),
            details: status?.details.map(Details.init),
            retryAfterSeconds: (status?.details?.retryAfterSeconds ?? retryAfter.flatMap { Int($0) })
                .flatMap { $0 > 0 ? $0 : nil },
            isFromAPIServer: status != nil, call: call)
    }

    /// The object of an `ERROR` event in a watch; nil when it is no Status.
    package init?(watchError body: [UInt8], call: APICall) {
        guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(body)),
            wire.kind == "Status"
        else { return nil }
        self.init(
            code: wire.code ?? 500, reason: wire.reason ?? "", message: wire.message ?? "",
            details: wire.details.map(Details.init),
            retryAfterSeconds: wire.details?.retryAfterSeconds, isFromAPIServer: true, call: call)
    }

    private static let longestQuotation = 1024

    private static func quotation(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(longestQuotation), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return body.count > longestQuotation ? text + "…" : text
    }

    /// As client-go's `NewGenericServerResponse`.
    private static func reason(of code: Int) -> String {
        switch code {
        case 400: "BadRequest"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "NotFound"
        case 405: "MethodNotAllowed"
        case 406: "NotAcceptable"
        case 409: "Conflict"
        case 410: "Expired"
        case 413: "RequestEntityTooLarge"
        case 415: "UnsupportedMediaType"
        case 422: "Invalid"
        case 429: "TooManyRequests"
        case 500: "InternalError"
        case 503: "ServiceUnavailable"
        case 504: "Timeout"
        default: ""
        }
    }

    private struct Wire: Decodable {
        var kind: String?
        var reason: String?
        var message: String?
        var code: Int?
        var details: WireDetails?
    }

    fileprivate struct WireDetails: Decodable {
        var group: String?
        var kind: String?
        var name: String?
        var uid: String?
        var causes: [WireCause]?
        var retryAfterSeconds: Int?
    }

    fileprivate struct WireCause: Decodable {
        var reason: String?
        var message: String?
        var field: String?
    }
}

extension APIStatus.Details {
    fileprivate init(_ wire: APIStatus.WireDetails) {
        self.init(
            group: wire.group ?? "", kind: wire.kind ?? "", name: wire.name ?? "",
            uid: wire.uid ?? "",
            causes: (wire.causes ?? []).map {
                APIStatus.Cause(
                    reason: $0.reason ?? "", message: $0.message ?? "", field: $0.field ?? "")
            })
    }
}
