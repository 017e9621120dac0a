import Testing

@testable import KubernetesClient

@Suite("When a request is sent again")
struct RetryPolicyTests {
    let policy = RetryPolicy(
        maximumAttempts: 4, firstDelay: .milliseconds(100), maximumDelay: .milliseconds(300),
        totalTime: .seconds(10))

    func attempt(
        _ number: Int = 1, isWrite: Bool = false, answered: Bool = true,
        elapsed: Duration = .zero, jitter: Double = 1
    ) -> RetryPolicy.Attempt {
        RetryPolicy.Attempt(
            number: number, elapsed: elapsed, isWrite: isWrite, serverHasAnswered: answered,
            jitter: jitter)
    }

    func status(_ code: Int, retryAfter: Int? = nil) -> APIStatus {
        APIStatus(
            code: code, body: [], retryAfter: retryAfter.map(String.init),
            call: APICall(.get, server: "s", path: "/"))
    }

    @Test("delays double up to the maximum, and end with the attempts")
    func doubling() {
        let delays = (1...4).map { policy.delay(after: status(503), attempt($0)) }
        #expect(delays == [.milliseconds(100), .milliseconds(200), .milliseconds(300), nil])
    }

    @Test("jitter shortens a delay")
    func jitter() {
        #expect(policy.delay(after: status(503), attempt(jitter: 0.5)) == .milliseconds(50))
    }

    @Test("Retry-After is waited for, unless it lasts past the total time")
    func retryAfter() {
        #expect(policy.delay(after: status(429, retryAfter: 7), attempt()) == .seconds(7))
        #expect(policy.delay(after: status(429, retryAfter: 11), attempt()) == nil)
        #expect(
            policy.delay(after: status(429, retryAfter: 7), attempt(elapsed: .seconds(4))) == nil)
        #expect(policy.delay(after: status(429, retryAfter: .max), attempt()) == nil)
    }

    @Test(
        "a read is repeated after these answers, a write only after 429",
        arguments: [
            (200, false, false), (400, false, false), (401, false, false), (403, false, false),
            (404, false, false), (409, false, false), (410, false, false), (422, false, false),
            (429, true, true), (500, true, false), (501, false, false), (502, true, false),
            (503, true, false), (504, true, false),
        ])
    func statuses(code: Int, read: Bool, write: Bool) {
        #expect((policy.delay(after: status(code), attempt()) != nil) == read)
        #expect((policy.delay(after: status(code), attempt(isWrite: true)) != nil) == write)
    }

    @Test("a server that never answered is not asked again when there is no connection")
    func firstConnection() {
        for kind in TransportError.Kind.allCases {
            let error = TransportError(kind, mayHaveReachedServer: false, message: "")
            let isFinal =
                error.isConnectFailure || [.cancelled, .tooLarge, .other].contains(kind)
            #expect((policy.delay(after: error, attempt(answered: false)) == nil) == isFinal)
        }
    }

    @Test("a write is repeated only when the server saw nothing of it")
    func writes() {
        for kind in TransportError.Kind.allCases {
            let seen = TransportError(kind, mayHaveReachedServer: true, message: "")
            #expect(policy.delay(after: seen, attempt(isWrite: true)) == nil, "\(kind)")
        }
        let unseen = TransportError(.refused, mayHaveReachedServer: false, message: "")
        #expect(policy.delay(after: unseen, attempt(isWrite: true)) != nil)
        let reset = TransportError(.reset, mayHaveReachedServer: true, message: "")
        #expect(policy.delay(after: reset, attempt()) != nil)
    }
}
