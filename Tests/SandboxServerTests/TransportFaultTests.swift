import Foundation
import KubernetesSandbox
import SandboxServer
import Testing
import Timing

/// Faults that only a connection can show.
@Suite struct TransportFaultTests {
    private let media = "/api/v1/namespaces/media"

    private func session(
        _ fault: String, _ body: (SandboxSession) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let session = try await SandboxSession.open(
            name: "home-cluster", directory: directory.path, realTime: false)
        do {
            try session.withCluster {
                try $0.switchOn(Fault(fault.split(separator: " ").map(String.init)))
            }
            try await body(session)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    private func patch(_ session: SandboxSession) throws -> RawClient.Answer {
        try RawClient(port: session.port).send(
            "PATCH", media, #"{"metadata":{"labels":{"seen":"yes"}}}"#,
            type: "application/merge-patch+json")
    }

    private func isPatched(_ session: SandboxSession) throws -> Bool {
        try RawClient(port: session.port).send("GET", media).body.contains(#""seen":"yes""#)
    }

    @Test("a connection is reset before its request is done")
    func reset() async throws {
        try await session("api-reset 1 PATCH") { session in
            #expect(throws: RawClient.Failure.self) { try patch(session) }
            let isDone = try isPatched(session)
            #expect(!isDone)
            #expect(session.requestLog.map(\.status) == [0, 200])
            let again = try patch(session)
            #expect(again.status == 200)
        }
    }

    @Test("a response is lost after its request is done")
    func lost() async throws {
        try await session("lost-responses 1") { session in
            #expect(throws: RawClient.Failure.self) { try patch(session) }
            let isDone = try isPatched(session)
            #expect(isDone)
        }
    }

    @Test("an answer comes late, and whole")
    func slow() async throws {
        try await session("api-slow 300 1 GET") { session in
            let clock = ContinuousClock()
            let slow = try clock.measure { _ = try isPatched(session) }
            #expect(slow >= .milliseconds(300))
            #expect(try RawClient(port: session.port).send("GET", media).status == 200)
        }
    }

    @Test("429 says when to come again")
    func status() async throws {
        try await session("api-status 429 1") { session in
            let answer = try RawClient(port: session.port).send("GET", media)
            #expect(answer.status == 429)
            #expect(answer.head.contains("Retry-After: 1"))
        }
    }

    @Test("faults and counters are there again after reopening")
    func kept() async throws {
        let directory = try TemporaryDirectory()
        func open() async throws -> SandboxSession {
            try await SandboxSession.open(
                name: "home-cluster", directory: directory.path, realTime: false)
        }
        func page(_ session: SandboxSession) throws -> String {
            let path = "/api/v1/namespaces/istio-system/pods"
            let pods = try RawClient(port: session.port).send("GET", path).body
            let name = try #require(pods.firstMatch(of: /"name":"(ztunnel-[a-z0-9]+)"/)).1
            return try RawClient(port: session.port)
                .send("GET", "\(path)/\(name):15020/proxy/metrics").body
        }
        func count(_ page: String) -> Int {
            page.split(separator: "\n").filter {
                $0.hasPrefix("istio_tcp_connections_opened_total{")
            }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        }
        let first = try await open()
        try first.withCluster { try $0.switchOn(Fault(["certificate-errors"])) }
        try await first.clock.sleep(for: .seconds(600))
        let before = count(try page(first))
        #expect(before > 1000)
        #expect(try RawClient(port: first.port).send("DELETE", "\(media)/pods").status == 200)
        try await first.clock.sleep(for: .seconds(60))
        await first.close()
        let second = try await open()
        #expect(try second.withCluster { $0.presentFaults.map(\.text) } == ["certificate-errors"])
        let after = count(try page(second))
        #expect(after > before + 100 && after < before + 400)
        await second.close()
    }
}
