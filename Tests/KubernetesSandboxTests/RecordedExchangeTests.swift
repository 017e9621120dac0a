import JSON
import Testing

/// The sandbox answers what a real kube-apiserver (v1.36.2 with Istio's CRDs) answered.
@Suite struct RecordedExchangeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let file: String
        let index: Int
        let name: String

        var testDescription: String { "\(file): \(name)" }
    }

    static let cases: [Case] = [
        "namespaces", "peerauthentications", "preconditions", "listing", "lease", "malformed",
        "access", "deletion", "dry-run", "workloads",
    ].flatMap { file -> [Case] in
        let exchanges = (try? Recording(file).exchanges) ?? []
        return exchanges.enumerated().map { index, exchange in
            Case(file: file, index: index, name: exchange["name"]?.string ?? "")
        }
    }

    @Test("a recorded exchange is answered alike", arguments: cases)
    func isAnsweredAlike(_ recorded: Case) throws {
        try Recording(recorded.file).replay(upTo: recorded.index)
    }

    @Test("the recordings are there")
    func areThere() { #expect(Self.cases.count >= 70) }
}
