/// The stages of a rollout, in order; each is defined by its end state (`docs/architecture.md`).
package enum Stage: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    case enroll, permissive, strict

    package static func < (a: Stage, b: Stage) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .enroll: 0
        case .permissive: 1
        case .strict: 2
        }
    }
}
