import JSON

/// A failed request as Kubernetes tells it: `metav1.Status`.
struct APIStatus: Error, Hashable {
    var code: Int
    var reason: String
    var message: String
    var details: JSONValue?
    /// `metadata.continue`, which only an expired list carries.
    var continueToken: String?

    struct Cause: Hashable {
        var reason: String
        var message: String
        var field: String

        var document: JSONValue {
            ["reason": .string(reason), "message": .string(message), "field": .string(field)]
        }
    }

    var document: JSONValue {
        var status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message), "reason": .string(reason), "code": .integer(Int64(code)),
        ]
        status["details"] = details
        if let continueToken { status["metadata"] = ["continue": .string(continueToken)] }
        return status
    }

    var response: SandboxResponse { SandboxResponse(document, status: code) }
}

extension APIStatus {
    static func badRequest(_ message: String) -> APIStatus {
        APIStatus(code: 400, reason: "BadRequest", message: message)
    }

    static func notFound(_ resource: SandboxResource, _ name: String) -> APIStatus {
        APIStatus(
            code: 404, reason: "NotFound",
            message: "\(resource.qualifiedName) \"\(name)\" not found",
            details: resource.details(name))
    }

    static let unknownResource = APIStatus(
        code: 404, reason: "NotFound",
        message: "the server could not find the requested resource", details: [:])

    static func alreadyExists(_ resource: SandboxResource, _ name: String) -> APIStatus {
        APIStatus(
            code: 409, reason: "AlreadyExists",
            message: "\(resource.qualifiedName) \"\(name)\" already exists",
            details: resource.details(name))
    }

    static func conflict(_ resource: SandboxResource, _ name: String, _ why: String) -> APIStatus {
        APIStatus(
            code: 409, reason: "Conflict",
            message:
                "Operation cannot be fulfilled on \(resource.qualifiedName) \"\(name)\": \(why)",
            details: resource.details(name))
    }

    static let modified =
        "the object has been modified; please apply your changes to the latest version and try again"

    /// A delete precondition that does not hold names the kind rather than the resource.
    static func precondition(
        _ resource: SandboxResource, _ name: String, _ why: String
    ) -> APIStatus {
        let kind = resource.group.isEmpty ? resource.kind : "\(resource.kind).\(resource.group)"
        return APIStatus(
            code: 409, reason: "Conflict",
            message: "Operation cannot be fulfilled on \(kind) \"\(name)\": \(why)",
            details: resource.details(name, kind: resource.kind))
    }

    static func applyConflict(_ causes: [Cause], _ message: String) -> APIStatus {
        APIStatus(
            code: 409, reason: "Conflict", message: message,
            details: ["causes": .array(causes.map(\.document))])
    }

    static func invalid(
        _ resource: SandboxResource, _ name: String, _ causes: [Cause]
    ) -> APIStatus {
        let kind = resource.group.isEmpty ? resource.kind : "\(resource.kind).\(resource.group)"
        let texts = causes.map { "\($0.field): \($0.message)" }
        let unique = texts.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let all = unique.count == 1 ? unique[0] : "[\(unique.joined(separator: ", "))]"
        var details = resource.details(name, kind: resource.kind)
        details["causes"] = .array(causes.map(\.document))
        return APIStatus(
            code: 422, reason: "Invalid", message: "\(kind) \"\(name)\" is invalid: \(all)",
            details: details)
    }

    static func forbidden(
        _ resource: SandboxResource, _ name: String, _ why: String, causes: [Cause] = []
    ) -> APIStatus {
        var details = resource.details(name)
        if !causes.isEmpty { details["causes"] = .array(causes.map(\.document)) }
        let object = name.isEmpty ? resource.qualifiedName : "\(resource.qualifiedName) \"\(name)\""
        return APIStatus(
            code: 403, reason: "Forbidden", message: "\(object) is forbidden: \(why)",
            details: details)
    }

    static let methodNotAllowed = APIStatus(
        code: 405, reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource", details: [:])

    static func unsupportedMediaType(accepted: [String]) -> APIStatus {
        APIStatus(
            code: 415, reason: "UnsupportedMediaType",
            message: "the body of the request was in an unknown format - accepted media types "
                + "include: " + accepted.joined(separator: ", "))
    }

    static let notAcceptable = APIStatus(
        code: 406, reason: "NotAcceptable",
        message: "406: Not Acceptable\n\nAvailable representations: application/json", details: [:])

    /// What a fault answers: the words of an API server where it has some for the code.
    static func fault(_ code: Int) -> APIStatus {
        switch code {
        case 429:
            APIStatus(
                code: code, reason: "TooManyRequests",
                message: "Too many requests, please try again later.",
                details: ["retryAfterSeconds": 1])
        case 500: .internalError("etcdserver: request timed out")
        case 503:
            APIStatus(
                code: code, reason: "ServiceUnavailable",
                message: "the server is currently unable to handle the request")
        case 504:
            APIStatus(
                code: code, reason: "Timeout",
                message: "Timeout: request did not complete within the allotted timeout")
        default:
            APIStatus(
                code: code, reason: faultReasons[code] ?? (code < 500 ? "" : "InternalError"),
                message: "the sandbox was told to answer \(code)")
        }
    }

    private static let faultReasons = [
        401: "Unauthorized", 403: "Forbidden", 404: "NotFound",
        405: "MethodNotAllowed", 409: "Conflict", 410: "Expired",
    ]

    static let unauthorized = APIStatus(
        code: 401, reason: "Unauthorized", message: "Unauthorized")

    static func expired(_ message: String, continueToken: String? = nil) -> APIStatus {
        APIStatus(code: 410, reason: "Expired", message: message, continueToken: continueToken)
    }

    static func internalError(_ message: String) -> APIStatus {
        APIStatus(
            code: 500, reason: "InternalError", message: "Internal error occurred: \(message)",
            details: ["causes": [["message": .string(message)]]])
    }
}

extension SandboxResource {
    /// `details` of a Status about one object.
    func details(_ name: String, kind: String? = nil) -> JSONValue {
        var details: JSONValue = ["kind": .string(kind ?? plural)]
        if !name.isEmpty { details["name"] = .string(name) }
        if !group.isEmpty { details["group"] = .string(group) }
        return details
    }
}
