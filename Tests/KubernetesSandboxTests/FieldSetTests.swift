import JSON
import Testing

@testable import KubernetesSandbox

@Suite struct FieldSetTests {
    private func set(_ text: String) throws -> FieldSet {
        FieldSet(fieldsV1: try JSONValue(parsing: Array(text.utf8)))
    }

    @Test("a fieldsV1 document survives reading and writing")
    func roundTrip() throws {
        let text =
            #"{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{}}},"f:finalizers":{"v:\"x\"":{}}}}"#
        #expect(try set(text).fieldsV1.canonicalText == text)
    }

    @Test("union, intersection and difference go by membership, not by subtree")
    func algebra() throws {
        let one = try set(#"{"f:a":{".":{},"f:b":{}},"f:c":{}}"#)
        let other = try set(#"{"f:a":{"f:b":{},"f:d":{}}}"#)
        #expect(one.union(other) == (try set(#"{"f:a":{".":{},"f:b":{},"f:d":{}},"f:c":{}}"#)))
        #expect(one.intersection(other) == (try set(#"{"f:a":{"f:b":{}}}"#)))
        #expect(one.subtracting(other) == (try set(#"{"f:a":{},"f:c":{}}"#)))
        #expect(one.subtracting(one).isEmpty)
    }

    @Test("paths are spelled as conflict messages spell them")
    func text() {
        #expect(
            FieldSet.text(["f:metadata", "f:labels", "f:istio.io/rev"])
                == ".metadata.labels.istio.io/rev")
        #expect(
            FieldSet.text(["f:spec", #"k:{"containerPort":80,"protocol":"TCP"}"#, "f:name"])
                == #".spec[containerPort=80,protocol="TCP"].name"#)
        #expect(FieldSet.text(["f:finalizers", #"v:"a""#]) == #".finalizers[="a"]"#)
    }

    @Test("removing a field takes its emptied parents along, unless somebody owns them")
    func removing() throws {
        let object: JSONValue = ["spec": ["mtls": ["mode": "STRICT"]], "x": 1]
        let dropped = try set(#"{"f:spec":{"f:mtls":{"f:mode":{}}}}"#)
        #expect(object.removing(dropped, keeping: FieldSet(), .unlisted) == ["x": 1])
        let kept = try set(#"{"f:spec":{".":{}}}"#)
        #expect(object.removing(dropped, keeping: kept, .unlisted) == ["spec": [:], "x": 1])
    }
}
