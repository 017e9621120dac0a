/// How the request of a probe ended, as curl says.
package struct ProbeOutcome: Sendable, Hashable {
    /// curl's, and 0 where it had an answer (curl.se, "libcurl error codes").
    package var exitCode: Int
    /// Of HTTP; nil where there was no answer.
    package var status: Int?
    /// Whether an answer is Envoy's own, for a server that closed the connection.
    package var isClosedUpstream: Bool
    /// curl's words for an error, on one line; else empty.
    package var words: String
    /// Why the pod may not have been where its namespace's pods are to be; nil where it was.
    package var missedDataplane: String?

    package init(
        exitCode: Int, status: Int? = nil, isClosedUpstream: Bool = false, words: String = "",
        missedDataplane: String? = nil
    ) {
        self.exitCode = exitCode
        self.status = status
        self.isClosedUpstream = isClosedUpstream
        self.words = words
        self.missedDataplane = missedDataplane
    }

    /// What curl writes after the transfer: its `--write-out`, a line of its own behind any body.
    package static let writeOut = "\\n" + mark + "%{http_code}\\n"
    private static let mark = "meshctl-probe: status "

    /// - Parameter log: of the container: the body where one was wanted, curl's line of an error, and the line
    ///   that it writes out. A body may hold such a line, too; curl's own comes last.
    package init(exitCode: Int, log: String) {
        let lines = log.split(whereSeparator: \.isNewline)
        let written = lines.last { $0.hasPrefix(Self.mark) }?.dropFirst(Self.mark.count)
        let code = written.flatMap { Int($0) } ?? 0
        self.init(
            exitCode: exitCode, status: (100...999).contains(code) ? code : nil,
            isClosedUpstream: log.contains(
                "upstream connect error or disconnect/reset before headers")
                && log.contains("reset reason: connection termination"),
            words: exitCode == 0
                ? ""
                : lines.last { $0.hasPrefix("curl: ") }.map { GateWords.quotation(String($0)) }
                    ?? "")
    }

    /// The connection was closed before an answer: nothing came (52), or a reset (56).
    static let closed: Set<Int> = [52, 56]

    /// What says that the request was made, or could not be made as things are, and was not answered: no such
    /// host, no connection, a body cut off, no time left, TLS, a broken connection.
    static let failures = closed.union([6, 7, 16, 18, 28, 35, 55, 60, 92])

    /// Where to look when there was no answer.
    var advice: String {
        switch exitCode {
        case 6: "See whether the host's name is right, and whether DNS is up."
        case 7: "See whether the Service has ready endpoints that listen on this port."
        case 28: "See what drops it on its way, such as a NetworkPolicy."
        case _ where Self.closed.contains(exitCode):
            "STRICT closes connections of clients outside the mesh so: see what 'meshctl explain flow' says."
        default: "Ask again from a pod of your own."
        }
    }

    /// `curl: (7) Failed to connect`, `status 503`, `curl ended with 127`
    var text: String {
        if exitCode == 0, let status { return "status \(status)" }
        return words.isEmpty ? "curl ended with \(exitCode)" : words
    }
}
