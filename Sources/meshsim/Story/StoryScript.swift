import Timing

/// What a seed draws: who does what, and what befalls them.
struct StoryScript: Sendable {
    enum Goal: Sendable, CaseIterable {
        /// The plan is applied, all of it.
        case desired
        /// It is applied, or a part of it, and rolled back.
        case before
        /// Rolled back, and applied again.
        case there
    }

    /// Who else is at work with meshctl, on a machine of their own.
    enum Company: Sendable {
        case none
        /// Applies the same plan at the same time.
        case colleague
        /// Rolls back what the first one is doing, or has done, from an empty state directory.
        case rescuer(after: Duration)

        var isNone: Bool { if case .none = self { true } else { false } }
    }

    var variant: Int
    var company: Company
    var goal: Goal
    /// Each in a command of its own, one after another.
    var stages: [String]
    /// How many commands of the way there are tried before the way back; nil for until it is done.
    var turnsBackAfter: Int?
    /// One read in so many meets trouble, and more of the writes; nil for none.
    var requestTrouble: Int?
    /// One operation of the disk in so many fails; nil for none.
    var diskTrouble: Int?
    /// One command in so many dies; nil for none.
    var deaths: Int?
    var clocksAreWrong: Bool
    var edits: [StoryEdit]
    /// Before one patch in so many somebody else changes the same object; nil for none.
    var races: Int?

    init(_ random: inout SeededRandom) {
        variant = random.below(StoryVariant.count)
        switch random.below(10) {
        case 0: (company, goal) = (.colleague, .desired)
        case 1:
            let after = random.below(1 << (8 + random.below(10)))
            (company, goal) = (.rescuer(after: .milliseconds(after)), .before)
        // What is rolled back and applied again takes the time of two others.
        default:
            (company, goal) = (.none, random.oneIn(12) ? .there : random.pick([.desired, .before]))
        }
        stages =
            random.oneIn(8)
            ? ["enroll", "permissive", "strict"]
            : random.oneIn(4) ? ["permissive", "strict"] : ["strict"]
        turnsBackAfter = goal == .before && random.oneIn(2) ? 1 + random.below(3) : nil
        requestTrouble = random.pick([nil, nil, 200, 60, 20])
        diskTrouble = random.oneIn(4) ? random.pick([300, 60, 20]) : nil
        deaths = random.pick([nil, 1, 2, 3])
        clocksAreWrong = random.oneIn(4)
        edits = []
        for _ in 0..<random.pick([0, 0, 1, 2, 4]) {
            edits.append(StoryEdit(&random))
        }
        // What is noted on a policy goes with it when it is rolled back, and does not come again.
        races = goal == .there ? nil : random.pick([nil, nil, 3, 6])
        if goal == .there { edits.removeAll { $0.kind == .policyAnnotation } }
    }

    /// No faults, nobody else: what the plan comes to.
    static func calm(_ variant: Int) -> StoryScript {
        var random = SeededRandom(seed: 0)
        var script = StoryScript(&random)
        script.variant = variant
        script.company = .none
        script.goal = .desired
        script.stages = ["strict"]
        script.turnsBackAfter = nil
        (script.requestTrouble, script.diskTrouble, script.deaths) = (nil, nil, nil)
        script.clocksAreWrong = false
        (script.edits, script.races) = ([], nil)
        return script
    }
}
