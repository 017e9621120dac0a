/// Something a gate wanted to see of the cluster: seen, or not, and then why.
///
/// What was not seen never counts as well: a gate turns it into an inconclusive finding.
package enum Reading<Value: Sendable>: Sendable {
    case seen(Value)
    /// No permission, no endpoint, no answer: one line, such as `pods/proxy is forbidden`.
    case unseen(why: String)

    package var value: Value? {
        if case .seen(let value) = self { value } else { nil }
    }

    package func map<Other: Sendable>(_ transform: (Value) -> Other) -> Reading<Other> {
        switch self {
        case .seen(let value): .seen(transform(value))
        case .unseen(let why): .unseen(why: why)
        }
    }
}

extension Reading: Equatable where Value: Equatable {}
extension Reading: Hashable where Value: Hashable {}
