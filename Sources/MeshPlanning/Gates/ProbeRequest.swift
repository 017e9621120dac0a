package import MeshModel

/// A request from a short-lived pod of a listed namespace ends as expected.
package struct ProbeRequest: Sendable, Hashable, Codable {
    package enum Expectation: String, Sendable, Hashable, Codable {
        case success
        /// It is answered before the step that makes its target STRICT, and is to be refused afterwards. What
        /// never worked proves nothing when it does not work then, so nothing accepts a doubt about it.
        case successBeforeRefusal = "success-before-refusal"
        /// The mesh refuses it. A rollout that asks this has asked for `successBeforeRefusal` before.
        case refused
    }

    package var namespace: String
    package var image: String
    package var serviceAccount: String
    package var url: String
    package var expects: Expectation
    /// Of the request, without the pod's start.
    package var timeoutMilliseconds: Int64

    package init(
        namespace: String, image: String, serviceAccount: String, url: String,
        expects: Expectation, timeoutMilliseconds: Int64
    ) {
        self.namespace = namespace
        self.image = image
        self.serviceAccount = serviceAccount
        self.url = url
        self.expects = expects
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}

extension ProbeRequest: GateRule {
    package static var gate: Gate { .probe }

    package struct Sample: Sendable {
        package var outcome: Reading<ProbeOutcome>
        /// What else happened, a line each: pods that could not be deleted.
        package var notes: [String]

        package init(outcome: Reading<ProbeOutcome>, notes: [String] = []) {
            self.outcome = outcome
            self.notes = notes
        }
    }

    package func findings(in sample: Sample) -> [GateFinding] {
        var found: GateFinding
        switch sample.outcome {
        case .unseen(let why): found = doubt(GateWords.quotation(why))
        case .seen(let outcome):
            found = expects == .refused ? refusal(outcome) : success(outcome)
            if !found.reason.contains(outcome.text) { found.evidence = [outcome.text] }
        }
        found.evidence += sample.notes.map(GateWords.quotation)
        return [found]
    }

    /// A status below 500 shows that the request arrived; 403 may be an AuthorizationPolicy's word, and 5xx a
    /// proxy's.
    private func success(_ outcome: ProbeOutcome) -> GateFinding {
        if outcome.exitCode == 0, let status = outcome.status, status < 500, status != 403 {
            return finding(.pass, about: subject, in: place, "answered with \(status)")
        }
        if let missed = outcome.missedDataplane { return doubt(missed) }
        guard outcome.exitCode == 0 else {
            return ProbeOutcome.failures.contains(outcome.exitCode)
                ? failure("not answered: \(outcome.text)", hint: outcome.advice)
                : doubt("the request was not made: \(outcome.text)")
        }
        switch outcome.status {
        case nil: return doubt("the pod's log does not say how the request ended")
        case 403?:
            return doubt(
                "403 may come from the application or from an AuthorizationPolicy",
                hint: "Give the probe a URL that it may read.")
        case let status?: return failure("answered with \(status)")
        }
    }

    /// Only what a refusal by the mesh looks like: a connection closed without an answer, or Envoy's word that
    /// the other side closed it (istio#24580; response flag UC). A wrong name, a closed port and silence have
    /// other causes.
    private func refusal(_ outcome: ProbeOutcome) -> GateFinding {
        if let status = outcome.status, status < 500, status != 403 {
            return failure("answered with \(status), not refused")
        }
        if let missed = outcome.missedDataplane { return doubt(missed) }
        let isClosed = outcome.status == nil && ProbeOutcome.closed.contains(outcome.exitCode)
        let isClosedForProxy =
            outcome.exitCode == 0 && outcome.status == 503 && outcome.isClosedUpstream
        if isClosed || isClosedForProxy {
            return finding(.pass, about: subject, in: place, "refused: \(outcome.text)")
        }
        return doubt("this need not be the mesh's refusal: \(outcome.text)")
    }

    private func failure(
        _ reason: String, hint: String = "Ask again from a pod of your own."
    ) -> GateFinding {
        finding(.fail, about: subject, in: place, reason, hint: hint, command: command)
    }

    private func doubt(
        _ reason: String, hint: String = "Ask from a pod of your own, and see what it says."
    ) -> GateFinding {
        doubt(about: subject, in: place, because: reason, hint: hint, command: command)
    }

    private var subject: String { "request from namespace \(namespace) to \(url)" }

    /// Where the plan file can accept a doubt.
    private var place: String? { expects == .successBeforeRefusal ? nil : namespace }

    private var command: String {
        "kubectl -n \(namespace) run probe --rm --attach --restart=Never "
            + "--image=\(Self.quoted(image)) -- curl -sS -o /dev/null -w '%{http_code}' "
            + Self.quoted(url)
    }

    /// For a shell.
    private static func quoted(_ text: String) -> String {
        "'"
            + text.split(separator: "'", omittingEmptySubsequences: false).joined(
                separator: "'\\''")
            + "'"
    }
}
