import HTTPTypes
import JSON
import Testing

@testable import KubernetesClient

@Suite("Writing through the client")
struct ClientWritingTests {
    let policy = ObjectPath(.peerAuthentications, namespace: "shop", name: "default")
    let body: JSONValue = ["metadata": ["name": "default"], "spec": ["mtls": ["mode": "STRICT"]]]

    @Test("creation is a POST to the collection")
    func create() async throws {
        let script = try ScriptedClient(.answer(201, #"{"kind":"PeerAuthentication"}"#))
        let made = try await script.client.create(
            .peerAuthentications, namespace: "shop", object: body, fieldManager: "meshctl/demo",
            dryRun: true)
        #expect(made["kind"] == "PeerAuthentication")
        let asked = try #require(script.transport.asked.first)
        #expect(asked.method == "POST")
        #expect(
            script.paths == [
                "/apis/security.istio.io/v1/namespaces/shop/peerauthentications"
                    + "?fieldManager=meshctl%2Fdemo&fieldValidation=Strict&dryRun=All"
            ])
        #expect(asked.headers[.contentType] == "application/json")
        #expect(asked.body == body.canonicalText)
    }

    @Test("apply is a server-side apply without force")
    func apply() async throws {
        let script = try ScriptedClient(.answer(200, "{}"))
        _ = try await script.client.apply(policy, object: body, fieldManager: "meshctl/demo")
        let asked = try #require(script.transport.asked.first)
        #expect(asked.method == "PATCH")
        #expect(asked.headers[.contentType] == "application/apply-patch+yaml")
        #expect(
            script.paths == [
                "/apis/security.istio.io/v1/namespaces/shop/peerauthentications/default"
                    + "?fieldManager=meshctl%2Fdemo&fieldValidation=Strict"
            ])
        #expect(!asked.url.contains("force"))
    }

    @Test("a label is written and removed by a merge patch")
    func mergePatch() async throws {
        let script = try ScriptedClient(.answer(200, "{}"))
        let patch: JSONValue = ["metadata": ["labels": ["istio-injection": .null]]]
        _ = try await script.client.mergePatch(
            ObjectPath(.namespaces, name: "shop"), patch: patch, fieldManager: "meshctl/demo")
        let asked = try #require(script.transport.asked.first)
        #expect(asked.method == "PATCH")
        #expect(asked.headers[.contentType] == "application/merge-patch+json")
        #expect(asked.body == #"{"metadata":{"labels":{"istio-injection":null}}}"#)
        #expect(script.paths == ["/api/v1/namespaces/shop?fieldManager=meshctl%2Fdemo"])
    }

    @Test("a deletion carries uid and resourceVersion")
    func delete() async throws {
        let script = try ScriptedClient(.answer(200, #"{"kind":"Status","status":"Success"}"#))
        try await script.client.delete(
            policy, preconditions: .init(uid: "u-1", resourceVersion: "42"))
        let asked = try #require(script.transport.asked.first)
        #expect(asked.method == "DELETE")
        let options = try object(try #require(asked.body))
        #expect(options[path: "preconditions", "uid"] == "u-1")
        #expect(options[path: "preconditions", "resourceVersion"] == "42")
        #expect(options["kind"] == "DeleteOptions")
    }

    @Test("nothing is sent for a name that would hit another object or a whole collection")
    func unusableNames() async throws {
        let script = try ScriptedClient()
        for name in ["", "..", "a/b"] {
            let error = await failure { () async throws(KubernetesError) in
                try await script.client.delete(
                    ObjectPath(.peerAuthentications, namespace: "shop", name: name),
                    preconditions: nil)
            }
            guard case .unusableName? = error else {
                Issue.record("\(name): \(String(describing: error))")
                return
            }
        }
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.create(
                .peerAuthentications, object: body, fieldManager: "m")
        }
        guard case .unusableName? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(script.transport.asked.isEmpty)
    }

    @Test(
        "after these, a write is in doubt and is not repeated",
        arguments: [
            ScriptedTransport.Step.failure(.reset, reached: true),
            .failure(.timeout, reached: true), .failure(.truncated, reached: true),
            .failure(.other, reached: true), .failure(.cancelled, reached: true),
            .failure(.tooLarge, reached: true), .status(500, "InternalError"),
            .status(503, "ServiceUnavailable"), .status(504, "Timeout"),
            .answer(200, "not JSON"), .answer(502, "<html>bad gateway</html>"),
        ])
    func inDoubt(step: ScriptedTransport.Step) async throws {
        let script = try ScriptedClient(step, .answer(200, "{}"))
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.apply(policy, object: body, fieldManager: "m")
        }
        #expect(error?.isInDoubt == true, "\(String(describing: error))")
        #expect(script.transport.asked.count == 1)
    }

    @Test(
        "after these, a write was surely not done",
        arguments: [
            ScriptedTransport.Step.status(400, "BadRequest"), .status(401, "Unauthorized"),
            .status(403, "Forbidden"), .status(404, "NotFound"), .status(409, "Conflict"),
            .status(409, "AlreadyExists"), .status(422, "Invalid"),
            .status(
                500, "InternalError",
                "Internal error occurred: failed calling webhook \\\"validation.istio.io\\\": refused"
            ),
            .failure(.tls, reached: false), .failure(.refused, reached: false),
        ])
    func notDone(step: ScriptedTransport.Step) async throws {
        let script = try ScriptedClient(step, .answer(200, "{}"))
        let error = await failure { () async throws(KubernetesError) in
            _ = try await script.client.apply(policy, object: body, fieldManager: "m")
        }
        #expect(error?.isInDoubt == false)
        #expect(script.transport.asked.count == 1)
    }

    @Test("429 and a connection that never was are tried again")
    func safeRetries() async throws {
        let script = try ScriptedClient(
            .status(429, "TooManyRequests", headers: ["Retry-After": "3"]),
            .failure(.refused, reached: false), .failure(.connectTimeout, reached: false),
            .answer(200, #"{"kind":"PeerAuthentication"}"#))
        let made = try await script.client.apply(policy, object: body, fieldManager: "m")
        #expect(made["kind"] == "PeerAuthentication")
        #expect(script.clock.waits.first == .seconds(3))
        #expect(Set(script.transport.asked.map(\.body)).count == 1)
    }

    @Test("a cancelled task begins no write")
    func cancelledBefore() async throws {
        let script = try ScriptedClient(.answer(200, "{}"))
        let error = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await failure { () async throws(KubernetesError) in
                _ = try await script.client.apply(policy, object: body, fieldManager: "m")
            }
        }.value
        guard case .cancelled? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(script.transport.asked.isEmpty)
    }

    @Test("a write in flight ends with its answer, though its task was cancelled meanwhile")
    func cancelledDuring() async throws {
        let script = try ScriptedClient(
            .aside { withUnsafeCurrentTask { $0?.cancel() } }, .answer(200, #"{"kind":"X"}"#))
        let made = try await Task {
            try await script.client.apply(policy, object: body, fieldManager: "m")
        }.value
        #expect(made["kind"] == "X")
    }
}
