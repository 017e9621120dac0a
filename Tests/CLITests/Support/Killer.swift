import Foundation
import Synchronization

/// Stands between meshctl and the cluster, counts its writes, and kills meshctl at one of
/// them: the moment is exact, however fast the machine is.
final class Killer: Sendable {
    enum Moment: String, Sendable, CaseIterable {
        /// Journaled as intended, and never sent.
        case beforeTheServerSees
        /// Done by the server, and its answer never seen.
        case afterTheServerDid
        /// At the next read: the write is journaled as done, and waits to be confirmed.
        case beforeTheNextRead
    }

    private struct State {
        var victim: MeshctlProcess?
        /// Writes until the fatal one; nil when no one is aimed at.
        var countdown: Int?
        var moment = Moment.beforeTheServerSees
        var hasKilled = false
    }

    private let state = Mutex(State())

    var hooks: RelayServer.Hooks {
        RelayServer.Hooks(
            request: { line in self.passes(line) },
            answer: { line, bytes in self.seen(line, bytes) })
    }

    var hasKilled: Bool { state.withLock(\.hasKilled) }

    /// The `number`-th write from now on is the last of the process that is about to be started.
    func aim(atWrite number: Int, _ moment: Moment) {
        state.withLock { state in
            state.victim = nil
            state.countdown = number
            state.moment = moment
            state.hasKilled = false
        }
    }

    func victim(is process: MeshctlProcess) { state.withLock { $0.victim = process } }

    /// What meshctl keeps for itself does not count.
    private func isWrite(_ line: String) -> Bool {
        let words = line.split(separator: " ").map(String.init)
        return words.first != "GET"
            && !LiveSandbox.isOfState(words.first ?? "", words.dropFirst().first ?? "")
    }

    private func passes(_ line: String) -> Bool {
        let isFatal = state.withLock { state in
            guard let left = state.countdown else { return false }
            guard isWrite(line) else { return left <= 0 && state.moment == .beforeTheNextRead }
            state.countdown = left - 1
            return left == 1 && state.moment == .beforeTheServerSees
        }
        if isFatal { kill() }
        return !isFatal
    }

    private func seen(_ line: String, _ bytes: [UInt8]) -> [UInt8]? {
        guard isWrite(line), bytes.starts(with: "HTTP/1.1 2".utf8) else { return bytes }
        let isFatal = state.withLock { state in
            guard let left = state.countdown, !state.hasKilled else { return false }
            return left <= 0 && state.moment == .afterTheServerDid
        }
        guard isFatal else { return bytes }
        kill()
        return nil
    }

    /// The process may have come this far before the test knows it.
    private func kill() {
        while true {
            let victim = state.withLock { state in
                state.hasKilled = true
                state.countdown = nil
                return state.victim
            }
            if let victim { return victim.kill() }
            usleep(1000)
        }
    }
}
