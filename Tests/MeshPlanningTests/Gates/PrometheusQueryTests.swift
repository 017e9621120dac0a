import MeshModel
import MeshPlanning
import Telemetry
import Testing

@Suite("A Prometheus query within its bounds")
struct PrometheusQueryTests {
    private func gate(minimum: Double? = nil, maximum: Double? = nil) -> PrometheusQuery {
        PrometheusQuery(
            name: "errors", query: "sum(rate(x[5m]))", minimum: minimum, maximum: maximum,
            server: PrometheusServer(namespace: "istio-system", service: "prometheus"))
    }

    private func answer(_ values: Double...) -> PrometheusQuery.Sample {
        .seen(
            PrometheusAnswer(
                series: values.enumerated().map {
                    PrometheusAnswer.Series(labels: ["pod": "p\($0)"], value: $1)
                }))
    }

    @Test(
        "the bounds themselves pass",
        arguments: [
            (nil, 0.01, 0.01, "pass", "0.01 is at most 0.01"),
            (nil, 0.01, 0.02, "fail", "0.02 is above 0.01"),
            (1, nil, 1, "pass", "1 is at least 1"), (1, nil, 0.5, "fail", "0.5 is below 1"),
            (0, 2, 1, "pass", "1 is at least 0 and at most 2"),
            (0, 2, -1, "fail", "-1 is below 0"),
        ] as [(Double?, Double?, Double, String, String)])
    func bounds(
        _ minimum: Double?, _ maximum: Double?, value: Double, verdict: String, words: String
    ) {
        let found = gate(minimum: minimum, maximum: maximum).findings(in: answer(value))
        #expect(found.lines == ["\(verdict) query errors: \(words)"])
    }

    @Test("no data, no number, and several values are inconclusive, whatever the bounds")
    func doubts() {
        let samples: [(PrometheusQuery.Sample, String)] = [
            (answer(), "the query has no data"),
            (answer(.nan), "the value is nan"), (answer(.infinity), "the value is inf"),
            (answer(-.infinity), "the value is -inf"),
            (answer(0, 0), "the query gives 2 values, and one is wanted"),
            (.unseen(why: "no"), "no"),
        ]
        for (sample, why) in samples {
            for gate in [gate(minimum: -1), gate(maximum: 1), gate(minimum: -1, maximum: 1)] {
                let found = gate.findings(in: sample)
                #expect(
                    found.lines == ["inconclusive query errors: cannot judge, because \(why)"])
                #expect(found[0].namespace == "istio-system")
            }
        }
    }

    @Test("several values are shown, in order, without what a terminal would act on")
    func series() {
        let hostile = PrometheusAnswer(
            series: [
                PrometheusAnswer.Series(labels: ["b": "\u{1B}[2J\n"], value: 2),
                PrometheusAnswer.Series(labels: ["a": "1", "c": "2"], value: 1),
            ], warnings: ["one\ntwo"])
        let found = gate(maximum: 1).findings(in: .seen(hostile))
        #expect(
            found[0].evidence == [
                #"{a="1",c="2"} 1"#, #"{b=" [2J "} 2"#, "Prometheus warns: one two",
            ])
    }

    @Test("a value with warnings counts, and the warnings are kept")
    func warnings() {
        let found = gate(maximum: 1).findings(
            in: .seen(
                PrometheusAnswer(
                    series: [PrometheusAnswer.Series(value: 0)], warnings: ["only a part"])))
        #expect(found.map(\.verdict) == [.pass])
        #expect(
            found[0].evidence == [
                "prometheus.istio-system:9090 was asked: sum(rate(x[5m]))",
                "Prometheus warns: only a part",
            ])
    }
}
