import Foundation
package import HTTPTypes
package import JSON
import Synchronization

/// One event of a watch.
package struct WatchEvent: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
        /// Only a resourceVersion to go on from.
        case bookmark = "BOOKMARK"
    }

    package var kind: Kind
    package var object: JSONValue
}

extension KubernetesClient {
    /// Follows a collection from a list's resourceVersion until the server ends the watch, which it does
    /// every few minutes, or `onEvent` returns false. Sent once: the caller goes on from the last
    /// resourceVersion, or lists again after a status that `isExpired`.
    ///
    /// - Parameter onEvent: called on a thread of the transport's; it must not block.
    package func watch(
        _ resource: KubernetesResource, namespace: String? = nil, labelSelector: String? = nil,
        resourceVersion: String, timeout: Duration = .seconds(300),
        idleTimeout: Duration = .seconds(120),
        onEvent: @escaping @Sendable (WatchEvent) -> Bool
    ) async throws(KubernetesError) {
        var query = [(name: "watch", value: "1"), ("allowWatchBookmarks", "true")]
        query.append(("resourceVersion", resourceVersion))
        query.append(("timeoutSeconds", String(max(1, timeout.components.seconds))))
        if let labelSelector { query.append(("labelSelector", labelSelector)) }
        let call = try call(.watch, resource, namespace: namespace, query: query)
        let reader = Mutex(WatchReader(call))
        try await performStream(
            call, accept: "application/json", idleTimeout: idleTimeout,
            onHead: { head in reader.withLock { $0.receive(head) } },
            onChunk: { chunk in reader.withLock { $0.receive(chunk, onEvent) } })
        if let failure = reader.withLock({ $0.finish() }) { throw failure }
    }
}

/// Splits a watch's body into lines and reads each as an event.
package struct WatchReader: Sendable {
    private let call: APICall
    private var head: HTTPResponse?
    private var line: [UInt8] = []
    private var failure: KubernetesError?
    private var hasStopped = false

    /// Above etcd's limit for one object, and far above what admission lets through.
    private static let longestLine = 16 << 20

    package init(_ call: APICall) { self.call = call }

    package mutating func receive(_ head: HTTPResponse) { self.head = head }

    /// False when the stream should end.
    package mutating func receive(
        _ chunk: [UInt8], _ onEvent: (WatchEvent) -> Bool
    ) -> Bool {
        guard head?.status.kind == .successful else {
            // A Status instead of a stream; `finish` reads it.
            line += chunk.prefix(Self.longestLine - line.count)
            return line.count < Self.longestLine
        }
        for piece in chunk.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            // Every piece but the first follows a line break.
            if piece.offset > 0, !endLine(onEvent) { return false }
            guard line.count + piece.element.count <= Self.longestLine else {
                failure = .malformed("an event is larger than 16 MiB", call)
                return false
            }
            line += piece.element
        }
        return true
    }

    private mutating func endLine(_ onEvent: (WatchEvent) -> Bool) -> Bool {
        defer { line.removeAll(keepingCapacity: true) }
        guard line.contains(where: { $0 != 0x20 && $0 != 0x0D }) else { return true }
        do {
            let event = try JSONValue(parsing: line)
            let object = event["object"] ?? .null
            if event["type"]?.string == "ERROR" {
                failure =
                    APIStatus(watchError: object.canonicalBytes, call: call).map { .status($0) }
                    ?? .malformed("an ERROR event without a Status", call)
                return false
            }
            guard let kind = event["type"]?.string.flatMap(WatchEvent.Kind.init) else {
                failure = .malformed("an event of unknown type", call)
                return false
            }
            hasStopped = !onEvent(WatchEvent(kind: kind, object: object))
            return !hasStopped
        } catch {
            failure = .malformed(KubernetesClient.words(of: error), call)
            return false
        }
    }

    /// What was wrong with the stream, at its end; nil when it ended as watches do.
    package mutating func finish() -> KubernetesError? {
        if let failure { return failure }
        guard let head else { return .malformed("a response without a head", call) }
        guard head.status.kind == .successful else {
            return .status(APIStatus(TransportResponse(head: head, body: line), call: call))
        }
        let isCut = !hasStopped && !line.isEmpty
        return isCut ? .malformed("the stream ends inside an event", call) : nil
    }
}
