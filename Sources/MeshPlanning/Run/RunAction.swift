package import Timing

/// What the machine wants done; the engine does it and answers with a `RunInput`.
package enum RunAction: Sendable, Hashable {
    /// Write the event to the journal, durably → `.appended`.
    case append(RunEvent)
    /// Read the step's object → `.read` or `.readFailed`.
    case read(Step)
    /// Send the intended write → `.written`, `.writeStale`, `.writeRefused` or `.writeInDoubt`; `.lockEnded` where it
    /// must not be sent.
    case write(StepID, StepIntent)
    /// Wait until the data plane shows the effect → `.confirmed` or `.unconfirmed`.
    case confirm(Step, StepIntent)
    /// Wait → `.settleElapsed`; looks meanwhile whether flows are refused → `.guardFound` where that ends the run.
    case settle(batch: Int, Duration, [GuardedBatch])
    /// Ask the gates of one place → `.gatesFound`.
    case ask(GateRound, [GateCheck])
    /// Look at the proxies before a batch that is guarded → `.guardLooked`.
    case lookBefore(TrafficGuard)
    /// Look whether flows are refused since these batches → `.guardFound`.
    case lookAfter([GuardedBatch])
    /// Watch a wave → `.soakBegan` where it has not begun, then `.soakElapsed` or `.soakIsLong`; looks
    /// meanwhile whether flows are refused → `.guardFound` where that ends the run.
    case soak(Soak, since: Timestamp?, [GuardedBatch])
    /// Give up waiting (confirmations, settling, gates, looks and soaks, never a write): their answers may or may not come.
    case abandonWaits
    /// The run is over, for now or for good.
    case finish(RunState.Status)
}

package enum RunInput: Sendable, Hashable {
    case appended(RunEvent)
    case read(StepID, CurrentObject)
    case readFailed(StepID, message: String)
    case written(StepID, WriteReceipt)
    /// 409: the resourceVersion moved between read and write, or the object appeared or went.
    case writeStale(StepID)
    case writeRefused(StepID, status: Int, reason: String, message: String)
    /// No answer: the server may have done it. In an outage attempts are not counted: how long it is put up
    /// with is a question of time.
    case writeInDoubt(StepID, message: String, isOutage: Bool = false)
    case confirmed(StepID, evidence: String)
    case unconfirmed(StepID, missing: String)
    case settleElapsed(batch: Int)
    case gatesFound(GateRound, [GateFinding])
    case soakBegan(batch: Int, at: Timestamp)
    case soakElapsed(batch: Int)
    case guardLooked(batch: Int, GuardLook)
    case guardFound(GuardReport)
    /// It ends later than the command is to wait for.
    case soakIsLong(batch: Int, until: Timestamp)
    /// Ctrl-C, SIGTERM.
    case stopRequested
    /// The lock of the cluster is lost, or asked for; the step's write was not sent for it.
    case lockEnded(LockEnd, notSent: StepID? = nil)
    /// The API server is away for longer than is put up with. What was asked of it fails, or has failed.
    case serverLost(since: Timestamp)
}
