import JSON
import Timing

/// The server-side printing of `kubectl get`: `meta.k8s.io/v1` Table.
struct Table {
    private let resource: SandboxResource
    /// `Metadata` (the default), `Object` or `None`: what a row carries beside its cells.
    private let includes: String
    private let now: Timestamp

    init(_ resource: SandboxResource, includes: String, now: Timestamp) {
        self.resource = resource
        self.includes = includes
        self.now = now
    }

    init(_ scope: RequestScope, now: Timestamp) {
        self.init(
            scope.resource, includes: scope.request.parameter("includeObject") ?? "Metadata",
            now: now)
    }

    func document(_ objects: [JSONValue], metadata: JSONValue) -> JSONValue {
        let columns =
            [Column("Name", { .string($0.name) })] + TableColumns.of(resource)
            + [Column("Age", { .string(age($0)) })]
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
            "columnDefinitions": .array(
                columns.map { column in
                    [
                        "name": .string(column.name),
                        "type": .string(column.isNumber ? "integer" : "string"),
                        "format": .string(column.name == "Name" ? "name" : ""),
                        "description": "", "priority": .integer(column.isWide ? 1 : 0),
                    ]
                }),
            "rows": .array(
                objects.map { object in
                    var row: JSONValue = ["cells": .array(columns.map { $0.cell(object) })]
                    switch includes {
                    case "None": break
                    case "Object": row["object"] = object
                    default: row["object"] = Representation.partial(object)
                    }
                    return row
                }),
        ]
    }

    private func age(_ object: JSONValue) -> String {
        guard let created = object.createdAt else { return "<unknown>" }
        return Self.short(now - created)
    }

    /// As kubectl writes ages (apimachinery `duration.HumanDuration`, without its middle ranges).
    static func short(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<600:
            return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds / 60)m\(seconds % 60)s"
        case ..<10_800: return "\(seconds / 60)m"
        case ..<172_800: return "\(seconds / 3600)h"
        default: return "\(seconds / 86_400)d"
        }
    }
}

struct Column {
    let name: String
    let isNumber: Bool
    /// Only with `-o wide`.
    let isWide: Bool
    let cell: (JSONValue) -> JSONValue

    init(
        _ name: String, number: Bool = false, wide: Bool = false,
        _ cell: @escaping (JSONValue) -> JSONValue
    ) {
        self.name = name
        isNumber = number
        isWide = wide
        self.cell = cell
    }
}
