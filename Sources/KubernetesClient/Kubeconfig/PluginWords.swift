import Foundation

/// What a credential plugin says on standard error, line by line, without what looks like a credential: a
/// plugin that fails may print the very thing that it should have kept for its answer.
struct PluginWords {
    /// Of the plugin's own environment, as the kubeconfig gives it.
    var secrets: [Secret] = []
    private var rest: [UInt8] = []

    /// A longer line is told in parts.
    private static let longestLine = 16 * 1024

    init(secrets: [Secret]) { self.secrets = secrets.filter { !$0.isEmpty } }

    /// The lines that end in this piece.
    mutating func lines(adding piece: ArraySlice<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in piece {
            if byte == 0x0A || rest.count == Self.longestLine { lines += end() }
            if byte != 0x0A { rest.append(byte) }
        }
        return lines
    }

    /// What came after the last line's end.
    mutating func end() -> [String] {
        defer { rest = [] }
        return rest.isEmpty ? [] : [masked(String(decoding: rest, as: UTF8.self))]
    }

    // MARK: - What looks like a credential

    static let mask = "<redacted>"

    func masked(_ line: String) -> String {
        var line = line
        for secret in secrets { line = secret.withText { line.replacing($0, with: Self.mask) } }
        line.replace(Self.named) { "\($0.output.1)\(Self.mask)" }
        return line.split(separator: " ", omittingEmptySubsequences: false)
            .map { Self.masked(word: String($0)) }.joined(separator: " ")
    }

    /// `"token": "…"`, and `password=…`.
    private nonisolated(unsafe) static let named =
        /((?:"(?:\w*token|password|\w*secret|clientKeyData)"\s*:\s*"|(?:\w*token|password|\w*secret)=))[^\s"]+/
        .ignoresCase()

    /// An address may have to be opened, and a path to be looked at, so they stay; not what is before the `@`
    /// of an address. Of other words, what is as long as keys and tokens are goes.
    private static func masked(word: String) -> String {
        if let scheme = word.range(of: "://") {
            let rest = word[scheme.upperBound...]
            guard let at = rest.prefix(while: { $0 != "/" }).lastIndex(of: "@") else { return word }
            return word[..<scheme.upperBound] + mask + rest[at...]
        }
        if word.hasPrefix("/"), word.dropFirst().prefix(20).contains("/") { return word }
        return word.replacing(long, with: mask)
    }

    private nonisolated(unsafe) static let long = /[A-Za-z0-9_.+\/=~-]{40,}/
}
