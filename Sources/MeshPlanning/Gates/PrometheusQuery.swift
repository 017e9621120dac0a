package import MeshModel
package import Telemetry

/// The value of a Prometheus query is within its bounds.
package struct PrometheusQuery: Sendable, Hashable, Codable {
    package var name: String
    package var query: String
    package var minimum: Double?
    package var maximum: Double?
    package var server: PrometheusServer

    package init(
        name: String, query: String, minimum: Double? = nil, maximum: Double? = nil,
        server: PrometheusServer
    ) {
        self.name = name
        self.query = query
        self.minimum = minimum
        self.maximum = maximum
        self.server = server
    }
}

extension PrometheusQuery: GateRule {
    package static var gate: Gate { .prometheus }

    package typealias Sample = Reading<PrometheusAnswer>

    package func findings(in sample: Reading<PrometheusAnswer>) -> [GateFinding] {
        switch sample {
        case .unseen(let why):
            [
                doubt(
                    because: GateWords.quotation(why),
                    hint: "The server is named under `gates.prometheusServer` in the plan file.",
                    command: "kubectl -n \(server.namespace) get services")
            ]
        case .seen(let answer): [finding(on: answer)]
        }
    }

    private func finding(on answer: PrometheusAnswer) -> GateFinding {
        let warnings = GateWords.evidence(
            answer.warnings.map { "Prometheus warns: \(GateWords.quotation($0))" })
        guard let first = answer.series.first else {
            return doubt(
                because: "the query has no data", evidence: warnings,
                hint: "Where no data means none, add `or vector(0)`.")
        }
        guard answer.series.count == 1 else {
            return doubt(
                because: "the query gives \(answer.series.count) values, and one is wanted",
                evidence: GateWords.evidence(answer.series.map(\.text).sorted()) + warnings,
                hint: "Make one value of them, with `sum` or `max`.")
        }
        guard first.value.isFinite else {
            return doubt(
                because: "the value is \(Self.text(first.value))", evidence: warnings,
                hint: "A division by zero gives no number: nothing was counted yet.")
        }
        let (problem, bounds) = (problem(first.value), bounds)
        return finding(
            problem == nil ? .pass : .fail, about: subject, in: server.namespace,
            "\(Self.text(first.value)) is \(problem ?? bounds)",
            evidence: ["\(server.text) was asked: \(GateWords.quotation(query))"] + warnings,
            hint: problem == nil ? nil : "Wait until it is within its bounds, \(bounds).")
    }

    /// `above 0.01`; nil where nothing is wrong.
    private func problem(_ value: Double) -> String? {
        if let maximum, value > maximum { return "above \(Self.text(maximum))" }
        if let minimum, value < minimum { return "below \(Self.text(minimum))" }
        return nil
    }

    private var bounds: String {
        let words = [
            minimum.map { "at least \(Self.text($0))" }, maximum.map { "at most \(Self.text($0))" },
        ].compactMap(\.self)
        return words.isEmpty ? "without bounds" : words.joined(separator: " and ")
    }

    private var subject: String { "query \(name)" }

    private func doubt(
        because reason: String, evidence: [String] = [], hint: String, command: String? = nil
    ) -> GateFinding {
        doubt(
            about: subject, in: server.namespace, because: reason, evidence: evidence, hint: hint,
            command: command)
    }

    fileprivate static func text(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? "\(value)"
    }
}

extension PrometheusAnswer.Series {
    /// `{code="500",pod="cart-0"} 3`
    fileprivate var text: String {
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
        return GateWords.quotation("{\(pairs.joined(separator: ","))}")
            + " \(PrometheusQuery.text(value))"
    }
}
