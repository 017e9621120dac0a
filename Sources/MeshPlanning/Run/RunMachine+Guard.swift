// The guard: a look before a batch that makes somebody stricter, and looks after it until its wave was watched.
extension RunMachine {
    /// nil where nothing is to be compared with later, or it is known already.
    mutating func lookBefore() -> [RunAction]? {
        guard !waiting.isEmpty, let number = batches[batch].first?.batch,
            let target = guards[number], state.guardBases[number] == nil
        else { return nil }
        wait = .guardBase(number)
        return [.lookBefore(target)]
    }

    /// nil where nothing is guarded, or this process has looked, or will after a later batch.
    mutating func lookAfter(_ number: Int) -> [RunAction]? {
        let guarded = watched(after: number)
        guard !guarded.isEmpty, looked.insert(number).inserted, !isFollowed else { return nil }
        wait = .guardReport(number)
        return [.lookAfter(guarded)]
    }

    /// Whether an earlier process got further.
    private var isFollowed: Bool {
        batches[(batch + 1)...].joined().contains { isBegun($0) }
    }

    /// The batches up to this one whose wave was not yet watched to its end.
    func watched(after number: Int) -> [GuardedBatch] {
        let last = state.soakedBatches.max() ?? 0
        return state.rollout.guards.filter { $0.batch > last && $0.batch <= number }
            .compactMap { target in
                state.guardBases[target.batch].map { GuardedBatch(target, base: $0) }
            }
    }

    mutating func guardFound(_ report: GuardReport) -> [RunAction] {
        switch wait {
        case .guardReport, .settling, .soak: break
        default: return []
        }
        wait = nil
        return [.append(.guardReported(report))]
    }
}
