import Testing

@testable import KubernetesClient

@Suite("Server addresses")
struct ServerURLTests {
    @Test(
        "addresses as kubeconfigs have them",
        arguments: [
            ("https://10.0.0.1:6443", "https://10.0.0.1:6443", "10.0.0.1:6443"),
            ("https://API.example.com:443/", "https://api.example.com", "api.example.com"),
            ("http://127.0.0.1:80", "http://127.0.0.1", "127.0.0.1"),
            ("https://[2001:db8::1]:6443/x/", "https://[2001:db8::1]:6443/x", "[2001:db8::1]:6443"),
            ("example.com:8443", "https://example.com:8443", "example.com:8443"),
        ])
    func valid(text: String, shown: String, authority: String) throws {
        let url = try ServerURL(text)
        #expect(url.description == shown)
        #expect(url.authority == authority)
    }

    @Test(
        "what is no address of a server is refused",
        arguments: [
            ("", ServerURL.ParseError.empty), ("  ", .empty),
            ("ftp://h", .unsupportedScheme("ftp")),
            ("https://", .noHost), ("https://me:pw@h", .holdsCredentials),
            ("https://me@h", .holdsCredentials), ("https://h?x=1", .hasQuery),
            ("https://h#f", .hasQuery), ("https://h:0", .notAURL), ("https://h:70000", .notAURL),
            ("https://a b", .notAURL),
        ])
    func invalid(text: String, why: ServerURL.ParseError) {
        #expect(throws: why) { try ServerURL(text) }
    }

    @Test("loopback is told from the network")
    func loopback() throws {
        #expect(try ServerURL("http://localhost:8080").isLoopback)
        #expect(try ServerURL("https://127.0.0.2").isLoopback)
        #expect(try ServerURL("https://[::1]:1").isLoopback)
        #expect(try !ServerURL("https://10.0.0.1").isLoopback)
    }
}
