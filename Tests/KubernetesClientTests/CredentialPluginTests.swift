import Foundation
import HTTPTypes
import JSON
import Testing

@testable import KubernetesClient

@Suite("Credential plugins")
struct CredentialPluginTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func settings(
        _ script: String, exec: String = "", environment: [String: String] = [:]
    ) throws -> ConnectionSettings {
        let plugin = try folder.write("bin/plugin", "#!/bin/sh\n\(script)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: plugin)
        let path = try folder.write(
            "config",
            """
            clusters: [{name: k, cluster: {server: https://h}}]
            users:
            - name: u
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: bin/plugin
                  installHint: install it
                  \(exec)
            contexts: [{name: c, context: {cluster: k, user: u}}]
            current-context: c
            """)
        return try KubeconfigLoader(
            environment: environment.merging(["PATH": "/usr/bin:/bin"]) { first, _ in first },
            homeDirectory: folder.path
        ).settings(.init(file: path))
    }

    func failure(_ script: String, exec: String = "") -> KubeconfigError.Problem? {
        do {
            _ = try settings(script, exec: exec)
            return nil
        } catch {
            return (error as? KubeconfigError)?.problem
        }
    }

    func answer(_ status: String) -> String {
        #"echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{\#(status)}}'"#
    }

    func token(_ settings: ConnectionSettings) -> String? {
        guard case .plugin(_, let first) = settings.credentials else { return nil }
        return first.token?.withText { $0 }
    }

    @Test("the plugin gets its arguments and environment, and its token is used")
    func token() throws {
        let script =
            #"test "$1" = "a b" && test "$EXTRA" = x && test "$KEPT" = y || exit 9"# + "\n"
            + answer(#""token":"hunter2","expirationTimestamp":"2030-01-01T00:00:00Z""#)
        let settings = try settings(
            script, exec: "args: ['a b']\n      env: [{name: EXTRA, value: x}]",
            environment: ["KEPT": "y"])
        #expect(token(settings) == "hunter2")
        #expect(!String(reflecting: settings).contains("hunter2"))
    }

    @Test("the plugin is told about the cluster when it asks for it")
    func clusterInfo() throws {
        let script =
            #"printf '%s' "$KUBERNETES_EXEC_INFO" > "$OUT""# + "\n" + answer(#""token":"t""#)
        let out = "\(folder.path)/info"
        _ = try settings(script, exec: "provideClusterInfo: true", environment: ["OUT": out])
        let info = try JSONValue(parsing: Array(try Data(contentsOf: URL(fileURLWithPath: out))))
        #expect(info["kind"] == "ExecCredential")
        #expect(info[path: "spec", "cluster", "server"] == "https://h")
        #expect(info[path: "spec", "interactive"] == false)
    }

    @Test("a plugin that fails, or answers something else, is an error without its output")
    func failures() {
        func expect(
            _ script: String, _ failure: KubeconfigError.PluginFailure, _ line: Int = #line
        ) {
            #expect(
                self.failure(script)
                    == .plugin(command: "bin/plugin", failure, installHint: "install it"),
                "line \(line)")
        }
        expect("echo hunter2; exit 3", .failed(exitCode: 3))
        expect("echo hunter2", .unusableAnswer("it is not JSON"))
        expect("true", .unusableAnswer("it is not JSON"))
        expect(#"echo '{"kind":"Pod"}'"#, .unusableAnswer("its kind is not ExecCredential"))
        expect(
            #"echo '{"kind":"ExecCredential","apiVersion":"v0"}'"#,
            .unusableAnswer("its apiVersion is not client.authentication.k8s.io/v1"))
        expect(answer(""), .unusableAnswer("it holds neither a token nor a client certificate"))
        expect(
            answer(#""clientCertificateData":"x""#),
            .unusableAnswer("it holds only one half of a client certificate and key"))
        expect("cat /dev/zero", .unusableAnswer("it is larger than 1 MiB"))
    }

    @Test("a plugin that is not installed, or wants to ask, is told with advice")
    func unavailable() throws {
        let path = try folder.write(
            "config2",
            """
            clusters: [{name: k, cluster: {server: https://h}}]
            users: [{name: u, user: {exec: {command: no-such-plugin,
              apiVersion: client.authentication.k8s.io/v1beta1}}}]
            contexts: [{name: c, context: {cluster: k, user: u}}]
            current-context: c
            """)
        #expect(
            throws: KubeconfigError(
                .plugin(command: "no-such-plugin", .notFound, installHint: nil), file: path,
                subject: .user("u"))
        ) {
            try KubeconfigLoader(environment: ["PATH": "/usr/bin"], homeDirectory: "/")
                .settings(.init(file: path))
        }
        guard case .notSupported? = failure("true", exec: "interactiveMode: Always") else {
            Issue.record("interactiveMode: Always")
            return
        }
    }

    @Test("a token that is about to expire is renewed before it is sent")
    func renewal() async throws {
        let script =
            #"echo x >> "$RUNS"; N=$(wc -l < "$RUNS")"# + "\n"
            + #"T=$([ $N -eq 1 ] && echo 1970-01-01T00:20:00Z || echo 2030-01-01T00:00:00Z)"# + "\n"
            + #"echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t$N\",\"expirationTimestamp\":\"$T\"}}""#
        let settings = try settings(script, environment: ["RUNS": "\(folder.path)/runs"])
        // The clock stands at 1000 s; the first token ends at 1200 s.
        let clock = VirtualClock()
        let script2 = try ScriptedClient(
            .answer(200, "{}"), .answer(200, "{}"), .answer(200, "{}"),
            .status(401, "Unauthorized"),
            .answer(200, "{}"), credentials: settings.credentials, clock: clock)
        for wait in [0, 100, 91, 0] {
            clock.advance(.seconds(wait))
            _ = try await script2.client.get(ObjectPath(.nodes, name: "n"))
        }
        #expect(
            script2.transport.asked.map { $0.headers[.authorization] } == [
                "Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2", "Bearer t3",
            ])
    }
}
