package import MeshModel

/// What a pod says on its readiness page.
package enum Readiness: Sendable, Hashable {
    case ready
    /// With the status and the first line that it answered.
    case notReady(String)
}

/// What pods said on their readiness pages, by pod as `namespace/name`.
package struct ReadinessAnswers: Sendable, Equatable {
    package var byPod: [String: Reading<Readiness>]

    package init(_ byPod: [String: Reading<Readiness>] = [:]) { self.byPod = byPod }

    /// A pod that was not asked was not seen.
    package func of(_ pod: Pod) -> Reading<Readiness> {
        byPod[pod.text] ?? .unseen(why: "pod \(pod.text) was not asked")
    }
}
