/// Who holds the Lease: one process, in one line that a person can read in `kubectl get lease`.
package struct LeaseHolder: Sendable, Hashable {
    /// As `holderIdentity` has it: `ana@desk pid 4711 apply 1f4k9z`. Anything, where somebody else wrote it.
    package let text: String

    package init(text: String) { self.text = text }

    /// - Parameters:
    ///   - person: `user@host`
    ///   - command: `apply` or `rollback`
    ///   - bits: random ones, which tell this process from another one of the same name.
    package init(person: String, processID: Int32, command: String, bits: UInt64) {
        let word = String(bits & 0xFFFF_FFFF, radix: 36)
        text = "\(Self.plain(person)) pid \(processID) \(command) \(word)"
    }

    /// What the line says; nil where it is not one of ours.
    package struct Parts: Sendable, Hashable {
        package var person: String
        package var processID: Int32
        package var command: String

        /// The part of `user@host` after the last `@`.
        package var host: String { person.split(separator: "@").last.map(String.init) ?? "" }
    }

    package var parts: Parts? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 5, words[1] == "pid", let id = Int32(words[2]) else { return nil }
        return Parts(person: String(words[0]), processID: id, command: String(words[3]))
    }

    /// `apply by ana@desk, process 4711`. May hold anything: sanitize it.
    package var sentence: String {
        guard let parts else { return "\"\(text.prefix(Self.longest))\"" }
        return "\(parts.command) by \(parts.person), process \(parts.processID)"
    }

    /// Somebody who applies is asked to stop by a rollback; a rollback is not.
    var yieldsToRollback: Bool { parts?.command != "rollback" }

    private static let longest = 120

    /// A name in one word of letters that every tool shows as they are.
    private static func plain(_ name: String) -> String {
        let kept = name.unicodeScalars.prefix(longest).map { scalar -> Character in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "@", ".", "-", "_": Character(scalar)
            default: "_"
            }
        }
        return kept.isEmpty ? "_" : String(kept)
    }
}
