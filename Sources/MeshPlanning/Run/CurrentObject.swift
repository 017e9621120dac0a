import JSON

/// An object as just read, reduced to what a step compares and what a write's preconditions need.
package struct CurrentObject: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        case absent
        case namespace(labels: [String: String])
        case workload(restartedAt: String?, templateLabels: [String: String] = [:])
        /// A policy, or an object that steers traffic.
        case policy(PolicyImage)
    }

    package var content: Content
    /// Empty when absent.
    package var uid: String
    package var resourceVersion: String

    package init(content: Content, uid: String = "", resourceVersion: String = "") {
        self.content = content
        self.uid = uid
        self.resourceVersion = resourceVersion
    }

    package static let absent = CurrentObject(content: .absent)
}

/// How an object stands against a planned change.
package enum Standing: Sendable, Hashable {
    case asBefore
    case asAfter
    /// Neither: somebody changed it meanwhile. `detail` says what was expected and what is there.
    case moved(detail: String)
}

extension Change {
    /// Compares only what the change writes: other people's labels, annotations and status do not count.
    package func standing(of current: CurrentObject) -> Standing {
        switch (self, current.content) {
        case (.labels(let change), .namespace(let labels)):
            change.standing(labels: labels, uid: current.uid)
        case (.labels(let change), _):
            .moved(detail: "namespace \(change.namespace) is gone")
        case (.restart(let change), .workload(_, let labels)):
            change.standing(templateLabels: labels, uid: current.uid)
        case (.restart, _):
            .moved(detail: "it is gone")
        case (.policy(let change), .policy(let image)):
            change.standing(image: image, uid: current.uid)
        case (.policy(let change), _):
            change.standing(image: nil, uid: "")
        case (.traffic(let change), .policy(let image)):
            change.standing(image: image, uid: current.uid)
        case (.traffic(let change), _):
            change.standing(image: nil, uid: "")
        }
    }
}

extension WorkloadRestart {
    /// A restart is one more revision of the template, wherever it stands: never "done" by itself.
    fileprivate func standing(templateLabels: [String: String], uid current: String) -> Standing {
        guard uid.isEmpty || uid == current else {
            return .moved(detail: "it was deleted and made again")
        }
        guard let label = templateLabel else { return .asBefore }
        let present = templateLabels[label.key]
        guard present == label.before || present == label.after else {
            return .moved(
                detail: "its pod template now has \(label.key)=\(present ?? "(absent)")")
        }
        return .asBefore
    }
}

extension NamespaceLabelChange {
    fileprivate func standing(labels: [String: String], uid current: String) -> Standing {
        guard uid.isEmpty || uid == current else {
            return .moved(detail: "namespace \(namespace) was deleted and made again")
        }
        if after.allSatisfy({ labels[$0.key] == $0.value }) { return .asAfter }
        if before.allSatisfy({ labels[$0.key] == $0.value }) { return .asBefore }
        let seen = before.keys.sorted().map { "\($0)=\(labels[$0] ?? "(absent)")" }
        return .moved(detail: "its labels are now \(seen.joined(separator: ", "))")
    }
}

extension ImageChange {
    fileprivate func standing(image: PolicyImage?, uid current: String) -> Standing {
        guard uid.isEmpty || image == nil || uid == current else {
            return .moved(detail: "it was deleted and made again")
        }
        if image?.spec == after?.spec, holdsOurLabels(image) { return .asAfter }
        if image?.spec == before?.spec { return .asBefore }
        guard let image else { return .moved(detail: "it was deleted") }
        return .moved(detail: "its spec is now \(image.spec.canonicalText)")
    }

    /// Labels that this change sets must be there; what others added does not matter.
    private func holdsOurLabels(_ image: PolicyImage?) -> Bool {
        guard let image, let after else { return true }
        return after.labels.allSatisfy { image.labels[$0.key] == $0.value }
    }
}
