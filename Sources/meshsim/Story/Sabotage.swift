import HTTPTypes
import JSON
import KubernetesClient

/// A way to break what keeps runs safe, on purpose: then seeds have to fail. It is done to what the product
/// stands on, so that the product itself has no such switch.
enum Sabotage: String, CaseIterable, Sendable {
    /// The disk forgets at a power cut what was synced as well.
    case noFsync = "no-fsync"
    /// A write whose answer is lost is told to have been done, so that nobody reads back.
    case noReadBack = "no-read-back"
    /// The server never sees uid and resourceVersion of what a write was meant for.
    case noPreconditions = "no-preconditions"
    /// What the journal is told reaches the disk only with the answer to the next write: the order of intent
    /// and write is turned round.
    case writeBeforeIntend = "write-before-intend"

    static func withoutPreconditions(
        _ request: HTTPRequest, _ body: [UInt8]
    ) -> (path: String, body: [UInt8]) {
        let path = request.path ?? "/"
        guard request.method != .get, var document = try? JSONValue(parsing: body) else {
            return (path, body)
        }
        document["preconditions"] = nil
        if var metadata = document["metadata"] {
            metadata["uid"] = nil
            metadata["resourceVersion"] = nil
            document["metadata"] = metadata
        }
        return (path, document.canonicalBytes)
    }

    static let madeUpAnswer = TransportResponse(
        head: HTTPResponse(status: .ok, headerFields: [.contentType: "application/json"]),
        body: (["metadata": ["uid": "made-up", "resourceVersion": "1"]] as JSONValue)
            .canonicalBytes)
}
