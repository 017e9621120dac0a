package import JSON

/// The plan file's JSON Schema (draft 2020-12), for editors.
package enum PlanFileSchema {
    package static func json() -> JSONValue {
        var root = schema(of: PlanRoot.object)
        root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        root["$id"] = "https://meshctl.dev/schemas/plan-file/v1alpha1.json"
        root["title"] = "meshctl plan file"
        return root
    }

    private static func schema(of object: PlanObject) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for key in object.keys {
            var property = schema(of: key.type)
            property["description"] = .string(
                key.fallback.map { "\(key.about) Default: \($0)." } ?? key.about)
            properties[key.name] = property
        }
        var schema: JSONValue = [
            "type": "object", "description": .string(object.about),
            "properties": .object(properties), "additionalProperties": false,
        ]
        let required = object.keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return schema
    }

    private static func schema(of type: PlanType) -> JSONValue {
        switch type {
        case .text: return ["type": "string", "minLength": 1]
        case .name(let form): return string(matching: form.pattern)
        case .pattern(let pattern): return string(matching: pattern)
        case .flag: return ["type": "boolean"]
        case .integer(let range):
            return [
                "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
                "maximum": .integer(Int64(range.upperBound)),
            ]
        case .number: return ["type": "number"]
        case .duration: return string(matching: DurationText.pattern)
        case .date: return ["type": "string", "format": "date"]
        case .oneOf(let words): return ["enum": .array(words.map(JSONValue.string))]
        case .labels:
            return [
                "type": "object", "minProperties": 1,
                "propertyNames": string(matching: KubernetesName.Form.labelKey.pattern),
                "additionalProperties": string(matching: KubernetesName.Form.labelValue.pattern),
            ]
        case .ports(let words):
            return [
                "type": "object", "minProperties": 1,
                "propertyNames": ["pattern": "^[1-9][0-9]{0,4}$"],
                "additionalProperties": ["enum": .array(words.map(JSONValue.string))],
            ]
        case .object(let object): return schema(of: object)
        case .list(let element): return ["type": "array", "items": schema(of: element)]
        case .either(let types): return ["oneOf": .array(types.map { schema(of: $0) })]
        }
    }

    private static func string(matching pattern: String) -> JSONValue {
        ["type": "string", "pattern": .string(pattern)]
    }
}
