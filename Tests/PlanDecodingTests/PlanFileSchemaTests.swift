import Diagnostics
import JSON
import Testing
import YAML

@testable import PlanDecoding

@Suite struct PlanFileSchemaTests {
    /// The paths of all keys in a JSON Schema, items of lists as `[]`.
    private func paths(in schema: JSONValue, at path: String = "") -> Set<String> {
        var found: Set<String> = []
        for (name, property) in schema["properties"]?.object ?? [:] {
            let inside = path.isEmpty ? name : "\(path).\(name)"
            found.insert(inside)
            found.formUnion(paths(in: property, at: inside))
        }
        if let items = schema["items"] { found.formUnion(paths(in: items, at: path + "[]")) }
        for option in schema["oneOf"]?.array ?? [] {
            found.formUnion(paths(in: option, at: path))
        }
        return found
    }

    /// The paths of all keys in a plan file; labels and ports have keys of the user's own.
    private func paths(in node: YAMLNode, at path: String = "") -> Set<String> {
        switch node {
        case .scalar: return []
        case .sequence(let list):
            return list.items.reduce(into: []) { $0.formUnion(paths(in: $1, at: path + "[]")) }
        case .mapping(let mapping):
            if path.hasSuffix("selector") || path.hasSuffix("ports") { return [] }
            return mapping.entries.reduce(into: []) { found, entry in
                let inside = path.isEmpty ? entry.key.text : "\(path).\(entry.key.text)"
                found.insert(inside)
                found.formUnion(paths(in: entry.value, at: inside))
            }
        }
    }

    @Test("the schema has exactly the keys that the decoder reads in a plan with every key")
    func sameKeys() throws {
        let source = SourceText(name: "plan.yaml", text: fullPlan)
        let document = try #require(try YAMLReader.documents(in: source).first)
        #expect(PlanFileDecoder.decode(source).diagnostics.isEmpty)
        let written = paths(in: document)
        let described = paths(in: PlanFileSchema.json())
        #expect(written.subtracting(described).sorted() == [])
        #expect(described.subtracting(written).sorted() == [])
    }

    @Test("every key of a plan is read: a wrong value for it is a mistake")
    func everyKeyIsRead() throws {
        let source = SourceText(name: "plan.yaml", text: fullPlan)
        let document = try #require(try YAMLReader.documents(in: source).first)
        for path in paths(in: document).sorted() {
            // No key takes a list of lists.
            let broken = replaced(path.split(separator: ".")[...], in: document.json())
            let text = YAMLWriter.text(broken)
            let found = PlanFileDecoder.decode(SourceText(name: "plan.yaml", text: text))
            #expect(!found.diagnostics.isEmpty, "\(path) is not read")
        }
    }

    /// The document with a value nothing accepts at a path, in the first item of each list that has it.
    private func replaced(_ path: ArraySlice<Substring>, in value: JSONValue) -> JSONValue {
        guard let part = path.first else { return [[["?"]]] }
        let name = String(part.prefix { $0 != "[" })
        guard let member = value[name] else { return value }
        var changed = value
        if part.hasSuffix("[]") {
            changed[name] = .array(
                (member.array ?? []).map { replaced(path.dropFirst(), in: $0) })
        } else {
            changed[name] = replaced(path.dropFirst(), in: member)
        }
        return changed
    }

    @Test("every key is described, closed objects are closed, and needed keys are listed")
    func shape() {
        let schema = PlanFileSchema.json()
        #expect(schema["required"] == ["apiVersion", "kind", "metadata", "spec"])
        #expect(schema["additionalProperties"] == false)
        let spec = schema[path: "properties", "spec"]
        let namespace = spec?[path: "properties", "namespaces", "items"]
        #expect(
            namespace?[path: "properties", "dataplane", "enum"] == ["ambient", "sidecar", "none"])
        let exception = namespace?[path: "properties", "exceptions", "items"]
        #expect(exception?["required"] == ["name", "selector", "ports", "reason"])
        func check(_ value: JSONValue) {
            for property in (value["properties"]?.object ?? [:]).values {
                #expect(property["description"]?.string?.isEmpty == false)
                check(property)
            }
        }
        check(schema)
    }
}
