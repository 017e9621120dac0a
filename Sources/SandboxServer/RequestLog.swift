/// The last requests that a sandbox has served, for tests that count writes.
package struct RequestLog: Sendable {
    package struct Entry: Sendable, Hashable {
        package var method: String
        /// Path and query as they came.
        package var path: String
        /// 0 for a request whose connection was reset by a fault.
        package var status: Int
    }

    package private(set) var entries: [Entry] = []
    private static let limit = 10_000

    mutating func append(_ method: String, _ path: String, _ status: Int) {
        if entries.count >= Self.limit { entries.removeFirst(Self.limit / 10) }
        entries.append(Entry(method: method, path: String(path.prefix(4096)), status: status))
    }
}
