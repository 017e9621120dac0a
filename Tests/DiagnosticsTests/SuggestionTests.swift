import Diagnostics
import Testing

@Suite struct SuggestionTests {
    @Test(
        "a slip finds its word",
        arguments: [
            ("STRCT", "STRICT"), ("strict", "STRICT"), ("permisive", "PERMISSIVE"),
            ("DISABLED", "DISABLE"),
        ])
    func slips(word: String, expected: String) {
        let modes = ["STRICT", "PERMISSIVE", "DISABLE"]
        #expect(Suggestion.nearest(to: word, among: modes) == expected)
    }

    @Test("another word finds nothing", arguments: ["on", "mutual", "", "xxxxxxxx"])
    func others(word: String) {
        #expect(Suggestion.nearest(to: word, among: ["STRICT", "PERMISSIVE"]) == nil)
    }

    @Test("the nearest wins, and among equals the first in the alphabet")
    func order() {
        #expect(Suggestion.nearest(to: "port", among: ["sort", "ports", "fort"]) == "fort")
        #expect(Suggestion.nearest(to: "ports", among: ["port", "ports"]) == "ports")
        #expect(Suggestion.nearest(to: "a", among: [String]()) == nil)
    }

    @Test("very long words are compared quickly", .timeLimit(.minutes(5)))
    func long() {
        let word = String(repeating: "a", count: 1_000_000)
        #expect(Suggestion.nearest(to: word, among: [word + "b", "x"]) == word + "b")
    }
}
