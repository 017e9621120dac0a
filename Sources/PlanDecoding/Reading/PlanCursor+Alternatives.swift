import Diagnostics
import YAML

extension PlanCursor {
    /// The keys of a mapping that has one of several shapes: the one that shares most keys with it.
    func fields(oneOf objects: [PlanObject]) -> PlanFields? {
        guard case .mapping(let mapping) = node else {
            let shapes = objects.map { "{\($0.names.joined(separator: ", "))}" }
            wrongType("a mapping", hint: "Allowed: \(shapes.joined(separator: ", ")).")
            return nil
        }
        let written = Set(mapping.entries.map(\.key.text))
        var best: (object: PlanObject, shared: Int)?
        for object in objects {
            let shared = object.names.count { written.contains($0) }
            if let found = best, found.shared >= shared { continue }
            best = (object, shared)
        }
        guard let best, best.shared > 0 else {
            let shapes = objects.map { "{\($0.names.joined(separator: ", "))}" }
            report(
                .missingKey, "`\(path)` has none of the keys that it needs",
                detail: "Allowed: \(shapes.joined(separator: ", ")).")
            return nil
        }
        return fields(best.object)
    }
}
