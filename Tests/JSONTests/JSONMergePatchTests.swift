import JSON
import Testing

@Suite struct JSONMergePatchTests {
    @Test(
        "the cases of RFC 7386, appendix A",
        arguments: [
            (["a": "b"], ["a": "c"], ["a": "c"]), (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
            (["a": "b"], ["a": .null], [:]), (["a": "b", "b": "c"], ["a": .null], ["b": "c"]),
            (["a": ["b"]], ["a": "c"], ["a": "c"]), (["a": "c"], ["a": ["b"]], ["a": ["b"]]),
            (["a": ["b": "c"]], ["a": ["b": "d", "c": .null]], ["a": ["b": "d"]]),
            (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]), (["a", "b"], ["c", "d"], ["c", "d"]),
            (["a": "b"], ["c"], ["c"]), (["a": "foo"], .null, .null), (["a": "foo"], "bar", "bar"),
            (["e": .null], ["a": 1], ["e": .null, "a": 1]),
            ([1, 2], ["a": "b", "c": .null], ["a": "b"]),
            ([:], ["a": ["bb": ["ccc": .null]]], ["a": ["bb": [:]]]),
        ] as [(JSONValue, JSONValue, JSONValue)])
    func merging(target: JSONValue, patch: JSONValue, result: JSONValue) {
        #expect(target.merging(patch: patch) == result)
    }

    @Test(
        "a patch made of two documents leads from one to the other",
        arguments: [
            ([:], ["a": 1]), (["a": 1], [:]), (["a": ["b": 1, "c": 2]], ["a": ["c": 3]]),
            (["a": [1, 2]], ["a": [2]]), (["a": 1], "text"), (["a": ["b": 1]], ["a": 2]),
            (["a": 2], ["a": ["b": ["c": 1]]]),
        ] as [(JSONValue, JSONValue)])
    func diff(from: JSONValue, to: JSONValue) {
        #expect(from.merging(patch: from.mergePatch(to: to)) == to)
        #expect(from.mergePatch(to: from) == [:])
    }

    @Test("a patch names only what changes")
    func smallest() {
        let from: JSONValue = ["labels": ["a": "1", "b": "2"], "spec": ["x": 1]]
        let to: JSONValue = ["labels": ["a": "1", "c": "3"], "spec": ["x": 1]]
        #expect(from.mergePatch(to: to) == ["labels": ["b": .null, "c": "3"]])
    }
}
