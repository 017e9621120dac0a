import JSON
import Timing

/// `metadata.managedFields`: who set which fields, and what an apply may change
/// (structured-merge-diff `merge/update.go`, apimachinery `managedfields/internal`).
struct FieldManagers: Equatable {
    struct Manager: Hashable, Comparable {
        var operation: String
        var name: String
        /// Empty for an apply: its entry is found again whatever the version.
        var apiVersion: String
        var subresource: String

        static func < (a: Manager, b: Manager) -> Bool {
            (a.operation, a.name, a.apiVersion, a.subresource)
                < (b.operation, b.name, b.apiVersion, b.subresource)
        }

        /// As conflict messages name it.
        var text: String {
            let quoted = "\"\(name)\""
            if operation == "Apply" { return quoted }
            let part = subresource.isEmpty ? "" : " with subresource \"\(subresource)\""
            return "\(quoted)\(part) using \(apiVersion)"
        }
    }

    struct Entry: Equatable {
        var fields: FieldSet
        var time: String
        var apiVersion: String
    }

    private(set) var entries: [Manager: Entry] = [:]

    init(_ object: JSONValue) {
        for entry in object.metadata["managedFields"]?.array ?? [] {
            let operation = entry["operation"]?.string ?? "Update"
            let apiVersion = entry["apiVersion"]?.string ?? ""
            let manager = Manager(
                operation: operation, name: entry["manager"]?.string ?? "",
                apiVersion: operation == "Apply" ? "" : apiVersion,
                subresource: entry["subresource"]?.string ?? "")
            entries[manager] = Entry(
                fields: FieldSet(fieldsV1: entry["fieldsV1"] ?? [:]),
                time: entry["time"]?.string ?? "", apiVersion: apiVersion)
        }
    }

    /// The list in the server's order: applies first, then by time and name.
    var document: JSONValue? {
        guard !entries.isEmpty else { return nil }
        let sorted = entries.sorted { a, b in
            (a.key.operation, a.value.time, a.key) < (b.key.operation, b.value.time, b.key)
        }
        return .array(
            sorted.map { manager, entry in
                var document: JSONValue = [
                    "manager": .string(manager.name), "operation": .string(manager.operation),
                    "apiVersion": .string(entry.apiVersion), "time": .string(entry.time),
                    "fieldsType": "FieldsV1", "fieldsV1": entry.fields.fieldsV1,
                ]
                if !manager.subresource.isEmpty {
                    document["subresource"] = .string(manager.subresource)
                }
                return document
            })
    }

    /// Records that `manager` made `new` out of `old` by a plain write: it owns what it changed,
    /// and everybody else loses it.
    mutating func update(
        by manager: Manager, apiVersion: String, at time: String, _ comparison: FieldComparison
    ) {
        let changed = comparison.added.union(comparison.modified)
        let previous = entries[manager]?.fields ?? FieldSet()
        take(changed.union(comparison.removed))
        let fields = previous.subtracting(comparison.removed).union(changed)
        entries[manager] =
            fields.isEmpty ? nil : Entry(fields: fields, time: time, apiVersion: apiVersion)
    }

    /// Makes `manager` the owner of exactly `applied`.
    mutating func apply(
        by manager: Manager, apiVersion: String, at time: String, applied: FieldSet,
        _ comparison: FieldComparison
    ) {
        take(comparison.added.union(comparison.modified).union(comparison.removed))
        entries[manager] =
            applied.isEmpty ? nil : Entry(fields: applied, time: time, apiVersion: apiVersion)
    }

    private mutating func take(_ fields: FieldSet) {
        entries = entries.compactMapValues { entry in
            var entry = entry
            entry.fields = entry.fields.subtracting(fields)
            return entry.fields.isEmpty ? nil : entry
        }
    }

    /// The fields of other managers that the comparison changes.
    func conflicts(
        for manager: Manager, _ comparison: FieldComparison
    ) -> [(manager: Manager, path: [String])] {
        let changed = comparison.added.union(comparison.modified)
        return entries.filter { $0.key != manager }.sorted { $0.key < $1.key }
            .flatMap { other, entry in
                entry.fields.intersection(changed).paths.map { (other, $0) }
            }
    }

    func fields(of manager: Manager) -> FieldSet { entries[manager]?.fields ?? FieldSet() }

    /// What anybody but `manager` owns.
    func fields(except manager: Manager) -> FieldSet {
        entries.filter { $0.key != manager }.values.reduce(FieldSet()) { $0.union($1.fields) }
    }
}

extension APIStatus {
    static func applyConflict(
        _ conflicts: [(manager: FieldManagers.Manager, path: [String])]
    ) -> APIStatus {
        let causes = conflicts.map { conflict in
            Cause(
                reason: "FieldManagerConflict", message: "conflict with \(conflict.manager.text)",
                field: FieldSet.text(conflict.path))
        }
        if causes.count == 1 {
            return applyConflict(
                causes, "Apply failed with 1 conflict: \(causes[0].message): \(causes[0].field)")
        }
        var lines: [String] = []
        var last = ""
        for (conflict, cause) in zip(conflicts, causes) {
            if conflict.manager.text != last {
                last = conflict.manager.text
                lines.append("conflicts with \(last):")
            }
            lines.append("- \(cause.field)")
        }
        return applyConflict(
            causes,
            "Apply failed with \(causes.count) conflicts: \(lines.joined(separator: "\n"))")
    }
}
