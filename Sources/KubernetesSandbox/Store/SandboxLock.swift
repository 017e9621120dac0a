import Foundation
import JSON

/// Keeps a second process away from a sandbox: `flock` on a file beside its contents.
///
/// The kernel drops the lock when the process ends, however it ends. Who holds it is written inside.
package final class SandboxLock: Sendable {
    package struct Holder: Sendable, Equatable {
        package var pid: Int
        /// Where it is served; nil while it is not.
        package var url: String?

        package init(pid: Int, url: String?) {
            self.pid = pid
            self.url = url
        }
    }

    private let descriptor: Int32

    /// Takes the lock of a sandbox or throws `inUse` at once.
    package init(name: String, path: String) throws(SandboxStoreError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .io(path: path, why: Self.lastError) }
        // Where this throws, `deinit` closes the descriptor.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw .io(path: path, why: Self.lastError) }
            throw .inUse(name: name, holder: Self.holder(in: descriptor))
        }
        write(Holder(pid: Int(getpid()), url: nil))
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Lets the next one in, before this value is gone.
    package func release() { flock(descriptor, LOCK_UN) }

    /// Tells those who are refused where the sandbox is served.
    package func announce(url: String) { write(Holder(pid: Int(getpid()), url: url)) }

    /// Who holds the lock at this path; nil when nobody does. Takes it only for a moment, shared.
    package static func holder(path: String) -> Holder? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return nil }
        return holder(in: descriptor) ?? Holder(pid: 0, url: nil)
    }

    private func write(_ holder: Holder) {
        var document: JSONValue = ["pid": .integer(Int64(holder.pid))]
        if let url = holder.url { document["url"] = .string(url) }
        let bytes = document.canonicalBytes
        // Who holds the lock is a courtesy: that it is held does not depend on these bytes.
        guard ftruncate(descriptor, 0) == 0 else { return }
        _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    private static func holder(in descriptor: Int32) -> Holder? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0, let document = try? JSONValue(parsing: Array(buffer.prefix(count))),
            let pid = document["pid"]?.integer.flatMap(Int.init(exactly:))
        else { return nil }
        return Holder(pid: pid, url: document["url"]?.string)
    }

    private static var lastError: String { String(cString: strerror(errno)) }
}
