import JSON
import Timing

/// The log of one container, as its program would have written it.
struct ContainerLog {
    let pod: JSONValue
    let container: String
    /// In milliseconds since 1970, as all times here.
    let started: Int64
    let now: Int64
    let version: String
    let faults: Faults
    /// Lines about traffic and faults from before are not made.
    let since: Int64

    /// Refusals are told three times a minute, successes every five minutes: a flow of thousands of requests
    /// would otherwise be a log of thousands of lines.
    private static let refusalSpan: Int64 = 20_000
    private static let successSpan: Int64 = 300_000
    /// How often a client tries to reconnect.
    private static let retrySpan: Int64 = 15_000

    /// In the order of their times.
    func lines(_ ledger: TrafficLedger?) -> [PodLogLine] {
        if let curl = CurlCommand(of: pod), curl.container == container { return outputLines }
        var lines = startLines
        if Istio.isZtunnel(pod) {
            lines += faultLines(ZtunnelLog.errors)
            for report in ledger?.reports(of: pod.uid) ?? [] {
                lines += examples(report) {
                    PodLogLine(time: $1, text: ZtunnelLog.access(report, $0, $1))
                }
            }
        } else if container == Istio.proxyContainer {
            lines += faultLines(SidecarLog.errors)
            for report in ledger?.reports(of: pod.uid) ?? [] {
                lines += examples(report) {
                    PodLogLine(time: $1, text: SidecarLog.access(report, $0, $1))
                }
            }
        } else if !isInitial {
            // The application says nothing of what went well.
            for report in ledger?.reports(ofClient: pod.uid) ?? []
            where report.isRefused || report.isGarbled {
                lines += examples(report) {
                    PodLogLine(time: $1, text: ApplicationLog.failure(report, $1))
                }
            }
        }
        return lines.enumerated().sorted { a, b in
            (a.element.time, a.offset) < (b.element.time, b.offset)
        }.map(\.element)
    }

    /// What curl wrote when it ended.
    private var outputLines: [PodLogLine] {
        let statuses = pod["status"]?["containerStatuses"]?.array ?? []
        let ended = statuses.first { $0["name"]?.string == container }?[
            path: "state", "terminated", "finishedAt"]?.string.flatMap(Timestamp.init(rfc3339:))
        guard let ended, var text = pod.annotations[SandboxCluster.output], !text.isEmpty else {
            return []
        }
        if text.hasSuffix("\n") { text.removeLast() }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map {
            PodLogLine(time: ended.milliseconds, text: String($0))
        }
    }

    private var isInitial: Bool {
        let initial = pod["spec"]?["initContainers"]?.array ?? []
        return initial.contains { $0["name"]?.string == container }
    }

    private func examples(
        _ report: TrafficReport, _ line: (Int64, Int64) -> PodLogLine
    ) -> [PodLogLine] {
        let isFailure = report.isRefused || report.isGarbled
        return report.examples(
            every: isFailure ? Self.refusalSpan : Self.successSpan, since: max(since, started)
        ).map { line($0.number, $0.time) }
    }

    private var startLines: [PodLogLine] {
        let texts: [String]
        if Istio.isZtunnel(pod) {
            texts = ZtunnelLog.start(version)
        } else if container == Istio.proxyContainer {
            texts = SidecarLog.start(version)
        } else if pod.labels["app"] == "istiod" {
            texts = [
                "info\tinitializing Istiod admin server", "info\tIstiod version \(version)",
                "info\tstarting secure gRPC discovery service at [::]:15012",
                "info\tReadiness succeeded",
            ]
        } else {
            return [
                PodLogLine(time: started, text: "\(Self.time(started)) \(pod.name) started")
            ]
        }
        return texts.map { PodLogLine(time: started, text: "\(Self.time(started))\t\($0)") }
    }

    /// While a fault is on its node, an error at each retry; when it is over, a word about that.
    private func faultLines(
        _ texts: (Fault.Kind) -> (error: String, end: String?)?
    ) -> [PodLogLine] {
        let node = pod["spec"]?["nodeName"]?.string ?? ""
        return faults.all.filter { $0.isOn(node: node) }.flatMap { fault -> [PodLogLine] in
            guard let (error, end) = texts(fault.kind) else { return [] }
            let from = max(fault.since, started)
            let until = fault.until ?? now
            guard from <= until else { return [] }
            let skipped = max(0, (since - from + Self.retrySpan - 1) / Self.retrySpan)
            let times = stride(
                from: from + skipped * Self.retrySpan, through: until, by: Int(Self.retrySpan))
            var lines = times.map { PodLogLine(time: $0, text: "\(Self.time($0))\t\(error)") }
            if fault.until != nil, let end, until >= since {
                lines.append(PodLogLine(time: until, text: "\(Self.time(until))\t\(end)"))
            }
            return lines
        }
    }

    static func time(_ milliseconds: Int64) -> String {
        Timestamp(milliseconds: milliseconds).rfc3339Micro
    }
}

/// The port that a client's connection of this number comes from.
func ephemeralPort(_ number: Int64) -> Int64 { 32_768 + number &* 7919 % 28_231 }
