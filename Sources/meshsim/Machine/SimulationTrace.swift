import Synchronization

/// What happened in a seed, in order, as a running hash; the lines themselves only where somebody reads them.
///
/// Two runs of one seed are the same when their traces are.
final class SimulationTrace: Sendable {
    struct Mark: Sendable, Equatable {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var count = 0
    }

    private struct State {
        var mark = Mark()
        var lines: [String] = []
    }

    private let state = Mutex(State())
    private let keepsLines: Bool

    init(keepsLines: Bool) { self.keepsLines = keepsLines }

    var mark: Mark { state.withLock(\.mark) }
    var lines: [String] { state.withLock(\.lines) }

    func note(_ line: String) {
        state.withLock { state in
            // FNV-1a
            for byte in line.utf8 {
                state.mark.hash = (state.mark.hash ^ UInt64(byte)) &* 0x0100_0000_01B3
            }
            state.mark.count += 1
            if keepsLines { state.lines.append(line) }
        }
    }
}
