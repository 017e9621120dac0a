/// A Kubernetes label selector with expressions, as `neverInjectSelector` of the injector takes it.
package struct InjectionSelector: Sendable, Hashable {
    package enum Requirement: Sendable, Hashable {
        case isIn(key: String, values: Set<String>)
        case isNotIn(key: String, values: Set<String>)
        case exists(key: String)
        case doesNotExist(key: String)

        /// As Kubernetes' `labels.Requirement.Matches`: an absent key is not in any set.
        func isMet(by labels: [String: String]) -> Bool {
            switch self {
            case .isIn(let key, let values): labels[key].map(values.contains) ?? false
            case .isNotIn(let key, let values): !(labels[key].map(values.contains) ?? false)
            case .exists(let key): labels[key] != nil
            case .doesNotExist(let key): labels[key] == nil
            }
        }
    }

    package var matchLabels: [String: String]
    package var matchExpressions: [Requirement]

    package init(matchLabels: [String: String] = [:], matchExpressions: [Requirement] = []) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    /// Unlike in Kubernetes an empty selector selects nothing
    /// (istio `pkg/kube/inject/inject.go:injectRequired` asks `!selector.Empty()`).
    package func selects(_ labels: [String: String]) -> Bool {
        guard !matchLabels.isEmpty || !matchExpressions.isEmpty else { return false }
        return matchLabels.allSatisfy { labels[$0.key] == $0.value }
            && matchExpressions.allSatisfy { $0.isMet(by: labels) }
    }
}
