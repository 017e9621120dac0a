package import MeshModel
package import MeshPlanning
package import Timing

/// The output seam of a run: told of each journaled event, and of what is being waited for.
package protocol RunObserver: Sendable {
    func journaled(_ event: RunEvent, at time: Timestamp)

    /// A written step that the data plane does not show yet.
    func waiting(for step: Step, done: Int, total: Int, missing: String)

    func settling(after batch: Int, for duration: Duration)

    func asking(_ round: GateRound, _ gates: [Gate])

    /// Told again and again while a wave is watched.
    func soaking(_ soak: Soak, until end: Timestamp)

    /// The API server does not answer. Told again and again, before each pause.
    func serverAway(since: Timestamp, now: Timestamp, until end: Timestamp, why: String)

    func serverBack(after duration: Duration)

    /// Somebody asked for a stop.
    func stopping()
}
