import HTTPTypes
import JSON
import Testing

@testable import KubernetesClient

@Suite("Failures in the server's words")
struct APIStatusTests {
    func status(_ recorded: Recorded) -> APIStatus {
        APIStatus(
            code: recorded.status, body: recorded.bytes, retryAfter: nil,
            call: APICall(.get, server: "s", path: recorded.path))
    }

    func status(_ code: Int, _ body: String, call: APICall? = nil) -> APIStatus {
        APIStatus(
            code: code, body: Array(body.utf8), retryAfter: nil,
            call: call ?? APICall(.get, server: "s", path: "/"))
    }

    @Test("every recorded refusal is there to be tested")
    func count() { #expect(Recorded.refusals.count == 39) }

    @Test("every recorded refusal is understood in full", arguments: Recorded.refusals)
    func refusals(recorded: Recorded) {
        let status = status(recorded)
        #expect(status.code == recorded.status)
        guard recorded.body["kind"] == "Status" else {
            #expect(!status.isFromAPIServer)
            #expect(status.message == "404 page not found")
            #expect(status.reason == "NotFound")
            return
        }
        #expect(status.isFromAPIServer)
        #expect(status.message == recorded.body["message"]?.string)
        #expect(status.reason == recorded.body["reason"]?.string)
        let details = recorded.body["details"]
        #expect((status.details == nil) == (details == nil))
        #expect(status.details?.name ?? "" == details?["name"]?.string ?? "")
        #expect(status.details?.group ?? "" == details?["group"]?.string ?? "")
        #expect(status.details?.kind ?? "" == details?["kind"]?.string ?? "")
        let causes = details?["causes"]?.array ?? []
        #expect(
            status.details?.causes.map(\.field) ?? [] == causes.map { $0["field"]?.string ?? "" })
        #expect(
            status.details?.causes.map(\.message) ?? []
                == causes.map { $0["message"]?.string ?? "" })
    }

    struct Kind: Sendable {
        var name: String
        var holds: @Sendable (APIStatus) -> Bool
    }

    @Test(
        "refusals are told apart as callers need it",
        arguments: [
            Kind(name: "bad token is 401") { $0.isUnauthorized },
            Kind(name: "list forbidden is 403") { $0.isForbidden },
            Kind(name: "missing is 404") { $0.isNotFound },
            Kind(name: "create again is 409 AlreadyExists") { $0.isAlreadyExists },
            Kind(name: "a second holder creates: 409") { $0.isAlreadyExists },
            Kind(name: "merge patch with a stale resourceVersion is 409 Conflict") {
                $0.isConflict
            },
            Kind(name: "delete with a wrong uid precondition is 409") { $0.isConflict },
            Kind(name: "server-side apply with its uid when it is gone is 409") { $0.isConflict },
            Kind(name: "wrong uid is 422") { $0.isUIDMismatch },
            Kind(name: "unknown mode is 422") { $0.isInvalid && !$0.isUIDMismatch },
            Kind(name: "creating in a Terminating namespace is 403 (or 404 once gone)") {
                $0.isNamespaceTerminating
            },
        ])
    func kinds(kind: Kind) throws {
        let recorded = try #require(Recorded.refusals.first { $0.name == kind.name })
        #expect(kind.holds(status(recorded)))
    }

    @Test("an existing object is no conflict, and a conflict no existing object")
    func conflicts() throws {
        let refusals = Recorded.refusals.filter { $0.status == 409 }.map(status)
        #expect(refusals.count == 11)
        #expect(refusals.allSatisfy { $0.isConflict != $0.isAlreadyExists })
    }

    @Test("a field that another manager owns is named")
    func fieldManagers() throws {
        let recorded = try #require(
            Recorded.refusals.first {
                $0.name == "conflict with another manager is 409 with causes"
            })
        let conflicts = status(recorded).fieldManagerConflicts
        #expect(conflicts.map(\.field) == [".spec.mtls.mode"])
        #expect(conflicts.first?.message == #"conflict with "argocd-controller""#)
    }

    @Test("a failing webhook is told from other failures of the server, and leaves no doubt")
    func webhooks() {
        let webhook = status(
            500,
            #"{"kind":"Status","reason":"InternalError","message":"Internal error occurred: failed calling webhook \"validation.istio.io\": failed to call webhook: connection refused"}"#
        )
        #expect(webhook.isWebhookFailure)
        #expect(!webhook.leavesInDoubt)
        let other = status(500, #"{"kind":"Status","message":"etcdserver: request timed out"}"#)
        #expect(!other.isWebhookFailure)
        #expect(other.leavesInDoubt)
    }

    @Test(
        "an answer that is no Status is quoted, and its reason taken from the code",
        arguments: [
            "<html>bad gateway</html>", "", "[]", "null", #"{"kind":"Pod"}"#,
            #"{"kind":"Status","code":"x"}"#, #"{"kind":"Status","details":7}"#, "\u{0}\u{1}",
        ])
    func noStatus(body: String) {
        let status = status(503, body)
        #expect(!status.isFromAPIServer)
        #expect(status.reason == "ServiceUnavailable")
        #expect(status.details == nil)
    }

    @Test("a long answer is shortened")
    func shortened() {
        let status = status(502, String(repeating: "x", count: 1_000_000))
        #expect(status.message.utf8.count < 1100)
        #expect(status.message.hasSuffix("…"))
    }

    @Test("Retry-After counts in the header and in the body, as a positive number only")
    func retryAfter() {
        func seconds(_ header: String?, _ body: String = "") -> Int? {
            APIStatus(
                code: 429, body: Array(body.utf8), retryAfter: header,
                call: APICall(.get, server: "s", path: "/")
            ).retryAfterSeconds
        }
        #expect(seconds("3") == 3)
        #expect(seconds("3", #"{"kind":"Status","details":{"retryAfterSeconds":5}}"#) == 5)
        #expect(seconds("Fri, 31 Dec 1999 23:59:59 GMT") == nil)
        #expect(seconds("-1") == nil)
        #expect(seconds("99999999999999999999") == nil)
        #expect(seconds(nil) == nil)
    }
}

@Suite("Answers of a real API server")
struct RecordedAnswerTests {
    static let documents = Recorded.answers.filter { $0.body.object != nil }
    static let lists = documents.filter { $0.body["items"] != nil }
    static let watches = Recorded.answers.filter { $0.body.array != nil }

    @Test("every recorded answer is there to be tested")
    func count() {
        #expect(Recorded.answers.count == 52)
        #expect(Self.lists.count == 7)
        #expect(Self.watches.count == 3)
    }

    @Test("every document is read as it is", arguments: documents)
    func document(recorded: Recorded) throws {
        let response = TransportResponse(
            head: .init(status: .init(code: recorded.status)), body: recorded.bytes)
        let call = APICall(.get, server: "s", path: recorded.path)
        #expect(try KubernetesClient.document(response, call) == recorded.body)
    }

    @Test("every list gives its items, its continuation and its resourceVersion", arguments: lists)
    func list(recorded: Recorded) throws {
        let page = try ListDecoder.documents.decode(recorded.bytes, "application/json")
        #expect(page.items == recorded.body["items"]?.array)
        #expect(page.resourceVersion == recorded.body[path: "metadata", "resourceVersion"]?.string)
        let token = recorded.body[path: "metadata", "continue"]?.string ?? ""
        #expect(page.continueToken ?? "" == token)
    }

    @Test("every watch gives its events", arguments: watches)
    func watch(recorded: Recorded) async throws {
        var reader = WatchReader(APICall(.watch, server: "s", path: recorded.path))
        reader.receive(.init(status: .init(code: 200)))
        var kinds: [String] = []
        let goesOn = reader.receive(recorded.bytes) {
            kinds.append($0.kind.rawValue); return true
        }
        #expect(goesOn)
        let failure = reader.finish()
        #expect(failure == nil)
        #expect(kinds == recorded.body.array?.map { $0["type"]?.string ?? "" })
    }

    @Test("the server's version is read, and a text answer is given as it is")
    func others() async throws {
        let version = try #require(Recorded.answers.first { $0.path == "/version" })
        let ready = try #require(Recorded.answers.first { $0.path == "/readyz" })
        let log = try #require(Recorded.answers.first { $0.status == 204 })
        let script = try ScriptedClient(
            .answer(200, String(decoding: version.bytes, as: UTF8.self)),
            .answer(200, String(decoding: ready.bytes, as: UTF8.self)), .answer(204, ""))
        #expect(try await script.client.serverVersion().gitVersion == "v1.36.2")
        #expect(try await script.client.rawGet(path: "/readyz").body == Array("ok".utf8))
        #expect(try await script.client.rawGet(path: log.path).body == [])
    }
}
