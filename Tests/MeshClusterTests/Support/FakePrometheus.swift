import Foundation
import MeshCluster
import MeshModel
import Synchronization
import Timing

/// A Prometheus that knows just the queries of the gate no-plaintext, behind an API server.
struct FakePrometheus: Sendable {
    /// One series, with its value when the window began, its largest since, and its present one.
    struct Series: Sendable {
        var name: String
        var labels: [String: String]
        var start: Int?
        var peak: Int?
        var latest: Int?
    }

    /// One target, scraped until so many seconds before now.
    struct Page: Sendable {
        var labels: [String: String]
        /// nil for always.
        var since: Timestamp?
        var until: Int64 = 5
        /// Moments without a sample.
        var missed = 0
        var leavesOut = false
        var series: [Series] = []
    }

    var pages: [Page] = []
    /// How far its clock is off, in seconds.
    var skew: Int64 = 0

    /// What it answers; nil for a query that it does not know.
    func answer(_ path: String, at now: Timestamp) -> String? {
        let now = now + .seconds(skew)
        let query = path.split(separator: "query=").last?.split(separator: "&time=").first
        guard let query = query.map(String.init)?.removingPercentEncoding else { return nil }
        let time = path.split(separator: "&time=").last.flatMap { Double($0) } ?? 0
        if query == "time()" {
            return Self.success("scalar", "[0,\"\(Self.seconds(now))\"]")
        }
        let isPresent = Int64((time * 1000).rounded()) == now.milliseconds
        let vectors = pages.flatMap { vector(of: $0, query, now, isPresent) }
        return Self.success("vector", "[\(vectors.joined(separator: ","))]")
    }

    private func vector(
        of page: Page, _ query: String, _ now: Timestamp, _ isPresent: Bool
    ) -> [String] {
        let build = page.labels.merging(["component": "proxy"]) { own, _ in own }
        if query.hasPrefix("min_over_time(timestamp(istio_build") {
            // A window of half an hour is asked about at every other second.
            let oldest = max(page.since ?? .init(milliseconds: 0), windowStart(now) + .seconds(-5))
            return [Self.sample(build, Self.seconds(oldest))]
        }
        if query.hasPrefix("count_over_time(istio_build") {
            let oldest = max(page.since ?? .init(milliseconds: 0), windowStart(now))
            let count = now.milliseconds / 2000 - (oldest.milliseconds + 1999) / 2000 + 1
            return [Self.sample(build, "\(Int(count) - page.missed)")]
        }
        if query.hasPrefix("timestamp(istio_build") {
            return [Self.sample(build, Self.seconds(now + .seconds(-page.until)))]
        }
        if query.hasPrefix("(scrape_samples_scraped{") {
            return page.leavesOut ? [Self.sample(page.labels, "7")] : []
        }
        if query.hasPrefix("count by (job, __name__)") {
            return page.series.map {
                Self.sample(["job": page.labels["job"] ?? "", "__name__": $0.name], "1")
            }
        }
        let isMutual = query.contains("connection_security_policy=\"mutual_tls\"")
        return page.series.filter {
            isMutual == ($0.labels["connection_security_policy"] == "mutual_tls")
        }
        .compactMap { series in
            var labels = page.labels.merging(series.labels) { $1 }
            labels["reporter"] = "destination"
            if query.contains("max_over_time(") {
                guard query.contains("max_over_time(\(series.name){") else { return nil }
                return series.peak.map { Self.sample(labels, "\($0)") }
            }
            labels["__name__"] = series.name
            return (isPresent ? series.latest : series.start).map { Self.sample(labels, "\($0)") }
        }
    }

    /// The newest samples are five seconds old.
    private func windowStart(_ now: Timestamp) -> Timestamp {
        let newest = pages.map(\.until).max() ?? 5
        return Timestamp(milliseconds: (now.milliseconds - newest * 1000 - 1_800_000) / 2000 * 2000)
    }

    private static func sample(_ labels: [String: String], _ value: String) -> String {
        let pairs = labels.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
        return "{\"metric\":{\(pairs.joined(separator: ","))},\"value\":[0,\"\(value)\"]}"
    }

    private static func success(_ type: String, _ result: String) -> String {
        "{\"status\":\"success\",\"data\":{\"resultType\":\"\(type)\",\"result\":\(result)}}"
    }

    private static func seconds(_ time: Timestamp) -> String {
        "\(Double(time.milliseconds) / 1000)"
    }
}
