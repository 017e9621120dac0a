/// A `matchLabels` selector: every pair must be there. An empty one matches everything.
package struct LabelSelector: Sendable, Hashable, Codable {
    package var matchLabels: [String: String]

    package init(_ matchLabels: [String: String]) { self.matchLabels = matchLabels }

    package func matches(_ labels: [String: String]) -> Bool {
        matchLabels.allSatisfy { labels[$0.key] == $0.value }
    }

    /// `k=v,k=v`, sorted by key, as `kubectl -l` takes it.
    package var text: String {
        matchLabels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            .joined(separator: ",")
    }
}
