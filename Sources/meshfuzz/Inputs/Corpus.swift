import Foundation

/// The files that inputs of one reader are made from: `FOLDER/READER/*`, sorted by name.
package struct Corpus: Sendable {
    package struct Entry: Sendable {
        package var name: String
        package var bytes: [UInt8]
    }

    package let entries: [Entry]

    package init(of reader: String, in folder: String) throws {
        let place = URL(fileURLWithPath: folder).appendingPathComponent(reader)
        entries = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
            .filter { !$0.hasPrefix(".") }
            .map { name in
                Entry(
                    name: name,
                    bytes: Array(try Data(contentsOf: place.appendingPathComponent(name))))
            }
        guard !entries.isEmpty else { throw CocoaError(.fileReadNoSuchFile) }
    }
}
