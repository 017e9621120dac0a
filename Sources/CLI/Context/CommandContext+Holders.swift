import Journal
import MeshCluster
import Timing

/// How a command names itself to others who want the same lock.
extension CommandContext {
    /// - Parameter command: as the person knows it, such as `state pull`.
    func fileHolder(for command: String) -> StateLock.Holder {
        StateLock.Holder(pid: processID, host: host, command: command, since: clock.now())
    }

    /// - Parameter command: `apply` or `rollback`
    func clusterHolder(for command: String) -> LeaseHolder {
        LeaseHolder(
            person: person, processID: processID, command: command, bits: randomBits())
    }
}

extension StateOptions {
    /// Takes the state file's lock.
    func lock(for command: String, _ context: CommandContext) throws(StateLock.Failure) -> StateLock
    {
        try StateLock.acquire(statePath: path(context), as: context.fileHolder(for: command))
    }
}
