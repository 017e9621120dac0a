import JSON

/// The answer of Prometheus to an instant query: `/api/v1/query` (prometheus.io, "HTTP API").
package struct PrometheusAnswer: Sendable, Hashable {
    package struct Series: Sendable, Hashable {
        /// Empty for a scalar.
        package var labels: [String: String]
        /// `NaN` and the infinities are values, too.
        package var value: Double

        package init(labels: [String: String] = [:], value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    package enum Failure: Error, Sendable, Hashable {
        /// Prometheus could not answer, and says why.
        case refused(String)
        /// Not an answer of Prometheus, or none with values of one moment.
        case unreadable(String)
    }

    /// None where the query has no data.
    package var series: [Series]
    /// What Prometheus adds to values that it gives all the same.
    package var warnings: [String]

    /// A query for one value has an answer of some hundred bytes.
    package static let maximumBytes = 1 << 20
    /// A query for the counters of some dozen proxies has at most some megabytes.
    package static let maximumBytesOfMany = 8 << 20

    package init(series: [Series], warnings: [String] = []) {
        self.series = series
        self.warnings = warnings
    }

    package init(
        json: [UInt8], maximumBytes: Int = PrometheusAnswer.maximumBytes
    ) throws(Failure) {
        guard json.count <= maximumBytes else {
            throw .unreadable("the answer is larger than \(maximumBytes >> 20) MiB")
        }
        guard let answer = try? JSONValue(parsing: json) else {
            throw .unreadable("the answer is not JSON")
        }
        switch answer["status"]?.string {
        case "success": break
        case "error":
            let words = ["errorType", "error"].compactMap { answer[$0]?.string }
            throw .refused(words.joined(separator: ": "))
        default: throw .unreadable("the answer is not one of Prometheus")
        }
        series = try Self.series(answer["data"] ?? .null)
        warnings = (answer["warnings"]?.array ?? []).compactMap(\.string)
    }

    private static func series(_ data: JSONValue) throws(Failure) -> [Series] {
        let type = data["resultType"]?.string ?? ""
        switch type {
        case "scalar": return [Series(value: try value(data["result"]))]
        case "vector":
            guard let items = data["result"]?.array else {
                throw .unreadable("the answer has no result")
            }
            var series: [Series] = []
            for item in items {
                guard item["histogram"] == nil else {
                    throw .unreadable("the value is a histogram, not a number")
                }
                series.append(
                    Series(
                        labels: (item["metric"] ?? [:]).stringMap,
                        value: try value(item["value"])))
            }
            return series
        case "matrix", "string":
            throw .unreadable("the query gives a \(type), not a value of one moment")
        default: throw .unreadable("the answer is of an unknown type")
        }
    }

    /// `[1435781451.781, "0.25"]`: the time, and the value as Go writes it.
    private static func value(_ pair: JSONValue?) throws(Failure) -> Double {
        guard let pair = pair?.array, pair.count == 2, let text = pair[1].string,
            text.utf8.count <= 64, let value = Double(text)
        else { throw .unreadable("a value of the answer is not a number") }
        return value
    }
}
