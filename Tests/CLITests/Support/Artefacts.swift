import Foundation
import Testing

/// All that commands left and said, to be searched for what must not be in it.
struct Artefacts {
    private var texts: [(name: String, bytes: Data)] = []

    mutating func add(_ result: TestCommand.Result, of command: [String]) {
        let name = command.joined(separator: " ")
        texts.append(("standard output of \(name)", Data(result.output.utf8)))
        texts.append(("standard error of \(name)", Data(result.errors.utf8)))
    }

    /// Every file of the folder but those that the test itself put there.
    mutating func addFiles(of folder: URL, except own: [String]) throws {
        let paths = FileManager.default.enumerator(atPath: folder.path)
        while let path = paths?.nextObject() as? String {
            guard !own.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) else { continue }
            let url = folder.appendingPathComponent(path)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
                !isFolder.boolValue
            else { continue }
            texts.append((path, try Data(contentsOf: url)))
        }
    }

    var names: [String] { texts.map(\.name) }

    /// None holds the secret, nor what it is in base64, wherever in a longer text it stands there.
    func expectNone(of secrets: [String]) {
        for secret in secrets {
            for form in Self.forms(of: secret) {
                for text in texts where text.bytes.range(of: form) != nil {
                    Issue.record("\(text.name) holds \(secret)")
                }
            }
        }
    }

    private static func forms(of secret: String) -> [Data] {
        let encoded = (0..<3).map { shift -> Data in
            let padded = Data(repeating: 0x20, count: shift) + Data(secret.utf8)
            // The first and the last characters depend on what is beside the secret.
            return Data(
                padded.base64EncodedString().utf8.dropFirst(4).prefix(
                    (secret.utf8.count - 3) / 3 * 4 - 4))
        }
        return [Data(secret.utf8)] + encoded
    }
}
