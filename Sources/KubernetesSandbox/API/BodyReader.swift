import Diagnostics
import JSON
import YAML

/// Request bodies as documents.
enum BodyReader {
    /// A JSON object, or YAML where the media type says so.
    static func document(
        _ request: SandboxRequest, for resource: SandboxResource?
    ) throws(APIStatus) -> JSONValue {
        switch request.mediaType {
        case "", "application/json", "application/x-www-form-urlencoded":
            return try json(request.body, for: resource)
        case "application/yaml": return try yaml(request.body)
        default:
            throw .unsupportedMediaType(accepted: ["application/json", "application/yaml"])
        }
    }

    static func json(
        _ bytes: [UInt8], for resource: SandboxResource?
    ) throws(APIStatus) -> JSONValue {
        let parsed: JSONValue?
        do { parsed = try JSONValue(parsing: bytes) } catch { parsed = nil }
        guard let parsed, parsed.object != nil else {
            let kind = resource?.kind ?? "Status"
            throw .badRequest(
                "the object provided is unrecognized (must be of type \(kind)): couldn't get "
                    + "version/kind; json parse error (\(excerpt(bytes)))")
        }
        return parsed
    }

    /// YAML, of which JSON is a part.
    static func yaml(_ bytes: [UInt8]) throws(APIStatus) -> JSONValue {
        if let parsed = try? JSONValue(parsing: bytes), parsed.object != nil { return parsed }
        let documents: [YAMLNode]
        do throws(YAMLError) {
            documents = try YAMLReader.documents(in: bytes, name: "body")
        } catch {
            throw .badRequest(
                "error decoding YAML: \(error.diagnostics.first?.message ?? excerpt(bytes))")
        }
        guard documents.count == 1, let parsed = documents.first?.json(), parsed.object != nil
        else { throw .badRequest("error decoding YAML: the body is not one mapping") }
        return parsed
    }

    static func excerpt(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(40), as: UTF8.self)
    }
}
