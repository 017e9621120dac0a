/// Judges looks at the proxies one after the other: who is refused since the watch began. Pure.
package struct GuardWatch: Sendable {
    package private(set) var guards: [TrafficGuard]
    private let rule: AbortRule
    private var looks: [GuardLook]

    /// - Parameter base: how it was before the first of the batches.
    package init(_ guards: [TrafficGuard], rule: AbortRule, base: GuardLook) {
        self.guards = guards
        self.rule = rule
        looks = [base]
    }

    /// The newest look, and what it says together with those before.
    package mutating func add(_ look: GuardLook) -> GuardReport {
        looks.append(look)
        return GuardReport(batch: guards.last?.batch ?? 0, doubts: look.unseen)
    }
}
