/// A person said yes to what comes now: `--approve NAME`, or the prompt.
package struct ApprovalAsked: Sendable, Hashable, Codable {
    package var name: String
    /// What is approved, on one line.
    package var why: String

    package init(name: String, why: String) {
        self.name = name
        self.why = why
    }
}
