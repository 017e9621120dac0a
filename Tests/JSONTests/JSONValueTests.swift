import JSON
import Testing

@Suite struct JSONValueTests {
    @Test("members are read and written through subscripts")
    func members() {
        var value: JSONValue = ["metadata": ["name": "a", "labels": ["x": "y", "n": 1]]]
        #expect(value[path: "metadata", "name"] == "a")
        #expect(value["metadata"]?["labels"]?.stringMap == ["x": "y"])
        value["kind"] = "Pod"
        value["metadata"] = nil
        #expect(value == ["kind": "Pod"])
        var text: JSONValue = "text"
        #expect(text["a"] == nil)
        text["a"] = 1
        #expect(text == ["a": 1])
    }

    @Test("parsing keeps integers, doubles, booleans and nulls apart")
    func parsing() throws {
        let text = #"{"a": [1, 1.5, true, null, "x", {}], "b": 9223372036854775807, "c": -1e3}"#
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(value["a"] == [1, 1.5, true, .null, "x", [:]])
        #expect(value["b"] == .integer(.max))
        #expect(value["b"]?.double == nil && value["b"]?.integer == .max)
    }

    @Test("what is no JSON is refused", arguments: ["", "{", "[1 2]", "{a: 1}", "nul", "\u{FFFE}"])
    func notJSON(text: String) {
        #expect(throws: (any Error).self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test(
        "nesting is bounded, so that no document overflows the stack",
        arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")])
    func depth(opening: String, closing: String) throws {
        for levels in [1000, 200_000] {
            let open = String(repeating: opening, count: levels)
            let closed = open + "1" + String(repeating: closing, count: levels)
            for text in [open, closed] {
                #expect(throws: (any Error).self) { try JSONValue(parsing: Array(text.utf8)) }
            }
        }
        let text =
            String(repeating: opening, count: 250) + "1" + String(repeating: closing, count: 250)
        #expect(try JSONValue(parsing: Array(text.utf8)).canonicalText == text)
    }

    @Test("of several mistakes always the same one is told, and it is none of types")
    func mistakes() {
        let members = (0..<40).map { #""k\#($0)": {"a": "\q"}, "l\#($0)": {"\q": 1}"# }
        let text = "{\(members.joined(separator: ", "))}"
        let errors = (0..<20).map { _ -> String in
            do {
                return try JSONValue(parsing: Array(text.utf8)).canonicalText
            } catch { return "\(error)" }
        }
        #expect(Set(errors).count == 1)
        #expect(errors.first?.contains("around character 14") == true, "\(errors)")
    }

    @Test("of several numbers that are too large none is named: it would be now this one, now that")
    func largeNumbers() {
        let members = (1...9).map { "\"m\($0)\": \($0)e400" }.joined(separator: ", ")
        let told = (0..<20).map { _ in
            #expect(throws: DecodingError.self) {
                try JSONValue(parsing: Array("{\(members)}".utf8))
            }.map { "\($0)" }
        }
        #expect(Set(told).count == 1)
    }

    @Test("equal documents give equal bytes")
    func canonical() throws {
        let one = try JSONValue(parsing: Array(#"{"b": 1, "a": "x/y"}"#.utf8))
        #expect(one.canonicalText == #"{"a":"x/y","b":1}"#)
        #expect(one.prettyText == "{\n  \"a\" : \"x/y\",\n  \"b\" : 1\n}")
    }

    @Test("numbers that JSON has not become words")
    func notFinite() {
        let value: JSONValue = [.double(.infinity), .double(-.infinity), .double(.nan)]
        #expect(value.canonicalText == #"["Infinity","-Infinity","NaN"]"#)
    }

    @Test("documents and types change into each other")
    func types() throws {
        struct Point: Codable, Equatable {
            var x: Int
            var name: String?
        }
        let point = Point(x: 3, name: "p")
        let value = try JSONValue(encoding: point)
        #expect(value == ["x": 3, "name": "p"])
        #expect(try value.decoded(as: Point.self) == point)
        #expect(throws: DecodingError.self) { try JSONValue.string("a").decoded(as: Point.self) }
    }
}

extension JSONValue {
    fileprivate var double: Double? { if case .double(let value) = self { value } else { nil } }
}
