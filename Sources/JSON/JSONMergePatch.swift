/// JSON merge patch (RFC 7386): objects merge, null removes, everything else replaces.
extension JSONValue {
    /// This document after `patch`.
    package func merging(patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = object ?? [:]
        for (key, change) in changes {
            if change.isNull {
                members[key] = nil
            } else {
                members[key] = (members[key] ?? .null).merging(patch: change)
            }
        }
        return .object(members)
    }

    /// The smallest patch that makes `self` into `target`; an empty object when they are equal.
    /// `target` must hold no nulls inside objects: a merge patch cannot write them.
    package func mergePatch(to target: JSONValue) -> JSONValue {
        guard case .object(let wanted) = target, case .object(let present) = self else {
            return target
        }
        var patch: [String: JSONValue] = [:]
        for key in present.keys where wanted[key] == nil { patch[key] = .null }
        for (key, value) in wanted where present[key] != value {
            patch[key] = present[key].map { $0.mergePatch(to: value) } ?? value
        }
        return .object(patch)
    }
}
