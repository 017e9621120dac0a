/// Lists inside sentences.
extension [String] {
    /// The first few, and how many more there are: a large mesh must not make a page of one sentence.
    var shortList: String {
        let shown = prefix(5).joined(separator: ", ")
        return count > 5 ? "\(shown) and \(count - 5) more" : shown
    }
}
