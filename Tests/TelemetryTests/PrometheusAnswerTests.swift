import Telemetry
import Testing

@Suite("What Prometheus answers to a query")
struct PrometheusAnswerTests {
    private func answer(_ data: String, _ rest: String = "") throws -> PrometheusAnswer {
        try PrometheusAnswer(json: Array(#"{"status":"success","data":\#(data)\#(rest)}"#.utf8))
    }

    private func failure(_ json: String) -> PrometheusAnswer.Failure? {
        #expect(throws: PrometheusAnswer.Failure.self) {
            try PrometheusAnswer(json: Array(json.utf8))
        }
    }

    @Test("a vector has series with labels, a scalar one value without")
    func values() throws {
        let vector = """
            {"resultType":"vector","result":[
              {"metric":{"__name__":"up","job":"a"},"value":[1435781451.781,"1"]},
              {"metric":{},"value":[1435781451,"0.25"]}]}
            """
        #expect(
            try answer(vector).series == [
                PrometheusAnswer.Series(labels: ["__name__": "up", "job": "a"], value: 1),
                PrometheusAnswer.Series(value: 0.25),
            ])
        let scalar = #"{"resultType":"scalar","result":[1435781451.781,"1e-05"]}"#
        #expect(try answer(scalar).series == [PrometheusAnswer.Series(value: 0.00001)])
        #expect(try answer(#"{"resultType":"vector","result":[]}"#).series.isEmpty)
    }

    @Test("NaN and infinities are read as Go writes them", arguments: ["NaN", "+Inf", "-Inf"])
    func specials(_ text: String) throws {
        let found = try answer(#"{"resultType":"scalar","result":[1,"\#(text)"]}"#).series[0].value
        #expect(!found.isFinite)
    }

    @Test("a value with warnings is a value")
    func warnings() throws {
        let found = try answer(
            #"{"resultType":"scalar","result":[1,"2"]}"#, #","warnings":["a","b"],"infos":["c"]"#)
        #expect(found.series.map(\.value) == [2])
        #expect(found.warnings == ["a", "b"])
    }

    @Test("an error has Prometheus' words")
    func refused() {
        #expect(
            failure(#"{"status":"error","errorType":"bad_data","error":"parse error"}"#)
                == .refused("bad_data: parse error"))
        #expect(failure(#"{"status":"error"}"#) == .refused(""))
    }

    @Test(
        "what is no answer with values of one moment is not read",
        arguments: [
            "", "<html>", "[]", "{}", #"{"status":"success"}"#,
            #"{"status":"success","data":{"resultType":"matrix","result":[]}}"#,
            #"{"status":"success","data":{"resultType":"string","result":[1,"a"]}}"#,
            #"{"status":"success","data":{"resultType":"vector"}}"#,
            #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{}}]}}"#,
            #"{"status":"success","data":{"resultType":"vector","result":[{"value":[1]}]}}"#,
            #"{"status":"success","data":{"resultType":"scalar","result":[1,2]}}"#,
            #"{"status":"success","data":{"resultType":"scalar","result":[1,"two"]}}"#,
            #"{"status":"success","data":{"resultType":"scalar","result":[1,"\#(String(repeating: "1", count: 65))"]}}"#,
            #"{"status":"success","data":{"resultType":"vector","result":[{"histogram":[1,{}],"value":[1,"2"]}]}}"#,
        ])
    func unreadable(_ json: String) {
        guard case .unreadable? = failure(json) else {
            Issue.record("\(json) was read")
            return
        }
    }

    @Test("an answer beyond a megabyte is not looked at")
    func size() {
        let json = Array(#"{"status":"success"}"#.utf8)
        let padding = [UInt8](repeating: 0x20, count: PrometheusAnswer.maximumBytes)
        #expect(throws: PrometheusAnswer.Failure.unreadable("the answer is larger than 1 MiB")) {
            try PrometheusAnswer(json: json + padding)
        }
    }
}
