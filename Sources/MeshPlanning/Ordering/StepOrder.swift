import MeshModel

/// Puts the needs into stages, waves and batches.
///
/// Stages are outermost, waves run in order inside a stage, namespaces without a wave come last.
/// The steps of one batch are independent of each other.
struct StepOrder {
    private(set) var order = PlacedSteps()
    private let rollout: RolloutSettings
    private var segment = 0

    /// A step before it has its number.
    private struct Draft {
        var change: Change
        var wave: String?
        var marks: [StepMark] = []
        var rank: Int
    }

    init(
        enrolment: [EnrolmentNeed], policies: [PolicyNeed], traffic: [TrafficNeed] = [],
        rollout: RolloutSettings
    ) {
        self.rollout = rollout
        for stage in Stage.allCases {
            let here = policies.filter { $0.stage == stage }
            let steering = traffic.filter { $0.stage == stage }
            // What steers clients goes before the modes that it was made for tighten.
            if stage == .strict {
                add(steering, stage, [[.sidecar, .serviceEntry, .destinationRule]])
            }
            for orders in [[PolicyNeed.Order.namespaces, .dropped], [.mesh], [.afterMesh]] {
                let needs = here.filter { orders.contains($0.order) }
                for wave in waves(of: needs.map(\.wave)) {
                    for order in orders {
                        segment += 1
                        add(needs.filter { $0.wave == wave && $0.order == order }, stage)
                    }
                }
            }
            if stage == .enroll { add(enrolment) }
            // A rule comes before the entry whose port it leads elsewhere; isolation comes last.
            // What an earlier run pinned is let go once the servers have changed.
            if stage == .permissive {
                let unpins = steering.filter { Change.traffic($0.change).isOfPin }
                add(
                    steering.filter { !Change.traffic($0.change).isOfPin }, stage,
                    [[.destinationRule, .serviceEntry], [.sidecar]])
                add(unpins, stage, [[.destinationRule]])
            }
        }
    }

    /// The waves that occur, in their order, nil last.
    private func waves(of occurring: [String?]) -> [String?] {
        let set = Set(occurring)
        let listed = rollout.waves.filter { set.contains($0) }
        // A plan file that names a wave it does not list is refused when read.
        let unlisted = set.compactMap(\.self).filter { !rollout.waves.contains($0) }.sorted()
        return (listed + unlisted).map(Optional.some) + (set.contains(nil) ? [nil] : [])
    }

    private mutating func add(_ needs: [PolicyNeed], _ stage: Stage) {
        // An exception stands before its namespace's policy: what is written first is older, and found first.
        let sorted = needs.sorted { a, b in
            (a.change.namespace, a.change.sortsAsException ? 0 : 1, a.change.name)
                < (b.change.namespace, b.change.sortsAsException ? 0 : 1, b.change.name)
        }
        add(
            sorted.map {
                Draft(
                    change: .policy($0.change), wave: $0.wave, marks: $0.marks,
                    rank: $0.change.sortsAsException ? 0 : 1)
            },
            Phase(stage), settles: true)
    }

    /// - Parameter groups: kinds of object; a group is done in all waves before the next one starts.
    private mutating func add(
        _ needs: [TrafficNeed], _ stage: Stage, _ groups: [[TrafficKind]]
    ) {
        for kinds in groups {
            let group = needs.filter { kinds.contains($0.change.kind) }
            for wave in waves(of: group.map(\.wave)) {
                segment += 1
                for kind in kinds {
                    let together = group.filter { $0.wave == wave && $0.change.kind == kind }
                        .sorted { $0.change.object < $1.change.object }
                    add(
                        together.map {
                            Draft(change: .traffic($0.change), wave: $0.wave, rank: 0)
                        },
                        Phase(stage), settles: true)
                }
            }
        }
    }

    private mutating func add(_ needs: [EnrolmentNeed]) {
        // Who leaves goes last: its servers' clients are then on the plane where they stay.
        for leaves in [false, true] {
            let group = needs.filter { $0.leaves == leaves }
            for wave in waves(of: group.map(\.wave)) {
                segment += 1
                let namespaces = group.filter { $0.wave == wave }
                let atOnce = max(1, rollout.limits.namespacesAtOnce)
                for start in stride(from: 0, to: namespaces.count, by: atOnce) {
                    addTogether(Array(namespaces[start...].prefix(atOnce)))
                }
            }
        }
    }

    private mutating func addTogether(_ needs: [EnrolmentNeed]) {
        addRestarts(needs.flatMap { need in need.rolls.map { (need.wave, $0) } }, rank: 0)
        addLabels(needs, \.labelsFirst, rank: 100)
        addRestarts(needs.flatMap { need in need.restarts.map { (need.wave, $0) } }, rank: 200)
        addLabels(needs, \.labelsLast, rank: 300)
    }

    private mutating func addRestarts(
        _ restarts: [(String?, EnrolmentNeed.Restart)], rank: Int
    ) {
        for pack in packed(restarts) {
            add(
                pack.map {
                    Draft(change: .restart($1.change), wave: $0, marks: $1.marks, rank: rank)
                },
                .enroll, settles: false)
        }
    }

    private mutating func addLabels(
        _ needs: [EnrolmentNeed], _ list: KeyPath<EnrolmentNeed, [NamespaceLabelChange]>,
        rank: Int
    ) {
        for position in 0..<(needs.map { $0[keyPath: list].count }.max() ?? 0) {
            add(
                needs.filter { position < $0[keyPath: list].count }.map {
                    Draft(
                        change: .labels($0[keyPath: list][position]), wave: $0.wave,
                        rank: rank + position)
                }, .enroll, settles: false)
        }
    }

    /// Restarts that run together keep their pods within the limit; one that exceeds it alone runs alone.
    private func packed(
        _ restarts: [(String?, EnrolmentNeed.Restart)]
    ) -> [[(String?, EnrolmentNeed.Restart)]] {
        var packs: [[(String?, EnrolmentNeed.Restart)]] = []
        var room = 0
        for restart in restarts {
            if packs.isEmpty || restart.1.podsAtOnce > room {
                packs.append([restart])
                room = rollout.limits.podsRestartingAtOnce - restart.1.podsAtOnce
            } else {
                packs[packs.count - 1].append(restart)
                room -= restart.1.podsAtOnce
            }
        }
        return packs
    }

    private mutating func add(_ drafts: [Draft], _ phase: Phase, settles: Bool) {
        guard !drafts.isEmpty else { return }
        order.batches.append(
            drafts.map { draft in
                PlacedSteps.Placed(
                    step: Step(
                        id: StepID(0), phase: phase, wave: draft.wave, batch: 0, settles: settles,
                        change: draft.change, marks: draft.marks),
                    place: StepPlace(
                        segment: segment, chain: draft.change.namespace, rank: draft.rank))
            })
    }
}

extension PolicyChange {
    fileprivate var sortsAsException: Bool {
        ((after ?? before)?.spec).flatMap(PolicySpec.selector) != nil
    }
}
