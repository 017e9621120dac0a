/// What the machine wants done; the engine does it and answers with a `RunInput`.
package enum RunAction: Sendable, Hashable {
    /// Write the event to the journal, durably → `.appended`.
    case append(RunEvent)
    /// Read the step's object → `.read` or `.readFailed`.
    case read(Step)
    /// Send the intended write → `.written`, `.writeStale`, `.writeRefused` or `.writeInDoubt`.
    case write(StepID, StepIntent)
    /// Wait until the data plane shows the effect → `.confirmed` or `.unconfirmed`.
    case confirm(Step, StepIntent)
    /// Wait → `.settleElapsed`.
    case settle(batch: Int, Duration)
    /// Give up waiting (confirmations and settling, never a write): their answers may or may not come.
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
    /// No answer: the server may have done it.
    case writeInDoubt(StepID, message: String)
    case confirmed(StepID, evidence: String)
    case unconfirmed(StepID, missing: String)
    case settleElapsed(batch: Int)
    /// Ctrl-C, SIGTERM.
    case stopRequested
}
