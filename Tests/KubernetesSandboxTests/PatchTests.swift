import JSON
import Testing

@testable import KubernetesSandbox

@Suite struct PatchTests {
    @Test(
        "strategic merge patch merges keyed lists and follows its directives",
        arguments: [
            (
                #"{"containers":[{"name":"a","image":"1"},{"name":"b"}]}"#,
                #"{"containers":[{"name":"a","image":"2"},{"name":"c"}]}"#,
                #"{"containers":[{"name":"a","image":"2"},{"name":"b"},{"name":"c"}]}"#
            ),
            (
                #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
                #"{"containers":[{"name":"a","$patch":"delete"}]}"#,
                #"{"containers":[{"name":"b"}]}"#
            ),
            (
                #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
                #"{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b","x":1}]}"#,
                #"{"containers":[{"name":"b","x":1},{"name":"a"}]}"#
            ),
            (
                #"{"ports":[{"containerPort":80,"name":"x"}]}"#,
                #"{"ports":[{"containerPort":80,"name":"y"},{"containerPort":90}]}"#,
                #"{"ports":[{"containerPort":80,"name":"y"},{"containerPort":90}]}"#
            ),
            (#"{"args":["a","b"]}"#, #"{"args":["c"]}"#, #"{"args":["c"]}"#),
            (
                #"{"finalizers":["a","b"]}"#,
                #"{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["c"]}"#,
                #"{"finalizers":["b","c"]}"#
            ),
            (#"{"a":{"b":1,"c":2}}"#, #"{"a":{"$patch":"replace","d":3}}"#, #"{"a":{"d":3}}"#),
            (#"{"a":{"b":1,"c":2}}"#, #"{"a":{"$retainKeys":["c"],"c":3}}"#, #"{"a":{"c":3}}"#),
            (#"{"a":{"b":1}}"#, #"{"a":{"b":null}}"#, #"{"a":{}}"#),
        ])
    func strategic(_ original: String, _ patch: String, _ expected: String) throws {
        let result = StrategicMergePatch.apply(try parse(patch), to: try parse(original))
        #expect(result == (try parse(expected)))
    }

    @Test(
        "JSON patch does each of its operations",
        arguments: [
            (#"[{"op":"add","path":"/a/-","value":3}]"#, #"{"a":[1,2,3],"b":{"~/":1}}"#),
            (#"[{"op":"add","path":"/a/0","value":0}]"#, #"{"a":[0,1,2],"b":{"~/":1}}"#),
            (#"[{"op":"remove","path":"/a/1"}]"#, #"{"a":[1],"b":{"~/":1}}"#),
            (#"[{"op":"replace","path":"/b/~0~1","value":2}]"#, #"{"a":[1,2],"b":{"~/":2}}"#),
            (#"[{"op":"move","from":"/b","path":"/c"}]"#, #"{"a":[1,2],"c":{"~/":1}}"#),
            (#"[{"op":"copy","from":"/a/0","path":"/d"}]"#, #"{"a":[1,2],"b":{"~/":1},"d":1}"#),
            (#"[{"op":"test","path":"/a","value":[1,2]}]"#, #"{"a":[1,2],"b":{"~/":1}}"#),
        ])
    func jsonPatch(_ patch: String, _ expected: String) throws {
        let original = try parse(#"{"a":[1,2],"b":{"~/":1}}"#)
        #expect(try JSONPatch.apply(try parse(patch), to: original) == (try parse(expected)))
    }

    @Test(
        "JSON patch is refused where it does not fit",
        arguments: [
            #"[{"op":"remove","path":"/x"}]"#, #"[{"op":"replace","path":"/a/7","value":1}]"#,
            #"[{"op":"add","path":"/a/-1","value":1}]"#, #"[{"op":"test","path":"/a","value":1}]"#,
            #"[{"op":"add","path":"/s/x","value":1}]"#, #"[{"op":"remove","path":""}]"#,
            #"[{"op":"add","path":"a","value":1}]"#, #"[{"op":"nope","path":"/a"}]"#,
            #"[{"path":"/a"}]"#, #"{}"#, #"[7]"#, #"[{"op":"move","from":"/z","path":"/a"}]"#,
            #"[{"op":"add","path":"/a/99999999999999999999","value":1}]"#,
        ])
    func refused(_ patch: String) throws {
        let original = try parse(#"{"a":[1],"s":"text"}"#)
        #expect(throws: JSONPatch.Failure.self) {
            try JSONPatch.apply(try parse(patch), to: original)
        }
    }

    private func parse(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }
}
