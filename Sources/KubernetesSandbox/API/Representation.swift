import HTTPTypes
import JSON

/// How objects are shown, by the Accept header.
enum Representation: Sendable {
    case full
    /// `PartialObjectMetadata`
    case metadata
    /// `Table`, as `kubectl get` prints it
    case table

    /// The first media type that can be served.
    init(_ request: SandboxRequest) throws(APIStatus) {
        let accept = request.fields[.accept] ?? "application/json"
        for type in accept.split(separator: ",") {
            let parts = type.split(separator: ";").map { String($0).trimmingASCIISpace }
            let parameters = Set(parts.dropFirst())
            switch parts.first {
            case "application/json", "*/*", "application/*", "application/yaml":
                if let shape = parameters.first(where: { $0.hasPrefix("as=") }) {
                    switch shape {
                    case "as=Table": self = .table
                    case "as=PartialObjectMetadata", "as=PartialObjectMetadataList":
                        self = .metadata
                    default: continue
                    }
                    return
                }
                self = .full
                return
            default: continue
            }
        }
        throw .notAcceptable
    }

    static func partial(_ object: JSONValue) -> JSONValue {
        [
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
            "metadata": object.metadata,
        ]
    }
}
