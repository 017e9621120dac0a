import Testing
import meshfuzz

@Suite("Inputs for fuzzing")
struct InputMakerTests {
    private func maker(_ reader: FuzzReader) throws -> InputMaker {
        InputMaker(
            try Corpus(of: reader.corpus, in: FuzzReaderTests.corpus), format: reader.format)
    }

    @Test("a seed always gives the same input, and nearly every seed another one")
    func deterministic() throws {
        for reader in FuzzReader.all {
            let (one, other) = (try maker(reader), try maker(reader))
            let inputs = (1...100).map { one.input(seed: $0) }
            #expect(inputs == (1...100).map { other.input(seed: $0) }, "\(reader.name)")
            #expect(Set(inputs).count > 80, "\(reader.name)")
        }
    }

    @Test("inputs stay below a mebibyte, and some are deep")
    func bounds() throws {
        let reader = try #require(FuzzReader.all.first { $0.name == "json" })
        let inputs = try (1...3000).map { try maker(reader).input(seed: $0) }
        #expect(inputs.allSatisfy { $0.count <= 1 << 20 })
        #expect(
            inputs.contains { $0.starts(with: Array(String(repeating: "[", count: 1000).utf8)) })
    }
}
