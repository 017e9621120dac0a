import Foundation
import Testing
import meshfuzz

/// A trap ends the whole process: the last test that began is the one.
@Suite("Readers of foreign bytes")
struct FuzzReaderTests {
    static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Corpus").path

    @Test(
        "keep their promises on every file of the corpus, among them all that ever broke one",
        arguments: FuzzReader.all)
    func corpus(reader: FuzzReader) throws {
        for entry in try Corpus(of: reader.corpus, in: Self.corpus).entries {
            do {
                _ = try reader.check(entry.bytes)
            } catch {
                Issue.record("\(reader.name)/\(entry.name): \(error)")
            }
        }
    }

    /// Without optimization each input takes these a tenth of a second or more.
    static let slow: Set = ["manifests", "mesh", "journal", "state-file", "scenario", "scalars"]

    @Test("keep them on 200 changed files, the slow ones on 30", arguments: FuzzReader.all)
    func mutations(reader: FuzzReader) throws {
        let corpus = try Corpus(of: reader.corpus, in: Self.corpus)
        let maker = InputMaker(corpus, format: reader.format)
        for seed in UInt64(1)...(Self.slow.contains(reader.name) ? 30 : 200) {
            do {
                _ = try reader.check(maker.input(seed: seed))
            } catch {
                Issue.record("\(reader.name) at seed \(seed): \(error)")
            }
        }
    }

    @Test("each folder of the corpus belongs to a reader")
    func folders() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus)
        #expect(folders.sorted() == Set(FuzzReader.all.map(\.corpus)).sorted())
    }
}

extension FuzzReader: CustomTestStringConvertible {
    /// The reader, as its test is named.
    public var testDescription: String { name }
}
