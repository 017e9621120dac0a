/// "Did you mean": the nearest of a few allowed words.
package enum Suggestion {
    /// The candidate nearest to `word` by edit distance, when near enough to be a likely slip:
    /// at most a third of the longer word's length, ignoring case.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String?
    {
        let wanted = Array(word.lowercased().unicodeScalars.prefix(longestWord))
        var best: (distance: Int, word: String)?
        for candidate in candidates {
            let letters = Array(candidate.lowercased().unicodeScalars.prefix(longestWord))
            let limit = max(1, max(wanted.count, letters.count) / 3)
            let distance = editDistance(wanted, letters)
            guard distance <= limit else { continue }
            if let found = best, (found.distance, found.word) <= (distance, candidate) { continue }
            best = (distance, candidate)
        }
        return best?.word
    }

    /// Keeps the quadratic comparison small whatever a hostile file holds.
    private static let longestWord = 64

    private static func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var previous = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var current = [i + 1]
            for (j, other) in b.enumerated() {
                current.append(
                    min(
                        previous[j + 1] + 1, current[j] + 1, previous[j] + (letter == other ? 0 : 1)
                    ))
            }
            previous = current
        }
        return previous[b.count]
    }
}
