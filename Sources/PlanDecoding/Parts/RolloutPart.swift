import Diagnostics
import MeshModel

/// `spec.rollout`
enum RolloutPart {
    static let object = PlanObject(
        "Order, pace and patience.",
        [
            PlanKey(
                "waves", .list(.name(.label)),
                "The order of the waves inside a stage; namespaces without one come last."),
            PlanKey("limits", .object(limits), "How much may change at once."),
            PlanKey(
                "soak", .object(soak),
                "How long a wave is watched after a stage before the next one starts."),
            PlanKey(
                "settle", .duration,
                "Waited between dependent steps where propagation cannot be proved.",
                default: "30s"),
            PlanKey("abortOn", .object(abortOn), "When the guard rolls back by itself."),
        ])

    static let limits = PlanObject(
        "How much may change at once.",
        [
            PlanKey(
                "namespacesAtOnce", .integer(1...10_000), "Namespaces changed together.",
                default: "1"),
            PlanKey(
                "podsRestartingAtOnce", .integer(1...1_000_000),
                "Surge plus unavailable pods of all workloads that restart together.",
                default: "20"),
            PlanKey(
                "confirm", .duration,
                "How long a written step may take to be confirmed before the run stops.",
                default: "10m"),
        ])

    static let soak = PlanObject(
        "Durations by stage.",
        Stage.allCases.map { stage in
            PlanKey(stage.rawValue, .duration, "After the stage `\(stage.rawValue)`.")
        })

    static let abortOn = PlanObject(
        "When the guard rolls back by itself.",
        [
            PlanKey(
                "refusedConnections", .integer(1...1_000_000),
                "Refusals of required traffic within the window.", default: "5"),
            PlanKey("window", .duration, "The window.", default: "2m"),
            PlanKey(
                "scope", .oneOf(RolloutSettings.AbortOn.Scope.allCases.map(\.rawValue)),
                "What is relaxed.", default: "wave"),
        ])

    static func settings(_ cursor: PlanCursor) -> RolloutSettings {
        var settings = RolloutSettings()
        settings.range = cursor.place
        guard let fields = cursor.fields(object) else { return settings }
        settings.keyRanges = fields.keyRanges
        settings.waves = waves(fields)
        if let cursor = fields["limits"] { settings.limits = limits(cursor) }
        if let soak = fields["soak"]?.fields(soak) {
            for stage in Stage.allCases {
                settings.soak[stage] = soak[stage.rawValue]?.duration()
            }
        }
        if let settle = fields["settle"]?.duration() { settings.settle = settle }
        settings.abortOn = fields["abortOn"].flatMap(abortOn)
        return settings
    }

    private static func waves(_ fields: PlanFields) -> [String] {
        var waves: [String] = []
        for cursor in fields["waves"]?.items() ?? [] {
            guard let wave = cursor.name(.label) else { continue }
            if waves.contains(wave) {
                cursor.report(.duplicateEntry, "the wave `\(wave)` stands twice in `waves`")
            } else {
                waves.append(wave)
            }
        }
        return waves
    }

    private static func limits(_ cursor: PlanCursor) -> RolloutSettings.Limits {
        var settings = RolloutSettings.Limits()
        guard let fields = cursor.fields(limits) else { return settings }
        if let count = fields["namespacesAtOnce"]?.integer(1...10_000) {
            settings.namespacesAtOnce = count
        }
        if let count = fields["podsRestartingAtOnce"]?.integer(1...1_000_000) {
            settings.podsRestartingAtOnce = count
        }
        if let confirm = fields["confirm"]?.positiveDuration() { settings.confirm = confirm }
        return settings
    }

    private static func abortOn(_ cursor: PlanCursor) -> RolloutSettings.AbortOn? {
        guard let fields = cursor.fields(abortOn) else { return nil }
        var settings = RolloutSettings.AbortOn()
        if let count = fields["refusedConnections"]?.integer(1...1_000_000) {
            settings.refusedConnections = count
        }
        if let window = fields["window"]?.positiveDuration() { settings.window = window }
        if let scope = fields["scope"]?.choice(RolloutSettings.AbortOn.Scope.allCases) {
            settings.scope = scope
        }
        return settings
    }
}

extension PlanCursor {
    /// A duration in which something can happen.
    func positiveDuration() -> Duration? {
        guard let duration = duration() else { return nil }
        guard duration > .zero else {
            report(.invalidValue, "`\(key)` must be longer than nothing")
            return nil
        }
        return duration
    }
}
