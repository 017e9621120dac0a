import Foundation
import KubernetesSandbox
import Synchronization
import Testing

@Suite("The lock of a sandbox")
struct SandboxLockTests {
    @Test("a refusal closes nobody else's descriptor")
    func refusal() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("sandbox-lock-\(UUID().uuidString)").path
        defer { unlink(path) }
        let lock = try SandboxLock(name: "home-cluster", path: path)
        let others = OtherDescriptors()
        var refusals = 0
        for _ in 0..<10_000 {
            do { _ = try SandboxLock(name: "home-cluster", path: path) } catch { refusals += 1 }
        }
        #expect(refusals == 10_000)
        #expect(others.lost() == 0)
        lock.release()
    }
}

/// A thread that opens and closes descriptors, one after the other.
private final class OtherDescriptors: Sendable {
    private let isOver = Atomic(false)
    private let count = Atomic(0)
    private let ended = DispatchSemaphore(value: 0)

    init() {
        Thread.detachNewThread { [self] in
            while !isOver.load(ordering: .relaxed) {
                let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
                if close(descriptor) != 0 { count.add(1, ordering: .relaxed) }
            }
            ended.signal()
        }
    }

    /// Ends the thread; how many of its descriptors somebody else closed.
    func lost() -> Int {
        isOver.store(true, ordering: .relaxed)
        ended.wait()
        return count.load(ordering: .relaxed)
    }
}
