import JSON
import Synchronization
import Testing

@testable import KubernetesClient

@Suite("Watching through the client")
struct ClientWatchingTests {
    func event(_ type: String, _ name: String) -> String {
        #"{"type":"\#(type)","object":{"metadata":{"name":"\#(name)"}}}"# + "\n"
    }

    /// Runs a watch over a script and gives what was seen.
    func watch(
        _ step: ScriptedTransport.Step, stopAfter limit: Int = .max
    ) async throws -> (seen: [String], error: KubernetesError?, path: String?) {
        let script = try ScriptedClient(step)
        let seen = Mutex<[String]>([])
        var failure: KubernetesError?
        do throws(KubernetesError) {
            try await script.client.watch(
                .peerAuthentications, namespace: "shop", resourceVersion: "63267",
                timeout: .seconds(3)
            ) { event in
                seen.withLock {
                    let name = event.object[path: "metadata", "name"]?.string ?? ""
                    $0.append("\(event.kind.rawValue) \(name)")
                    return $0.count < limit
                }
            }
        } catch {
            failure = error
        }
        return (seen.withLock { $0 }, failure, script.paths.first)
    }

    @Test("events come in order, whatever the pieces they arrive in")
    func events() async throws {
        let body =
            event("ADDED", "a") + "\r\n" + event("MODIFIED", "a") + event("BOOKMARK", "")
            + event("DELETED", "é")
        let (seen, error, path) = try await watch(.answer(200, body))
        #expect(seen == ["ADDED a", "MODIFIED a", "BOOKMARK ", "DELETED é"])
        #expect(error == nil)
        #expect(
            path == "/apis/security.istio.io/v1/namespaces/shop/peerauthentications?watch=1"
                + "&allowWatchBookmarks=true&resourceVersion=63267&timeoutSeconds=3")
    }

    @Test("an ERROR event is a status")
    func errorEvent() async throws {
        let body =
            event("ADDED", "a")
            + #"{"type":"ERROR","object":{"kind":"Status","status":"Failure","#
            + #""message":"too old resource version: 1 (63268)","reason":"Expired","code":410}}"#
            + "\n"
        let (seen, error, _) = try await watch(.answer(200, body))
        #expect(seen == ["ADDED a"])
        #expect(error?.status?.isExpired == true)
        #expect(error?.status?.reason == "Expired")
    }

    @Test("a refusal instead of a stream is a status")
    func refused() async throws {
        let (_, error, _) = try await watch(
            .status(403, "Forbidden", "peerauthentications is forbidden"))
        #expect(error?.status?.isForbidden == true)
        #expect(error?.status?.message == "peerauthentications is forbidden")
    }

    @Test("the consumer can stop; half an event after that is no mistake")
    func stops() async throws {
        let body = event("ADDED", "a") + event("ADDED", "b") + "{\"type"
        let (seen, error, _) = try await watch(.answer(200, body), stopAfter: 1)
        #expect(seen == ["ADDED a"])
        #expect(error == nil)
    }

    @Test(
        "a stream that is no watch is malformed",
        arguments: [
            "{\"type\":\"ADDED\"", "garbage\n", #"{"type":"WHAT","object":{}}"# + "\n",
            #"{"type":"ERROR","object":{}}"# + "\n",
        ])
    func malformed(body: String) async throws {
        let (_, error, _) = try await watch(.answer(200, body))
        guard case .malformed? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
