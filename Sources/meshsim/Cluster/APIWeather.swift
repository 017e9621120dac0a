import HTTPTypes
import JSON
import KubernetesClient
import Synchronization
import Timing

/// What befalls the requests of a seed.
final class APIWeather: Sendable {
    enum Trouble: Sendable, Hashable {
        case none
        /// Answered by the server without doing anything.
        case status(Int)
        /// Nothing listens.
        case refused
        case resetBefore
        /// The server has done it, and nobody hears so.
        case resetAfter
        case truncated
    }

    struct Fate: Sendable {
        var trouble = Trouble.none
        var wayThere = Duration.milliseconds(2)
        var wayBack = Duration.milliseconds(3)
        /// In seconds.
        var retryAfter: Int?
        /// How old a list is that is answered with.
        var age = Duration.zero
    }

    /// The oldest list that is answered with.
    static let oldest = Duration.seconds(5)

    private struct State {
        var random: SeededRandom
        /// One read in so many meets trouble, and of the far fewer writes ten times as many; nil for none.
        var oneIn: Int?
        /// Nobody can be reached until then.
        var awayUntil: Timestamp?
    }

    private let state: Mutex<State>

    init(random: SeededRandom, oneIn: Int?) {
        state = Mutex(State(random: random, oneIn: oneIn))
    }

    /// From now on nothing goes wrong.
    func calmDown() {
        state.withLock { ($0.oneIn, $0.awayUntil) = (nil, nil) }
    }

    func fate(of request: HTTPRequest, at now: Timestamp) -> Fate {
        state.withLock { state in
            var fate = Fate()
            fate.wayThere = .milliseconds(1 + state.random.below(4))
            fate.wayBack = .milliseconds(1 + state.random.below(4))
            if let until = state.awayUntil {
                if now < until {
                    fate.trouble = .refused
                    return fate
                }
                state.awayUntil = nil
            }
            let isWrite = request.method != .get
            guard let oneIn = state.oneIn,
                state.random.oneIn(isWrite ? max(oneIn / 10, 2) : oneIn)
            else { return fate }
            let isList = request.path?.contains("limit=") == true
            switch state.random.below(14) {
            // A resourceVersion is too old for a list; an object is read as it is now.
            case 0: fate.trouble = .status(isWrite ? 409 : isList ? 410 : 500)
            case 1:
                fate.trouble = .status(429)
                fate.retryAfter = 1 + state.random.below(5)
            case 2: fate.trouble = .status(500)
            case 3: fate.trouble = .status(503)
            case 4: fate.trouble = .refused
            case 5: fate.trouble = .resetBefore
            case 6, 7: fate.trouble = .resetAfter
            case 8: fate.trouble = .truncated
            case 9: fate.wayThere = .seconds(1 + state.random.below(90))
            case 10: fate.wayBack = .seconds(1 + state.random.below(90))
            case 11 where isList, 12 where isList:
                fate.age = .milliseconds(state.random.below(Int(Self.oldest / .milliseconds(1))))
            default:
                // An outage; most are over before anybody gives up.
                state.awayUntil = now + .seconds(1 + state.random.below(400))
                fate.trouble = .refused
            }
            return fate
        }
    }

    /// As an API server words it.
    static func refusal(_ code: Int, retryAfter: Int?) -> TransportResponse {
        let reasons = [
            409: "Conflict", 410: "Expired", 429: "TooManyRequests", 500: "InternalError",
            503: "ServiceUnavailable",
        ]
        let body: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "code": .integer(Int64(code)), "reason": .string(reasons[code] ?? ""),
            "message": "the simulation says so",
        ]
        var fields: HTTPFields = [.contentType: "application/json"]
        if let retryAfter { fields[.retryAfter] = String(retryAfter) }
        return TransportResponse(
            head: HTTPResponse(status: HTTPResponse.Status(code: code), headerFields: fields),
            body: body.canonicalBytes)
    }
}
