import HTTPTypes
import Testing
import Timing

@testable import KubernetesClient

@Suite("Credentials")
struct CredentialTests {
    let path = ObjectPath(.nodes, name: "n")

    func authorizations(_ script: ScriptedClient) -> [String?] {
        script.transport.asked.map { $0.headers[.authorization] }
    }

    @Test("a token is sent as a bearer token, and a user with a password as basic")
    func headers() async throws {
        let token = try ScriptedClient(
            .answer(200, "{}"), credentials: .token(Secret("t0k")))
        _ = try await token.client.get(path)
        #expect(authorizations(token) == ["Bearer t0k"])
        let basic = try ScriptedClient(
            .answer(200, "{}"), credentials: .basic(user: "me", password: Secret("pä:ss")))
        _ = try await basic.client.get(path)
        #expect(authorizations(basic) == ["Basic bWU6cMOkOnNz"])
    }

    @Test("a token file is read again after a minute, not before")
    func tokenFile() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("token", "one\n")
        let script = try ScriptedClient(
            .answer(200, "{}"), .answer(200, "{}"), .answer(200, "{}"),
            credentials: .tokenFile(file, fallback: nil))
        _ = try await script.client.get(path)
        try folder.write("token", "two\n")
        script.clock.advance(.seconds(59))
        _ = try await script.client.get(path)
        script.clock.advance(.seconds(2))
        _ = try await script.client.get(path)
        #expect(authorizations(script) == ["Bearer one", "Bearer one", "Bearer two"])
    }

    @Test("a refused token file is read again at once, and the request sent once more")
    func renewedToken() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("token", "one")
        let script = try ScriptedClient(
            .answer(200, "{}"), .aside { _ = try? folder.write("token", "two") },
            .status(401, "Unauthorized"), .answer(200, "{}"), .status(401, "Unauthorized"),
            .status(401, "Unauthorized"), credentials: .tokenFile(file, fallback: nil))
        _ = try await script.client.get(path)
        _ = try await script.client.get(path)
        #expect(authorizations(script) == ["Bearer one", "Bearer one", "Bearer two"])
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.get(path)
        }
        #expect(error?.status?.isUnauthorized == true)
        #expect(script.transport.isDone)
        #expect(script.clock.waits.isEmpty)
    }

    @Test("a fixed token that is refused is not sent again")
    func fixedToken() async throws {
        let script = try ScriptedClient(
            .status(401, "Unauthorized"), credentials: .token(Secret("t")))
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.get(path)
        }
        #expect(error?.status?.isUnauthorized == true)
        #expect(script.transport.asked.count == 1)
    }

    @Test("without its token file, nothing is sent")
    func missingTokenFile() async throws {
        let script = try ScriptedClient(
            credentials: .tokenFile("/nowhere/token", fallback: nil))
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.get(path)
        }
        guard case .credentials(let why)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(
            why.problem
                == .tokenFileUnreadable(
                    path: "/nowhere/token", reason: "No such file or directory"))
        #expect(script.transport.asked.isEmpty)
    }

    @Test("acting as someone else is told in headers")
    func impersonation() async throws {
        let script = try ScriptedClient(.answer(200, "{}")) {
            $0.impersonation = Impersonation(
                user: "jane", uid: "7", groups: ["a", "b"], extra: ["acme.com/x": ["1"]])
        }
        _ = try await script.client.get(path)
        let headers = try #require(script.transport.asked.first?.headers)
        func values(_ name: String) -> [String] {
            HTTPField.Name(name).map { headers[values: $0] } ?? []
        }
        #expect(values("Impersonate-User") == ["jane"])
        #expect(values("Impersonate-Uid") == ["7"])
        #expect(values("Impersonate-Group") == ["a", "b"])
        #expect(values("Impersonate-Extra-acme.com%2Fx") == ["1"])
    }

    @Test("nothing that holds a secret shows it, however it is printed")
    func redaction() throws {
        let secret = Secret("hunter2")
        let settings = ConnectionSettings(
            server: try ServerURL("https://h"), tls: TLSSettings(clientKey: secret),
            credentials: .basic(user: "me", password: secret),
            proxy: ProxySettings(url: secret))
        let plugin = PluginCredential(token: secret, clientKey: secret)
        for value in [secret, settings, plugin] as [Any] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(describing: value), String(reflecting: value), dumped] {
                #expect(!text.contains("hunter2"))
                #expect(!text.contains("104"), "the bytes of the secret")
                #expect(text.contains("<redacted>"))
            }
        }
    }
}
