import JSON
import Testing

@testable import KubernetesClient

@Suite("Reading through the client")
struct ClientReadingTests {
    struct Named: Decodable, Sendable {
        struct Metadata: Decodable, Sendable { var name: String }
        var metadata: Metadata
    }

    func page(_ names: [String], next: String? = nil, version: Int = 7) -> String {
        let items = names.map { "{\"metadata\":{\"name\":\"\($0)\"}}" }.joined(separator: ",")
        return """
            {"kind":"List","metadata":{"resourceVersion":"\(version)","continue":"\(next ?? "")"},
             "items":[\(items)]}
            """
    }

    func names(_ list: ResourceList<Named>?) -> [String]? { list?.items.map(\.metadata.name) }

    @Test("all pages are read, and the last one's resourceVersion counts")
    func paging() async throws {
        let script = try ScriptedClient(
            .answer(200, page(["a", "b"], next: "t+/=")), .answer(200, page(["c"], version: 9)))
        let list = try await script.client.list(
            .namespaces, labelSelector: "team in (x,y)", decoder: .json(Named.self))
        #expect(names(list) == ["a", "b", "c"])
        #expect(list?.resourceVersion == "9")
        #expect(
            script.paths == [
                "/api/v1/namespaces?labelSelector=team%20in%20%28x%2Cy%29&limit=500",
                "/api/v1/namespaces?labelSelector=team%20in%20%28x%2Cy%29&limit=500"
                    + "&continue=t%2B%2F%3D",
            ])
    }

    @Test("an expired continuation begins the list anew, without its first pages")
    func expired() async throws {
        let script = try ScriptedClient(
            .answer(200, page(["old"], next: "t")), .status(410, "Expired"),
            .answer(200, page(["new"], next: "u")), .answer(200, page(["last"])))
        let list = try await script.client.list(.pods, decoder: .json(Named.self))
        #expect(names(list) == ["new", "last"])
        #expect(script.paths.map { $0.contains("continue") } == [false, true, false, true])
    }

    @Test("a list that always expires is given up")
    func alwaysExpired() async throws {
        var steps: [ScriptedTransport.Step] = []
        for _ in 0..<10 {
            steps += [.answer(200, page(["a"], next: "t")), .status(410, "Expired")]
        }
        let transport = ScriptedTransport(steps)
        let client = KubernetesClient(
            settings: ConnectionSettings(server: try ServerURL("https://h")),
            transport: transport, clock: VirtualClock(), jitter: { $0.upperBound })
        let error = await failure { () async throws(KubernetesError) in
            _ = try await client.list(.pods, decoder: .json(Named.self))
        }
        #expect(error?.status?.isExpired == true)
        #expect(transport.asked.count == 8)
    }

    @Test("a server that hands out one continuation for ever is found out")
    func circle() async throws {
        let script = try ScriptedClient(
            .answer(200, page(["a"], next: "t")), .answer(200, page(["a"], next: "t")))
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.list(.pods, decoder: .json(Named.self))
        }
        guard case .malformed(let why, let call)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(why == "the list does not come to an end")
        #expect(call.target == "pods")
    }

    @Test("a resource without its CRD is absent, in both ways a server says so")
    func absent() async throws {
        let script = try ScriptedClient(
            .answer(404, "404 page not found\n", headers: ["Content-Type": "text/plain"]),
            .status(404, "NotFound", "the server could not find the requested resource"))
        for _ in 0..<2 {
            let list = try await script.client.list(
                .peerAuthentications, decoder: .json(Named.self))
            #expect(list == nil)
        }
    }

    @Test("a server that does not know namespaces is no API server")
    func notAnAPIServer() async throws {
        let script = try ScriptedClient(.answer(404, "<html>not here</html>"))
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.list(.namespaces, decoder: .json(Named.self))
        }
        #expect(error?.status?.isNotFound == true)
        #expect(error?.status?.isFromAPIServer == false)
    }

    @Test("an empty list may have null for items")
    func nullItems() async throws {
        let script = try ScriptedClient(
            .answer(200, #"{"metadata":{"resourceVersion":"3"},"items":null}"#))
        let list = try await script.client.list(.pods, decoder: .documents)
        #expect(list?.items == [])
    }

    @Test(
        "a page that is not one says where it goes wrong",
        arguments: [
            ("<html>", "not valid JSON"), (#"{"metadata":{},"items":[{"metadata":{}}]}"#, "[0]"),
            (#"{"items":[]}"#, "metadata"), ("", ""), (#"{"metadata":{},"items":7}"#, ".items"),
        ])
    func malformed(body: String, hint: String) async throws {
        let script = try ScriptedClient(.answer(200, body))
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.list(.pods, decoder: .json(Named.self))
        }
        guard case .malformed(let why, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(hint.isEmpty || why.contains(hint), "\(why)")
        #expect(error?.isInDoubt == false)
    }

    @Test("a page nested ten thousand deep is refused")
    func deep() async throws {
        let body = String(repeating: "[", count: 10_000)
        let script = try ScriptedClient(.answer(200, body))
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.list(.pods, decoder: .documents)
        }
        guard case .malformed? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a document nested as deep as the reader allows is read")
    func deepButAllowed() async throws {
        let depth = 500
        let body = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let script = try ScriptedClient(.answer(200, body))
        #expect(try await script.client.get(ObjectPath(.nodes, name: "n")) != nil)
    }

    @Test("a missing object is nil; a missing resource, namespace or page is an error")
    func missing() async throws {
        let path = ObjectPath(.peerAuthentications, namespace: "shop", name: "default")
        func notFound(_ details: String) -> ScriptedTransport.Step {
            .answer(
                404,
                """
                {"kind":"Status","status":"Failure","reason":"NotFound","message":"m","code":404\(details)}
                """)
        }
        let script = try ScriptedClient(
            notFound(
                #","details":{"name":"default","group":"security.istio.io","kind":"peerauthentications"}"#
            ),
            notFound(#","details":{"name":"shop","kind":"namespaces"}"#), notFound(""),
            .answer(404, "404 page not found"))
        #expect(try await script.client.get(path) == nil)
        for _ in 0..<3 {
            let error = await failure { () async throws(KubernetesError) in
                _ = try await script.client.get(path)
            }
            #expect(error?.status?.isNotFound == true)
        }
    }

    @Test("reads are repeated, with growing pauses, until one is answered")
    func retries() async throws {
        let script = try ScriptedClient(
            .status(429, "TooManyRequests", headers: ["Retry-After": "2"]),
            .status(503, "ServiceUnavailable"), .failure(.reset, reached: true),
            .failure(.truncated, reached: true), .failure(.refused, reached: false),
            .answer(200, #"{"kind":"Namespace"}"#))
        _ = try await script.client.get(ObjectPath(.namespaces, name: "shop"))
        #expect(
            script.clock.waits == [
                .seconds(2), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4),
            ])
    }

    @Test("the last failure is told when the attempts are used up")
    func exhausted() async throws {
        let script = try ScriptedClient(
            .status(500, "InternalError"), .status(503, "ServiceUnavailable"),
            retry: RetryPolicy(maximumAttempts: 2))
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.get(ObjectPath(.namespaces, name: "shop"))
        }
        #expect(error?.status?.code == 503)
        #expect(error?.call?.target == "namespaces shop")
        #expect(error?.isInDoubt == false)
    }

    @Test(
        "a wrong server fails at once",
        arguments: [TransportError.Kind.refused, .resolve, .tls, .connectTimeout])
    func wrongServer(kind: TransportError.Kind) async throws {
        let script = try ScriptedClient(.failure(kind, reached: false))
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.serverVersion()
        }
        guard case .transport(let failure, let call)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(failure.kind == kind)
        #expect(call.server == "https://api.example.com:6443")
        #expect(script.clock.waits.isEmpty)
    }

    @Test("once the server has answered, a lost connection is tried again")
    func laterConnection() async throws {
        let version = #"{"major":"1","minor":"36","gitVersion":"v1.36.2"}"#
        let script = try ScriptedClient(
            .answer(200, version), .failure(.refused, reached: false), .answer(200, version))
        _ = try await script.client.serverVersion()
        #expect(try await script.client.serverVersion().gitVersion == "v1.36.2")
    }

    @Test("an answer of any status counts as one")
    func errorAnswers() async throws {
        let script = try ScriptedClient(
            .status(403, "Forbidden"), .failure(.refused, reached: false),
            .answer(200, "ok"))
        _ = await failure { () async throws(KubernetesError) in
            _ = try await script.client.rawGet(path: "/readyz")
        }
        #expect(try await script.client.rawGet(path: "/readyz").body == Array("ok".utf8))
    }

    @Test("cancelling ends a read between attempts")
    func cancelled() async throws {
        let clock = VirtualClock(onSleep: { withUnsafeCurrentTask { $0?.cancel() } })
        let script = try ScriptedClient(
            .status(503, "ServiceUnavailable"), .answer(200, "{}"), clock: clock)
        let error = await Task {
            await failure { () async throws(KubernetesError) in
                _ = try await script.client.get(ObjectPath(.namespaces, name: "shop"))
            }
        }.value
        guard case .cancelled? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(script.transport.asked.count == 1)
    }

    @Test("a base path, such as Rancher's, comes before the API's own")
    func basePath() async throws {
        let script = try ScriptedClient(
            .answer(200, "{}"), server: "https://rancher.example.com/k8s/clusters/c-1/")
        _ = try await script.client.get(ObjectPath(.nodes, name: "n"))
        #expect(
            script.transport.asked.first?.url
                == "https://rancher.example.com/k8s/clusters/c-1/api/v1/nodes/n")
    }

    @Test("a redirect is not followed")
    func redirect() async throws {
        let script = try ScriptedClient(
            .answer(302, "", headers: ["Location": "https://login.example.com"]))
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.serverVersion()
        }
        #expect(error?.status?.code == 302)
        #expect(script.transport.asked.count == 1)
    }
}
