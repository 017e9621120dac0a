package import JSON
import MeshModel

/// An object that somebody else changed after the run: shown as three columns and left alone.
package struct RollbackConflict: Sendable, Hashable, Codable {
    package var object: ObjectReference
    /// As it was before the run; null is absence.
    package var before: JSONValue
    /// As the run left it.
    package var ours: JSONValue
    package var now: JSONValue

    package init(
        object: ObjectReference, before: JSONValue, ours: JSONValue, now: JSONValue
    ) {
        self.object = object
        self.before = before
        self.ours = ours
        self.now = now
    }
}

extension RollbackConflict {
    /// nil when the object is as the run left it, or as it was before.
    ///
    /// Only the spec counts: labels and annotations that others added are theirs, and stay.
    ///
    /// - Parameter now: the spec; nil when the object is absent.
    init?(_ written: NetEffect.Written, now: JSONValue?) {
        guard !written.left.contains(now), now != written.before?.spec else { return nil }
        self.init(
            object: written.object, before: written.before?.spec ?? .null,
            ours: (written.left.last ?? nil) ?? .null, now: now ?? .null)
    }

    /// nil when the label of the pod template is as the run left it, or as it was before.
    init?(_ template: NetEffect.Template, now workload: Workload) {
        let present = workload.template.labels[template.key]
        guard !template.left.contains(present), present != template.before else { return nil }
        func column(_ value: String?) -> JSONValue {
            [template.key: value.map(JSONValue.string) ?? .null]
        }
        self.init(
            object: ObjectReference(template.workload), before: column(template.before),
            ours: column(template.left.last ?? nil), now: column(present))
    }

    /// nil when each label that the run wrote is as the run left it, or as it was before.
    ///
    /// In a namespace that was deleted and made again nothing is the run's, whatever its labels say.
    init?(_ labels: NetEffect.Labels, now namespace: Namespace) {
        let present = namespace.meta.labels
        let isAnother =
            !labels.uid.isEmpty && !namespace.meta.uid.isEmpty && labels.uid != namespace.meta.uid
        let moved = labels.before.keys.filter { key in
            let isOurs = !isAnother && labels.left[key]?.contains(present[key]) ?? false
            return !isOurs && present[key] != (labels.before[key] ?? nil)
        }
        guard !moved.isEmpty else { return nil }
        func column(_ value: (String) -> String?) -> JSONValue {
            .object(
                Dictionary(
                    uniqueKeysWithValues: moved.map {
                        ($0, value($0).map(JSONValue.string) ?? .null)
                    }))
        }
        self.init(
            object: ObjectReference(kind: "Namespace", namespace: "", name: namespace.name),
            before: column { labels.before[$0] ?? nil },
            ours: column { labels.left[$0]?.last ?? nil }, now: column { present[$0] })
    }
}
