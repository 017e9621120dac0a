package import MeshModel

/// A person said yes to what comes now: `--approve NAME`, or the prompt.
package struct ApprovalAsked: Sendable, Hashable, Codable {
    package var name: String
    /// What is approved, on one line.
    package var why: String

    package init(name: String, why: String) {
        self.name = name
        self.why = why
    }
}

extension ApprovalAsked: GateRule {
    package enum Sample: Sendable, Hashable {
        /// `user@host`
        case given(by: String)
        case refused
        /// There was nobody to ask.
        case nobody
    }

    package static let gate = Gate.approval

    package func findings(in sample: Sample) -> [GateFinding] {
        switch sample {
        case .given(let person): [finding(.pass, about: name, "\(person) approved: \(why)")]
        case .refused:
            [
                finding(
                    .fail, about: name, "not approved: \(why)",
                    hint: "Nothing of it was begun. It is asked again when the run goes on.")
            ]
        case .nobody:
            [
                finding(
                    .inconclusive, about: name, "nobody has approved it yet: \(why)",
                    hint: "Look at the plan, then approve it with --approve \(name).")
            ]
        }
    }
}
