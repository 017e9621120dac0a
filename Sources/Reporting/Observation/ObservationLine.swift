package import MeshModel
package import MeshPlanning
import Timing

/// What `meshctl observe` says while it goes on: a line each, without line break.
package enum ObservationLine {
    /// `23h10m left; 14 flows, 3 in plaintext`
    package static func status(_ window: ObservationWindow, flows: Int, plaintext: Int) -> String {
        "\(Phrases.duration(milliseconds: window.remaining)) left; "
            + "\(Phrases.count(flows, "flow")), \(plaintext) in plaintext"
    }

    package static func goingOn(_ window: ObservationWindow) -> String {
        "Going on with the observation that began at \(Phrases.time(window.startedAt.rfc3339)): "
            + "\(Phrases.duration(milliseconds: window.covered)) of "
            + "\(Phrases.duration(milliseconds: window.goal)) is covered."
    }

    /// A flow that was not known.
    package static func found(_ flow: ObservedFlow) -> String {
        line(
            "\(flow.security.rawValue): \(flow.client.text) → \(flow.server.text), "
                + Phrases.count(flow.connections, "connection"))
    }

    package static func more(_ count: Int) -> String {
        "and \(Phrases.count(count, "more flow"))"
    }

    package static func restarted(_ proxies: [String]) -> String {
        let first = proxies.first ?? ""
        let more = proxies.count > 1 ? " and \(proxies.count - 1) more" : ""
        return line(
            "gap: the proxy of pod \(first)\(more) has gone or started anew; what it counted after its "
                + "last sample is lost")
    }

    package static func missed(_ why: String) -> String {
        line("no sample: \(why); the next one counts it, too")
    }

    package static func unseen(_ sentence: String) -> String { line("not seen: \(sentence)") }

    private static func line(_ text: String) -> String { TerminalText.sanitized(text) }
}
