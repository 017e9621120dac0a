import Foundation
import Synchronization

/// Ctrl-C, SIGTERM, and a terminal that is gone (SIGHUP), from the start of the process on.
///
/// A command that listens is asked to stop, once. One that does not is ended, and so is one that was asked before.
final class StopSignals: Sendable {
    private struct State {
        var listener: AsyncStream<Void>.Continuation?
        var hasBeenAsked = false
    }

    private enum Answer { case ask(AsyncStream<Void>.Continuation), end(wasAsked: Bool), nothing }

    private let state = Mutex(State())

    /// Catches the signals.
    init() {
        guard let reading = SignalPipe.open() else { return }
        for signal in [SIGINT, SIGTERM, SIGHUP] { SignalPipe.catches(signal) }
        Thread.detachNewThread { [self] in
            // The threads that run Swift's tasks block signals; this one takes them.
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            while let signal = SignalPipe.next(reading) { received(signal) }
        }
    }

    var hasBeenAsked: Bool { state.withLock(\.hasBeenAsked) }

    /// Asks whoever iterates it to stop; at once where that was asked before.
    func stream() -> AsyncStream<Void> {
        AsyncStream { continuation in
            continuation.onTermination = { [self] _ in
                state.withLock { if $0.listener == continuation { $0.listener = nil } }
            }
            state.withLock { state in
                state.listener = continuation
                if state.hasBeenAsked { continuation.yield() }
            }
        }
    }

    private func received(_ signal: Int32) {
        let answer = state.withLock { state -> Answer in
            if let listener = state.listener, !state.hasBeenAsked {
                state.hasBeenAsked = true
                return .ask(listener)
            }
            // The kernel, the shell and a service manager may each say that the terminal is gone: that is
            // one event, and nobody who is in a hurry.
            return signal == SIGHUP && state.hasBeenAsked
                ? .nothing : .end(wasAsked: state.listener != nil)
        }
        switch answer {
        case .nothing: break
        case .ask(let listener): listener.yield()
        case .end(let wasAsked):
            say(
                wasAsked
                    ? "ended at once; what was in flight is in doubt, and is read back by whoever goes on"
                    : "interrupted")
            // Not `exit`: what it tears down may be in use by other threads. SQLite survives that.
            _exit(ExitStatus.interrupted.rawValue)
        }
    }

    /// On standard error, unless that would be waited for: a reader that does not read must not hold us.
    private func say(_ words: String) {
        // After the terminal's own `^C`, or a line that is rewritten.
        let text = (isatty(STDERR_FILENO) == 1 ? "\n" : "") + "Error: \(words)\n"
        var output = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&output, 1, 0) > 0 else { return }
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}

/// From a signal's handler, in which next to nothing is allowed, to a thread.
private enum SignalPipe {
    /// Written once, before any handler is there.
    nonisolated(unsafe) private static var writing: Int32 = -1

    /// The end to read from; nil where the process can have no more descriptors.
    static func open() -> Int32? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        writing = ends[1]
        return ends[0]
    }

    /// A handler, unlike a signal that is ignored, is not passed on to the processes that this one starts.
    static func catches(_ number: Int32) {
        let before = signal(number) { number in
            let error = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(SignalPipe.writing, &byte, 1)
            errno = error
        }
        let wasIgnored =
            unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        // `nohup` has the last word: what hangs up is not to end what it started.
        if number == SIGHUP, wasIgnored { signal(number, SIG_IGN) }
    }

    static func next(_ reading: Int32) -> Int32? {
        var byte: UInt8 = 0
        while true {
            let count = read(reading, &byte, 1)
            if count == 1 { return Int32(byte) }
            if count < 0, errno == EINTR { continue }
            return nil
        }
    }
}
