import Diagnostics
import MeshModel

/// What is said about flows that a rollout breaks: one diagnostic for all clients of a server's port that
/// break for the same reason at the same step.
struct FlowBreakReport {
    let index: FlowIndex
    let remedies: FlowRemedies
    var kind = Kind.planned(gaveUp: false)
    /// Texts of flows that may break, as a person decided.
    var accepted: Set<String> = []

    enum Kind: Equatable {
        /// The plan is blocked. `gaveUp`: not all orders were tried.
        case planned(gaveUp: Bool)
        /// The plan is blocked because it is limited to waves: with these others the flow is kept.
        case limited(OutsideWaves)
        /// The step is left out instead.
        case leftOut
        /// A gate before the step: there is nothing to paste any more.
        case asked
    }

    /// Clients that a message names before it counts the rest.
    private static let named = 5

    private struct Cause: Hashable {
        var step: Step
        var server: String
        var port: Int
        var sentBecause: SendReason?
        var reason: FlowReason
        var severity: Int
    }

    /// A flow that is to be refused does not break by being refused.
    func diagnostics(for breaks: [FlowBreak]) -> [Diagnostic] {
        var causes: [Cause] = []
        var groups: [Cause: [FlowBreak]] = [:]
        for found in breaks where found.flow.expect == .carried {
            let cause = Cause(
                step: found.step, server: server(of: found), port: found.port,
                sentBecause: found.after.sentBecause, reason: found.after.reason,
                severity: severity(of: found).order)
            if groups[cause] == nil { causes.append(cause) }
            groups[cause, default: []].append(found)
        }
        return causes.compactMap { cause in groups[cause].map { diagnostic(for: $0, cause) } }
    }

    private func severity(of found: FlowBreak) -> Diagnostic.Severity {
        guard found.flow.certainty == .sure, kind != .leftOut else { return .warning }
        return accepted.contains(found.flow.text) ? .note : .error
    }

    private func diagnostic(for breaks: [FlowBreak], _ cause: Cause) -> Diagnostic {
        let first = breaks[0]
        let severity = severity(of: first)
        let others = breaks.count - 1
        let more = others == 0 ? "" : " and \(others) more flow\(others == 1 ? "" : "s")"
        let message = "\(first.flow.text)\(more) would be \(outcome(first.after))"
        if case .limited(let outside) = kind {
            return Diagnostic(
                .waveNeedsOthers, severity, "\(message) without \(outside.words)",
                detail: detail(breaks, severity), remedy: remedy(for: breaks))
        }
        return Diagnostic(
            .flowWouldBreak, severity, message,
            detail: detail(breaks, severity),
            remedy: severity == .note ? nil : remedy(for: breaks))
    }

    private func remedy(for breaks: [FlowBreak]) -> String? {
        switch kind {
        case .planned: remedies.remedy(for: breaks[0], of: breaks)
        case .limited(let outside): outside.options
        // A rollback has no plan file to paste into, a run that has begun no time for it.
        case .leftOut, .asked: nil
        }
    }

    private func detail(_ breaks: [FlowBreak], _ severity: Diagnostic.Severity) -> String {
        let first = breaks[0]
        var sentences = [stepSentence(first), reasonSentence(first)]
        sentences.append(
            "Today it is \(first.before.outcome.rawValue). Known from: \(first.flow.because).")
        if breaks.count > 1 {
            let named = breaks.dropFirst().prefix(Self.named).map(\.flow.text)
            let rest = breaks.count - 1 - named.count
            sentences.append(
                "The same holds for \(named.joined(separator: ", "))"
                    + (rest > 0 ? " and \(rest) more." : "."))
        }
        switch severity {
        case .note: sentences.append("Accepted with --accept-breaking.")
        case .warning:
            if first.flow.certainty == .doubtful {
                sentences.append("Whether the flow exists is not certain.")
                if remedy(for: breaks) != nil { sentences.append("If it does:") }
            }
        case .error:
            guard case .planned(let gaveUp) = kind else { break }
            if gaveUp {
                sentences.append("Not every order of the steps was tried.")
            }
            sentences.append(
                (first.flow.origin == .declared
                    ? "If nobody needs the flow, take it out of flows. "
                    : "If nobody needs the flow: --ignore-flow '\(first.flow.text)'. ")
                    + (remedy(for: breaks) == nil ? "" : "To keep it:"))
        }
        return sentences.joined(separator: " ").trimmingTrailingSpace
    }

    private func stepSentence(_ found: FlowBreak) -> String {
        if kind == .leftOut, found.flow.isRequired {
            return "So \(found.step.change.object.text) stays as it is "
                + "(\(found.step.phase.rawValue), \(found.step.change.action.rawValue))."
        }
        let step =
            "Step \(found.step.id.number) (\(found.step.change.action.rawValue) "
            + "\(found.step.change.object.text), stage \(found.step.phase.rawValue))"
        var place = "port \(found.port) of \(server(of: found))"
        if case .host = found.flow.server { place = found.flow.server.text }
        return found.isTransient
            ? "\(step) interrupts it at \(place), while some proxies know of the change and some do not."
            : "\(step) ends it at \(place)."
    }

    private func reasonSentence(_ found: FlowBreak) -> String {
        let sent = found.after.sentBecause.map {
            words(on: found.after.sent, because: $0)
        }
        let text = (sent ?? "") + FlowPhrases.of(found.after.reason)
        return "\(text.prefix(1).uppercased())\(text.dropFirst()) (\(found.after.reason.rawValue))."
    }

    private func words(on sent: FlowBytes, because reason: SendReason) -> String {
        // Nobody gave `--send` here: it is known of the flow.
        reason == .forced
            ? "the client itself sends \(FlowPhrases.of(sent)); "
            : "the client sends \(FlowPhrases.of(sent)), because \(FlowPhrases.of(reason)); "
    }

    private func outcome(_ verdict: FlowVerdict) -> String {
        verdict.outcome == .unknown ? "impossible to judge" : verdict.outcome.rawValue
    }

    private func server(of found: FlowBreak) -> String {
        found.server.map(index.workloads.text) ?? found.flow.server.text
    }
}

extension Diagnostic.Severity {
    fileprivate var order: Int {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }
}

extension String {
    fileprivate var trimmingTrailingSpace: String { hasSuffix(" ") ? String(dropLast()) : self }
}
