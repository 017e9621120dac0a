import HTTPTypes
import Testing

@testable import KubernetesClient

@Suite(
    "TLS through libcurl",
    .enabled(if: OpenSSLServer.isInstalled, "the openssl command is not installed"),
    .timeLimit(.minutes(60)))
struct CurlTLSTests {
    static let made = Result { try Certificates() }
    let certificates: Certificates

    init() throws { certificates = try Self.made.get() }

    func transport(
        _ authority: String? = "ca", client: String? = nil,
        _ change: (inout TLSSettings) -> Void = { _ in }
    ) throws -> CurlTransport {
        var tls = TLSSettings()
        tls.certificateAuthorities = try authority.map { try certificates.bytes("\($0).crt") }
        if let client {
            tls.clientCertificate = try certificates.bytes("\(client).crt")
            tls.clientKey = Secret(try certificates.bytes("\(client).key"))
        }
        change(&tls)
        return try CurlTransport(.init(tls: tls))
    }

    func url(_ server: OpenSSLServer, host: String = "127.0.0.1") -> String {
        "https://\(host):\(server.port)"
    }

    @Test("a server of the given authority is trusted")
    func trusted() async throws {
        let server = try OpenSSLServer(certificates, certificate: "server")
        let page = try await transport().text(HTTPRequest.to(url(server)))
        #expect(page.contains("s_server"))
    }

    @Test("a server of another authority, or of none the system knows, is refused unseen")
    func untrusted() async throws {
        let server = try OpenSSLServer(certificates, certificate: "server")
        for authority in ["other", nil] {
            let error = try await transport(authority).failure(try HTTPRequest.to(url(server)))
            #expect(error?.kind == .tls)
            #expect(error?.mayHaveReachedServer == false)
            #expect(error?.message.contains("certificate") == true)
        }
    }

    @Test("a certificate for another host is refused, unless that name is asked for")
    func hostName() async throws {
        let server = try OpenSSLServer(certificates, certificate: "elsewhere")
        let request = try HTTPRequest.to(url(server))
        let error = try await transport().failure(request)
        #expect(error?.kind == .tls)
        #expect(error?.mayHaveReachedServer == false)
        let named = try transport { $0.serverName = "elsewhere.test" }
        #expect(try await named.text(request).contains("s_server"))
        let misnamed = try transport { $0.serverName = "nowhere.test" }
        #expect(await misnamed.failure(request)?.kind == .tls)
    }

    @Test("without verification, any certificate does")
    func unverified() async throws {
        let server = try OpenSSLServer(certificates, certificate: "elsewhere")
        let careless = try transport(nil) { $0.skipsVerification = true }
        #expect(try await careless.text(HTTPRequest.to(url(server))).contains("s_server"))
    }

    @Test("a client certificate from memory is shown to a server that insists on one")
    func clientCertificate() async throws {
        let server = try OpenSSLServer(
            certificates, certificate: "server",
            ["-Verify", "1", "-verify_return_error", "-CAfile", certificates.path("ca.crt")])
        let request = try HTTPRequest.to(url(server))
        #expect(try await transport(client: "client").text(request).contains("Subject: CN=client"))
        #expect(try await transport().failure(request)?.kind == .tls)
    }

    @Test("an encrypted key is an error at once, not a question on the terminal")
    func encryptedKey() async throws {
        let server = try OpenSSLServer(certificates, certificate: "server")
        let locked = try transport(client: "client") {
            $0.clientKey = (try? certificates.bytes("encrypted.key")).map { Secret($0) }
        }
        let error = await locked.failure(try HTTPRequest.to(url(server)))
        #expect(error?.kind == .tls)
        #expect(error?.mayHaveReachedServer == false)
    }

    @Test(
        "settings that hold no certificate are an error, not a connection without one",
        arguments: ["", "junk", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func junkAuthority(text: String) async throws {
        let server = try OpenSSLServer(certificates, certificate: "server")
        let junk = try transport { $0.certificateAuthorities = Array(text.utf8) }
        let error = await junk.failure(try HTTPRequest.to(url(server)))
        #expect(error?.mayHaveReachedServer == false, "\(String(describing: error))")
    }

    @Test("a server that speaks plain HTTP, or hangs up in the handshake, saw no request")
    func noHandshake() async throws {
        let plain = try LoopbackServer { connection in
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
        }
        let https = "https://127.0.0.1:\(plain.port)"
        let error = try await transport().failure(try HTTPRequest.to(https, "/", .post), body: [1])
        #expect(error?.kind == .tls)
        #expect(error?.mayHaveReachedServer == false)
        let hangsUp = try LoopbackServer { $0.reset() }
        let reset = try await transport().failure(
            try HTTPRequest.to("https://127.0.0.1:\(hangsUp.port)", "/", .post), body: [1])
        #expect(reset?.mayHaveReachedServer == false)
    }

    @Test("a handshake that does not end is a connect timeout, which reached nobody")
    func slowHandshake() async throws {
        let server = try LoopbackServer { $0.stall() }
        let hasty = try CurlTransport(.init(connectTimeout: .milliseconds(200)))
        let error = await hasty.failure(
            try HTTPRequest.to("https://127.0.0.1:\(server.port)", "/", .post), body: [1])
        #expect(error?.kind == .connectTimeout)
        #expect(error?.mayHaveReachedServer == false)
    }
}

@Suite(
    "HTTP/2 through libcurl",
    .enabled(if: NginxServer.isInstalled, "nginx and openssl are not both installed"),
    .timeLimit(.minutes(60)))
struct CurlHTTP2Tests {
    let certificates: Certificates

    init() throws { certificates = try CurlTLSTests.made.get() }

    func transport(client: Bool = false, serverName: String? = nil) throws -> CurlTransport {
        var tls = TLSSettings(certificateAuthorities: try certificates.bytes("ca.crt"))
        tls.serverName = serverName
        if client {
            tls.clientCertificate = try certificates.bytes("client.crt")
            tls.clientKey = Secret(try certificates.bytes("client.key"))
        }
        return try CurlTransport(.init(tls: tls))
    }

    @Test("many requests at once share one HTTP/2 connection, with the client's certificate")
    func multiplexed() async throws {
        let server = try NginxServer(
            certificates,
            "ssl_verify_client on; ssl_client_certificate \(certificates.path("ca.crt"));")
        let transport = try transport(client: true)
        let port = server.port
        var answers: Set<String> = []
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await transport.text(
                        HTTPRequest.to("https://127.0.0.1:\(port)", "/", .post), body: [1, 2])
                }
            }
            for try await answer in group { answers.insert(answer) }
        }
        #expect(answers.count == 1)
        let words = try #require(answers.first).split(separator: " ").map(String.init)
        #expect(words.first == "HTTP/2.0")
        #expect(words.dropFirst(2) == ["CN=client", "127.0.0.1", "POST"])
    }

    @Test("a handle is used again while other streams of its connection go on")
    func recycled() async throws {
        let server = try NginxServer(certificates)
        let transport = try transport()
        let request = try HTTPRequest.to("https://127.0.0.1:\(server.port)")
        // Opens the connection, so that all others share it.
        _ = try await transport.text(request)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    for _ in 0..<25 { _ = try await transport.text(request) }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a server name for TLS does not change the host that is asked for")
    func serverName() async throws {
        let server = try NginxServer(certificates)
        let answer = try await transport(serverName: "api.test").text(
            HTTPRequest.to("https://127.0.0.1:\(server.port)"))
        #expect(answer.hasSuffix(" 127.0.0.1 GET"))
    }

    @Test("nginx going away in the middle of things is an error, and its return is noticed")
    func goesAway() async throws {
        let transport = try transport()
        var server: NginxServer? = try NginxServer(certificates)
        let request = try HTTPRequest.to("https://127.0.0.1:\(try #require(server).port)")
        _ = try await transport.text(request)
        server = nil
        let error = await transport.failure(request)
        #expect(error?.kind == .refused)
        #expect(error?.mayHaveReachedServer == false)
    }
}
