import Timing

/// Whether the targets' own pods get worse: those that were ready before the step, and those that restart.
///
/// Two looks in a row have to show it, and of the same pod: a rollout by somebody else replaces pods, and new ones
/// take their time.
struct HealthWatch: Sendable {
    /// Pods of targets all of whose pods were ready, by UID.
    private let wereReady: Set<String>
    private let targets: Set<String>
    /// The two looks before, the older first.
    private var past: [[String: GuardLook.PodHealth]]

    init(of targets: Set<String>, base: GuardLook) {
        self.targets = targets
        let byTarget = Dictionary(grouping: base.pods, by: \.workload)
        wereReady = Set(
            byTarget.values.filter { $0.allSatisfy(\.isReady) }.joined().map(\.uid))
        past = [Self.byUID(base)]
    }

    /// What got worse, a line each.
    mutating func add(_ look: GuardLook) -> [String] {
        var found: [String] = []
        let last = past.last ?? [:]
        for pod in look.pods.sorted(by: { ($0.workload, $0.pod) < ($1.workload, $1.pod) })
        where targets.contains(pod.workload) {
            if !pod.isReady, wereReady.contains(pod.uid), last[pod.uid]?.isReady == false {
                found.append(
                    "\(pod.workload): pod \(pod.pod) was ready before the step, and two looks in a row show it "
                        + "not ready")
            }
            if past.count == 2, let before = last[pod.uid], let first = past[0][pod.uid],
                pod.restarts > before.restarts, before.restarts > first.restarts
            {
                found.append(
                    "\(pod.workload): pod \(pod.pod) restarts again and again, "
                        + "\(pod.restarts.subtractingClamped(first.restarts)) times in two looks")
            }
        }
        past = past.suffix(1) + [Self.byUID(look)]
        return found
    }

    private static func byUID(_ look: GuardLook) -> [String: GuardLook.PodHealth] {
        Dictionary(look.pods.map { ($0.uid, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
