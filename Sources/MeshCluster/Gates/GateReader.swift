package import KubernetesClient
package import MeshModel
package import MeshPlanning
import Telemetry
package import Timing

/// What a gate reads of a cluster with: a state read just before, and pods asked one by one.
package struct GateReader: Sendable {
    package let client: KubernetesClient
    package let clock: any RunClock
    /// Read just before the gates are asked, and the same for all of them.
    package let state: MeshState
    /// Who was seen calling whom before, as the state file has it.
    package let observed: [ObservedFlow]
    /// Why it is not worth waiting for what only time shows; nil where it is.
    package let haste: String?

    /// Pods and nodes asked at the same time.
    package static let atOnce = 32

    package init(
        client: KubernetesClient, clock: any RunClock, state: MeshState,
        observed: [ObservedFlow] = [], haste: String? = nil
    ) {
        self.observed = observed
        self.client = client
        self.clock = clock
        self.state = state
        self.haste = haste
    }

    /// A page that the pod serves, through the API server, which connects to the pod's IP in plaintext: only
    /// ports that no data plane intercepts answer.
    package func page(of pod: Pod, port: Int, path: String) async -> Reading<String> {
        await text(PodPart(pod, port: port)) { () throws(KubernetesError) in
            try await client.podPage(
                namespace: pod.meta.namespace, pod: pod.meta.name, port: port, path: path)
        }
    }

    /// The lines that a container logged within this time, each after the time at which it was taken down.
    ///
    /// - Parameters:
    ///   - window: rounded up to whole seconds, as the API has it.
    ///   - limitBytes: a log that is as long is not read.
    package func log(
        of pod: Pod, container: String? = nil, within window: Duration, limitBytes: Int? = nil
    ) async -> Reading<[Substring]> {
        let log = await text(PodPart(logOf: pod), upTo: limitBytes) {
            () throws(KubernetesError) in
            try await client.podLog(
                namespace: pod.meta.namespace, pod: pod.meta.name, container: container,
                sinceSeconds: max(1, window.wholeMilliseconds.addingClamped(999) / 1000),
                limitBytes: limitBytes)
        }
        return log.map { $0.split(separator: "\n") }
    }

    /// When the first line of a container's log was taken down that the kubelet still has, which is later
    /// than the container's start once the log was rotated; nil for an empty log.
    package func logStart(of pod: Pod, container: String? = nil) async -> Reading<Timestamp?> {
        await text(PodPart(logOf: pod)) { () throws(KubernetesError) in
            let head = try await client.podLog(
                namespace: pod.meta.namespace, pod: pod.meta.name, container: container,
                limitBytes: 4096)
            // The last bytes may be half a character.
            return Array(head.prefix { $0 != UInt8(ascii: "\n") && $0 < 0x80 })
        }.map { LogLine($0[...])?.time }
    }

    private func text(
        _ part: PodPart, upTo limit: Int? = nil,
        _ fetch: () async throws(KubernetesError) -> [UInt8]
    ) async -> Reading<String> {
        do throws(KubernetesError) {
            let bytes = try await fetch()
            if let limit, bytes.count >= limit {
                return .unseen(why: "\(part.name) is longer than \(limit) bytes")
            }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return .unseen(why: "\(part.name) is not UTF-8 text")
            }
            return .seen(text)
        } catch {
            return .unseen(why: part.absence(error))
        }
    }

    /// Does the same for each, at most 32 at once; the answers are in the order of the items.
    package func each<Item: Sendable, Value: Sendable>(
        _ items: [Item], _ ask: @escaping @Sendable (Item) async -> Value
    ) async -> [Value] {
        await withTaskGroup(of: (Int, Value).self) { group in
            var answers: [Int: Value] = [:]
            for (number, item) in items.enumerated() {
                if number >= Self.atOnce, let (done, value) = await group.next() {
                    answers[done] = value
                }
                group.addTask { (number, await ask(item)) }
            }
            for await (done, value) in group { answers[done] = value }
            return items.indices.compactMap { answers[$0] }
        }
    }
}

/// What is asked of a pod through the API server, and what it is called where it was not seen.
struct PodPart {
    /// `port 15020 of pod shop/cart-0`
    let name: String
    private let subresource: String
    private let namespace: String

    init(_ pod: Pod, port: Int) {
        name = "port \(port) of pod \(pod.meta.text)"
        subresource = "pods/proxy"
        namespace = pod.meta.namespace
    }

    init(logOf pod: Pod) {
        name = "the log of pod \(pod.meta.text)"
        subresource = "pods/log"
        namespace = pod.meta.namespace
    }

    /// Why it was not seen. 403 may also be the page's own.
    func absence(_ error: KubernetesError) -> String {
        guard let status = error.status, status.isForbidden, status.isFromAPIServer else {
            return "\(name): \(GateWords.quotation(error.sentence))"
        }
        return "\(name) may not be read: it takes the verb get on \(subresource) in namespace "
            + namespace
    }
}
