import Foundation
import JSON
import KubernetesClient
import Testing

/// A client over a script, and what it did.
struct ScriptedClient {
    let client: KubernetesClient
    let transport: ScriptedTransport
    let clock: VirtualClock

    init(
        _ steps: ScriptedTransport.Step..., credentials: ClusterCredentials = .none,
        retry: RetryPolicy = RetryPolicy(), clock: VirtualClock = VirtualClock(),
        server: String = "https://api.example.com:6443",
        change: (inout ConnectionSettings) -> Void = { _ in }
    ) throws {
        transport = ScriptedTransport(steps)
        self.clock = clock
        var settings = ConnectionSettings(
            server: try ServerURL(server), credentials: credentials)
        change(&settings)
        client = KubernetesClient(
            settings: settings, transport: transport, clock: clock, retry: retry,
            jitter: { $0.upperBound })
    }

    var paths: [String] {
        transport.asked.map { String($0.url.dropFirst("https://api.example.com:6443".count)) }
    }
}

/// The error of a call that has to fail.
func failure(
    _ body: () async throws(KubernetesError) -> Void
) async -> KubernetesError? {
    do {
        try await body()
        Issue.record("the call succeeded")
        return nil
    } catch {
        return error
    }
}

func object(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

/// A folder of a test's own, removed with the value that holds it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("kubernetes-client-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = "\(path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path,
            withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }
}
