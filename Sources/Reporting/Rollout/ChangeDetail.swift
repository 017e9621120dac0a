import JSON
import MeshModel
import MeshPlanning

/// What a change writes, in words: one part for each thing that differs.
enum ChangeDetail {
    static func parts(of change: Change) -> [String] {
        switch change {
        case .labels(let change): labels(from: change.before, to: change.after)
        case .restart(let change):
            [restart(wants: change.wants)]
                + (change.templateLabel.map {
                    labels(from: [$0.key: $0.before], to: [$0.key: $0.after])
                } ?? []).map { $0 + " on its pod template" }
        case .policy(let change): policy(change)
        case .traffic(let change): TrafficDetail.parts(of: change)
        }
    }

    /// Everything that a policy says: `mode STRICT`, `port 3000 PERMISSIVE`, `selector app=web`.
    static func statements(of spec: JSONValue) -> [String] {
        var parts = ["mode \(PolicySpec.mode(of: spec).rawValue)"]
        for (port, mode) in PolicySpec.ports(of: spec).sorted(by: { $0.key < $1.key }) {
            parts.append("port \(port) \(mode.rawValue)")
        }
        if let selector = PolicySpec.selector(of: spec) {
            parts.append("selector \(selector.text)")
        }
        return parts
    }

    private static func restart(wants: PodDataplane) -> String {
        switch wants {
        case .sidecar: "restart, for a sidecar"
        case .ambient: "restart, for the ambient mesh"
        case .none: "restart, without a sidecar"
        case .gateway, .waypoint: "restart"
        }
    }

    private static func labels(
        from before: [String: String?], to after: [String: String?]
    ) -> [String] {
        after.sorted { $0.key < $1.key }.compactMap { key, value in
            switch (before[key] ?? nil, value) {
            case (let old, let new) where old == new: nil
            case (nil, let new?): "+ \(key)=\(new)"
            case (let old?, nil): "- \(key)=\(old)"
            case (let old?, let new?): "~ \(key)=\(old) → \(new)"
            case (nil, nil): nil
            }
        }
    }

    private static func policy(_ change: PolicyChange) -> [String] {
        switch (change.before, change.after) {
        case (nil, let after?):
            return statements(of: after.spec)
        case (let before?, nil):
            return ["was " + statements(of: before.spec).joined(separator: ", ")]
        case (let before?, let after?):
            var parts = specChanges(from: before.spec, to: after.spec)
            parts += labelChanges(from: before.labels, to: after.labels)
            if before.annotations != after.annotations { parts.append("annotations") }
            return parts
        case (nil, nil):
            return []
        }
    }

    /// The labels that make an object ours, in a word; others one by one.
    static func labelChanges(
        from before: [String: String], to after: [String: String]
    ) -> [String] {
        let marks = [LabelKeys.managedBy, LabelKeys.plan]
        var parts: [String] = []
        if marks.contains(where: { after[$0] != nil && after[$0] != before[$0] }) {
            parts.append("adopted")
        } else if marks.contains(where: { before[$0] != nil && after[$0] == nil }) {
            parts.append("handed back to its owner")
        }
        var whole: [String: String?] = after
        for key in before.keys where after[key] == nil { whole.updateValue(nil, forKey: key) }
        return parts + labels(from: before, to: whole.filter { !marks.contains($0.key) })
    }

    private static func specChanges(from before: JSONValue, to after: JSONValue) -> [String] {
        var parts: [String] = []
        let modes = (PolicySpec.mode(of: before), PolicySpec.mode(of: after))
        if modes.0 != modes.1 { parts.append("mode \(modes.0.rawValue) → \(modes.1.rawValue)") }
        let ports = (PolicySpec.ports(of: before), PolicySpec.ports(of: after))
        for port in Set(ports.0.keys).union(ports.1.keys).sorted() {
            switch (ports.0[port], ports.1[port]) {
            case (let old, let new) where old == new: break
            case (nil, let new?): parts.append("+ port \(port) \(new.rawValue)")
            case (let old?, nil): parts.append("- port \(port) \(old.rawValue)")
            case (let old?, let new?):
                parts.append("port \(port) \(old.rawValue) → \(new.rawValue)")
            case (nil, nil): break
            }
        }
        let selectors = (PolicySpec.selector(of: before), PolicySpec.selector(of: after))
        if selectors.0 != selectors.1 {
            parts.append("selector \(text(selectors.0)) → \(text(selectors.1))")
        }
        if rest(of: before) != rest(of: after) { parts.append("other fields of the spec") }
        return parts
    }

    private static func text(_ selector: LabelSelector?) -> String { selector?.text ?? "(none)" }

    /// The spec without what `specChanges` spells out.
    private static func rest(of spec: JSONValue) -> [String: JSONValue] {
        (spec.object ?? [:]).filter { !["mtls", "portLevelMtls", "selector"].contains($0.key) }
    }
}
