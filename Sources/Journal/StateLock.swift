import Foundation
import Synchronization
package import Timing

/// One writer per state file: an exclusive `flock` on `PATH.lock`, which the system releases when the
/// process dies. The lock file stays; its text says who holds it, for the error of the second one.
package final class StateLock: Sendable {
    package struct Holder: Sendable, Hashable {
        package var pid: Int32
        package var host: String
        /// The command line, without values that could be secret.
        package var command: String
        package var since: Timestamp

        package init(pid: Int32, host: String, command: String, since: Timestamp) {
            self.pid = pid
            self.host = host
            self.command = command
            self.since = since
        }
    }

    package enum Failure: Error, Sendable, Equatable {
        /// Somebody else has it; nil where the lock file does not say who, as in the moment after taking it.
        case held(path: String, by: Holder?)
        case cannotLock(path: String, reason: String)
    }

    package let path: String
    private let descriptor: Mutex<Int32?>

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    /// Takes the lock of the state file at `statePath`, or says at once who has it. The folder is
    /// created where it is missing. Two names of one file, through links, have one lock.
    package static func acquire(
        statePath: String, as holder: Holder
    ) throws(Failure) -> StateLock {
        let path = StateFile.resolved(statePath) + ".lock"
        do throws(JournalError) {
            try StateFile.createFolder(of: path)
        } catch {
            throw .cannotLock(path: path, reason: reason(error))
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .cannotLock(path: path, reason: systemReason(errno)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            defer { close(descriptor) }
            if code == EWOULDBLOCK { throw .held(path: path, by: readHolder(descriptor)) }
            throw .cannotLock(path: path, reason: systemReason(code))
        }
        let lock = StateLock(path: path, descriptor: descriptor)
        try write(holder, to: descriptor, path: path)
        return lock
    }

    package enum Present: Sendable, Hashable {
        case free
        /// nil where the lock file does not say who.
        case held(by: Holder?)
    }

    /// Who has the lock of the state file at `statePath` now; makes nothing.
    package static func look(statePath: String) throws(Failure) -> Present {
        let path = StateFile.resolved(statePath) + ".lock"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return .free }
            throw .cannotLock(path: path, reason: systemReason(errno))
        }
        defer { close(descriptor) }
        // Shared, and let go of at once: it asks whether somebody has it alone.
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return .free }
        if errno == EWOULDBLOCK { return .held(by: readHolder(descriptor)) }
        throw .cannotLock(path: path, reason: systemReason(errno))
    }

    /// Lets go; a second time does nothing.
    package func release() {
        descriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            descriptor = nil
            // The text goes first: an unlocked file must not name a holder.
            _ = ftruncate(open, 0)
            close(open)
        }
    }
}

// MARK: - The lock file's text

extension StateLock {
    private static func write(
        _ holder: Holder, to descriptor: Int32, path: String
    ) throws(Failure) {
        guard let text = try? JournalCoding.text(of: HolderText(holder)) else { return }
        let bytes = Array((text + "\n").utf8)
        guard ftruncate(descriptor, 0) == 0,
            pwrite(descriptor, bytes, bytes.count, 0) == bytes.count
        else { throw .cannotLock(path: path, reason: systemReason(errno)) }
    }

    /// Anything may stand in the file: what is no holder's text counts as none.
    private static func readHolder(_ descriptor: Int32) -> Holder? {
        var bytes = [UInt8](repeating: 0, count: longestText)
        let count = pread(descriptor, &bytes, longestText, 0)
        guard count > 0 else { return nil }
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        return (try? JournalCoding.value(HolderText.self, from: text))?.holder
    }

    private static let longestText = 64 * 1024

    private static func systemReason(_ code: Int32) -> String { String(cString: strerror(code)) }

    private static func reason(_ error: JournalError) -> String {
        switch error {
        case .cannotOpen(_, let reason), .notPermitted(_, let reason): reason
        case .readOnlyFileSystem: systemReason(EROFS)
        case .diskFull: systemReason(ENOSPC)
        default: String(describing: error)
        }
    }
}

/// A holder as one line of JSON.
private struct HolderText: Codable {
    var pid: Int32
    var host: String
    var command: String
    /// RFC 3339
    var since: String

    init(_ holder: StateLock.Holder) {
        pid = holder.pid
        host = holder.host
        command = holder.command
        since = holder.since.rfc3339Micro
    }

    var holder: StateLock.Holder? {
        Timestamp(rfc3339: since).map {
            StateLock.Holder(pid: pid, host: host, command: command, since: $0)
        }
    }
}
