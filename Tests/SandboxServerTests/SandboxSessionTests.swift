import Foundation
import KubernetesSandbox
import SandboxServer
import Testing
import Timing

/// A directory of a test's own, gone with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("meshctl-sandbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct SandboxSessionTests {
    private func open(_ directory: TemporaryDirectory) async throws -> SandboxSession {
        try await SandboxSession.open(
            name: "home-cluster", directory: directory.path, realTime: false)
    }

    @Test("a sandbox answers on its port, and its wait is jumped")
    func serves() async throws {
        let directory = try TemporaryDirectory()
        let session = try await open(directory)
        let client = try RawClient(port: session.port)
        let answer = try client.send("GET", "/version")
        #expect(answer.status == 200)
        #expect(answer.body.contains("+meshctl-sandbox"))
        let before = session.clock.now()
        try await session.clock.sleep(for: .seconds(86_400))
        #expect(session.clock.now() - before >= .seconds(86_400))
        #expect(session.requestLog.map(\.path) == ["/version"])
        await session.close()
    }

    @Test("standing by moves no clock: it ends once the sleeps of others have let the time pass")
    func standsBy() async throws {
        let directory = try TemporaryDirectory()
        let session = try await open(directory)
        let start = session.clock.now()
        try await withThrowingTaskGroup(of: Duration.self) { group in
            for seconds in [30, 10] {
                group.addTask {
                    try await session.clock.standBy(for: .seconds(seconds))
                    return session.clock.now() - start
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            #expect(session.clock.now() == start)
            try await session.clock.sleep(for: .seconds(10))
            #expect(try await group.next() == .seconds(10))
            try await session.clock.sleep(for: .seconds(60))
            #expect(try await group.next() == .seconds(70))
            group.addTask {
                try await session.clock.standBy(for: .seconds(5))
                return .zero
            }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        await session.close()
    }

    @Test("what was written is there again after reopening, and the clock goes on")
    func survives() async throws {
        let directory = try TemporaryDirectory()
        let first = try await open(directory)
        let body = #"{"metadata":{"labels":{"istio.io/dataplane-mode":"ambient"}}}"#
        let path = "/api/v1/namespaces/media"
        let patched = try RawClient(port: first.port)
            .send("PATCH", path, body, type: "application/merge-patch+json")
        #expect(patched.status == 200)
        let time = first.clock.now()
        await first.close()
        let second = try await open(directory)
        #expect(second.clock.now() >= time)
        let read = try RawClient(port: second.port).send("GET", path)
        #expect(read.body == patched.body)
        // The capture was pending when the first one was closed.
        let pods = try RawClient(port: second.port).send("GET", path + "/pods")
        #expect(!pods.body.contains("ambient.istio.io/redirection"))
        try await second.clock.sleep(for: .seconds(5))
        let later = try RawClient(port: second.port).send("GET", path + "/pods")
        #expect(later.body.contains(#""ambient.istio.io/redirection":"enabled""#))
        await second.close()
    }

    @Test("a second opening is refused and names the process and its URL")
    func locked() async throws {
        let directory = try TemporaryDirectory()
        let session = try await open(directory)
        let holder = SandboxLock.Holder(pid: Int(getpid()), url: session.url)
        await #expect(throws: SandboxStoreError.inUse(name: "home-cluster", holder: holder)) {
            _ = try await open(directory)
        }
        #expect(throws: SandboxStoreError.inUse(name: "home-cluster", holder: holder)) {
            try SandboxCatalogue.reset(name: "home-cluster", directory: directory.path)
        }
        let entry = try SandboxCatalogue.list(directory: directory.path)
            .first { $0.name == "home-cluster" }
        #expect(entry?.isStarted == true)
        #expect(entry?.holder == holder)
        await session.close()
        let again = try await open(directory)
        await again.close()
    }

    @Test("a reset gives the cluster another UID and its first contents")
    func reset() async throws {
        let directory = try TemporaryDirectory()
        let system = "/api/v1/namespaces/kube-system"
        let first = try await open(directory)
        let before = try RawClient(port: first.port).send("GET", system).body
        _ = try RawClient(port: first.port).send("DELETE", "/api/v1/namespaces/media")
        await first.close()
        try SandboxCatalogue.reset(name: "home-cluster", directory: directory.path)
        let second = try await open(directory)
        let client = try RawClient(port: second.port)
        let after = try client.send("GET", system).body
        #expect(uid(before) != uid(after))
        #expect(!uid(after).isEmpty)
        let media = try client.send("GET", "/api/v1/namespaces/media").body
        #expect(media.contains(#""phase":"Active""#))
        await second.close()
    }

    private func uid(_ body: String) -> String {
        body.firstRange(of: #""uid":""#).map { String(body[$0.upperBound...].prefix(36)) } ?? ""
    }

    @Test("an unknown name is refused with those that are known")
    func unknown() async throws {
        let directory = try TemporaryDirectory()
        await #expect(
            throws: SandboxStoreError.unknownSandbox(name: "nope", known: Scenario.names)
        ) {
            _ = try await SandboxSession.open(
                name: "nope", directory: directory.path, realTime: false)
        }
    }

    @Test("a damaged file is an error and is left as it is")
    func damaged() async throws {
        let directory = try TemporaryDirectory()
        let path = SandboxCatalogue.contentsPath("home-cluster", directory.path)
        let garbage = Data("this is no database, and long enough to be looked at as one".utf8)
        try garbage.write(to: URL(fileURLWithPath: path))
        do {
            _ = try await open(directory)
            Issue.record("it was opened")
        } catch let error as SandboxStoreError {
            guard case .damaged(let named, _) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(named == path)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == garbage)
    }

    @Test("only the owner may read the contents")
    func permissions() async throws {
        let directory = try TemporaryDirectory()
        let session = try await open(directory)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
        where name.hasPrefix("sandbox-home-cluster.db") {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: directory.path + "/" + name)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
        }
        await session.close()
    }

    @Test("a taken port is an error that names it")
    func portTaken() async throws {
        let directory = try TemporaryDirectory()
        let other = try TemporaryDirectory()
        let session = try await open(directory)
        let port = session.port
        do {
            _ = try await SandboxSession.open(
                name: "home-cluster", directory: other.path, realTime: false, port: port)
            Issue.record("it was opened")
        } catch let error as SandboxServer.ListenError {
            #expect(error.port == port)
        }
        await session.close()
    }
}
