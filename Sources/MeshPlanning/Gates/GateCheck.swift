/// Where in a rollout gates are asked: before a batch starts, or once it is done.
package struct GateRound: Sendable, Hashable, Codable {
    package enum Moment: String, Sendable, Hashable, Codable { case before, after }

    package var moment: Moment
    /// `Step.batch`
    package var batch: Int

    package init(_ moment: Moment, batch: Int) {
        self.moment = moment
        self.batch = batch
    }
}

/// A gate's question at its place in a rollout.
package struct GateCheck: Sendable, Hashable, Codable {
    package var round: GateRound
    package var question: GateQuestion

    package init(_ round: GateRound, _ question: GateQuestion) {
        self.round = round
        self.question = question
    }
}

/// A time that a wave is watched for before the next one starts.
package struct Soak: Sendable, Hashable, Codable {
    /// The batch after which it begins: the last of its stage and wave.
    package var batch: Int
    package var phase: Phase
    package var wave: String?
    package var milliseconds: Int64

    package init(batch: Int, phase: Phase, wave: String?, milliseconds: Int64) {
        self.batch = batch
        self.phase = phase
        self.wave = wave
        self.milliseconds = milliseconds
    }
}
