package import MeshModel

/// What a rollout is limited to: the namespaces of some waves, through all stages. What holds for the whole
/// mesh is in none of them: it comes when nothing is left out.
package struct WaveLimit: Sendable, Hashable {
    /// Stands for what has no wave; a wave's name begins with a letter or a digit.
    package static let unnamed = "-"

    package static let everything = WaveLimit(chosen: nil)

    /// nil: everything.
    private let chosen: Set<String>?

    private init(chosen: Set<String>?) { self.chosen = chosen }

    /// - Parameter waves: names as `--wave` has them. None is no limit, and neither are all that
    ///   the plan's namespaces have.
    package init(_ waves: [String], of plan: MeshPlan) {
        let isLimit = !waves.isEmpty && !Set(waves).isSuperset(of: plan.usedWaves)
        self.init(chosen: isLimit ? Set(waves) : nil)
    }

    /// All that the plan has entries for, and nothing that holds for the mesh.
    static func allWaves(of plan: MeshPlan) -> WaveLimit {
        WaveLimit(chosen: Set(plan.usedWaves))
    }

    package var isEverything: Bool { chosen == nil }

    package func includes(_ wave: String?) -> Bool {
        chosen?.contains(wave ?? Self.unnamed) ?? true
    }

    /// `waves canary, payments and the namespaces without a wave`
    package static func words(_ waves: [String]) -> String {
        let named = waves.filter { $0 != unnamed }
        var words = named.isEmpty ? [] : ["wave\(named.count == 1 ? "" : "s") \(named.shortList)"]
        if named.count < waves.count { words.append("the namespaces without a wave") }
        return words.joined(separator: " and ")
    }
}

extension MeshPlan {
    /// The waves that may be chosen, in the order in which they run.
    package var waveNames: [String] {
        let unlisted = Set(namespaces.compactMap(\.wave)).subtracting(rollout.waves)
        return rollout.waves + unlisted.sorted() + [WaveLimit.unnamed]
    }

    /// Those that a namespace entry has, in that order.
    var usedWaves: [String] {
        let used = Set(namespaces.map { $0.wave ?? WaveLimit.unnamed })
        return waveNames.filter(used.contains)
    }
}
