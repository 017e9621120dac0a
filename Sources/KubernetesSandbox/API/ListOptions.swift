import Foundation
import JSON

/// Paging and version parameters of a list or watch.
struct ListOptions {
    var limit: Int?
    var token: ContinueToken?
    /// `resourceVersion` with `resourceVersionMatch=Exact`.
    var exactly: Int64?
    /// `resourceVersion` as a watch takes it.
    var since: Int64?

    init(_ request: SandboxRequest) throws(APIStatus) {
        limit = request.parameter("limit").flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
        if let text = request.parameter("resourceVersion") {
            guard let number = Int64(text), number >= 0 else {
                throw .badRequest("Invalid value: \"\(text)\": strconv.ParseUint: invalid syntax")
            }
            since = number
        }
        let match = request.parameter("resourceVersionMatch")
        if match != nil, since == nil, request.parameter("sendInitialEvents") == nil {
            throw Self.invalid(
                "resourceVersionMatch",
                "resourceVersionMatch is forbidden unless resourceVersion is provided")
        }
        if match == "Exact", let since, since > 0 { exactly = since }
        if let text = request.parameter("continue") {
            guard let token = ContinueToken(text) else {
                throw .badRequest("invalid continue token: continue key is not valid")
            }
            self.token = token
        }
    }

    private static func invalid(_ field: String, _ why: String) -> APIStatus {
        let message = "Forbidden: \(why)"
        return APIStatus(
            code: 422, reason: "Invalid",
            message: "ListOptions.meta.k8s.io \"\" is invalid: \(field): \(message)",
            details: [
                "group": "meta.k8s.io", "kind": "ListOptions",
                "causes": [
                    [
                        "reason": "FieldValueForbidden", "message": .string(message),
                        "field": .string(field),
                    ]
                ],
            ])
    }
}

/// Where the next page of a list starts, and as of which resourceVersion; shaped as the real ones are.
struct ContinueToken: Equatable {
    var resourceVersion: Int64
    /// `ObjectKey.path` of the last object that was shown.
    var start: String

    init(resourceVersion: Int64, start: String) {
        self.resourceVersion = resourceVersion
        self.start = start
    }

    init?(_ text: String) {
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64),
            let document = try? JSONValue(parsing: Array(data)),
            document["v"]?.string == "meta.k8s.io/v1", let version = document["rv"]?.integer,
            let start = document["start"]?.string, start.hasSuffix("\0")
        else { return nil }
        resourceVersion = version
        self.start = String(start.dropLast())
    }

    var text: String {
        let document: JSONValue = [
            "v": "meta.k8s.io/v1", "rv": .integer(resourceVersion), "start": .string(start + "\0"),
        ]
        return Data(document.canonicalBytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension ObjectKey {
    /// Sorts as the key does: `/NAMESPACE/NAME`.
    var path: String { namespace.isEmpty ? "/\(name)" : "/\(namespace)/\(name)" }
}
