/// What happened in a run, in the order it was journaled. Append-only: a run's state is its events replayed.
package enum RunEvent: Sendable, Hashable, Codable {
    case started(RunHeader, Rollout)
    /// Another process goes on with the run.
    case resumed(by: String)
    /// Somebody else's run, learnt from its checkpoint in the cluster. What became of its steps is not known:
    /// the write of each may have been done.
    case pulled(by: String)
    /// Written down before the write is sent: what was read just before, and what will be there after.
    case stepIntended(StepID, StepIntent)
    /// The write took effect: the server's answer, or a read after a lost one, showed it.
    case stepWritten(StepID, WriteReceipt)
    /// The object was as wanted before anything was sent; a rollback leaves it alone.
    case stepFoundDone(StepID)
    /// The effect reached the data plane; `evidence` says what was seen.
    case stepConfirmed(StepID, evidence: String)
    /// The step did not get done. Only a refusal means for sure that its write had no effect.
    case stepFailed(StepID, StepFailure)
    /// Propagation was waited for after this batch, because it cannot be proved.
    case settled(batch: Int)
    /// What the gates of this place found; the newest answer counts.
    case gatesAsked(GateRound, [GateFinding])
    /// The wave is watched from now on. Milliseconds since 1970.
    case soakStarted(batch: Int, at: Int64)
    case soaked(batch: Int)
    /// How the proxies were before a batch that is guarded: what comes later is compared with it.
    case guardStarted(batch: Int, GuardLook)
    /// What the guard found after a batch, or while its wave was watched.
    case guardReported(GuardReport)
    /// The run ends here for now; the same command goes on.
    case stopped(StopReason)
    case finished(RunOutcome)

    /// The event's name in the journal and in JSON: a closed set that both keep to.
    package var kind: String {
        switch self {
        case .started: "started"
        case .resumed: "resumed"
        case .pulled: "pulled"
        case .stepIntended: "step-intended"
        case .stepWritten: "step-written"
        case .stepFoundDone: "step-found-done"
        case .stepConfirmed: "step-confirmed"
        case .stepFailed: "step-failed"
        case .settled: "settled"
        case .gatesAsked: "gates-asked"
        case .soakStarted: "soak-started"
        case .soaked: "soaked"
        case .guardStarted: "guard-started"
        case .guardReported: "guard-reported"
        case .stopped: "stopped"
        case .finished: "finished"
        }
    }

    /// The step that the event is about.
    package var stepID: StepID? {
        switch self {
        case .stepIntended(let id, _), .stepWritten(let id, _), .stepFoundDone(let id),
            .stepConfirmed(let id, _), .stepFailed(let id, _):
            id
        case .started, .resumed, .pulled, .settled, .gatesAsked, .soakStarted, .soaked,
            .guardStarted, .guardReported, .stopped, .finished:
            nil
        }
    }
}

/// A write about to be sent.
package struct StepIntent: Sendable, Hashable, Codable {
    package var change: Change
    /// `metadata.uid` and `metadata.resourceVersion` as just read; empty when the object does not exist.
    package var uid: String
    package var resourceVersion: String
    /// The value of the restart annotation that this step writes (RFC 3339); empty for other changes.
    package var restartedAt: String

    package init(change: Change, uid: String, resourceVersion: String, restartedAt: String = "") {
        self.change = change
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.restartedAt = restartedAt
    }
}

/// Where a write left its object. A deleted object has no resourceVersion.
package struct WriteReceipt: Sendable, Hashable, Codable {
    package var uid: String
    package var resourceVersion: String
    /// The answer was lost and the effect was found by reading back.
    package var foundByReadingBack: Bool

    package init(uid: String, resourceVersion: String, foundByReadingBack: Bool = false) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.foundByReadingBack = foundByReadingBack
    }
}

/// Why a step did not get done.
package enum StepFailure: Sendable, Hashable, Codable {
    /// The object is neither as planned before nor as planned after.
    case moved(detail: String)
    /// The server refused the write: HTTP status, reason and message.
    case refused(status: Int, reason: String, message: String)
    /// Neither the write's answer nor a read of the object could be had.
    case unreachable(message: String)
    /// The write took effect, but its confirmation did not come before the deadline.
    case unconfirmed(missing: String)
}

/// Why a run stopped short of its end; each is resumable.
package enum StopReason: Sendable, Hashable, Codable {
    case stepFailed(StepID)
    /// A person's Ctrl-C, or SIGTERM.
    case interrupted
    /// A gate of this place does not let the run pass.
    case gate(GateRound)
    /// The wave is to be watched longer than the command waits. Milliseconds since 1970.
    case soaking(until: Int64)
    /// Flows that are counted on are refused since this batch.
    case guardTripped(batch: Int)
    /// The API server was away for longer than the command put up with. Milliseconds since 1970.
    case unreachable(since: Int64)
    /// The lock of the cluster is somebody else's: what was not sent by then was not sent.
    case lockLost(to: String)
    /// Somebody asked for the lock, to roll back.
    case stopRequested(by: String, why: String)
    /// A newer apply of another plan text or stage took over.
    case superseded
}

package enum RunOutcome: String, Sendable, Hashable, Codable {
    case done
    /// A rollback that had to leave something as it is: an object in conflict, a step that failed, what stands
    /// behind a gate that did not let it pass.
    case incomplete
}
