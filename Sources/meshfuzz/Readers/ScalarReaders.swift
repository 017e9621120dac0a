import Diagnostics
import KubernetesClient
import KubernetesSandbox
import MeshModel
import Telemetry
import Timing

extension FuzzReader {
    /// Each line as everything that is read of a single word.
    static let scalars = FuzzReader("scalars", .lines, seconds: 2) { bytes in
        try String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).prefix(100)
            .map { try scalar(String($0)) }.joined(separator: "\n")
    }

    private static func scalar(_ word: String) throws -> String {
        var text = ""
        if let time = Timestamp(rfc3339: word) {
            // Years below 0 and above 9999, which an offset leads to, have no text that is read.
            if let again = Timestamp(rfc3339: time.rfc3339Micro) {
                try Promises.expect(
                    again == time, "\(word) is \(time.rfc3339Micro), and that is another time")
            }
            text += "time \(time.rfc3339Micro) "
        }
        if let date = CalendarDate(word) {
            try Promises.expect(date.text == word, "\(word) is written \(date.text)")
        }
        if let range = IPRange(word) {
            text +=
                "range \(range.contains("10.1.2.3")) \(range.contains("fd00::1")) \(range.contains(word)) "
        }
        if let address = SocketAddress(word) { text += "address \(address) " }
        if let schedule = CronSchedule(word) {
            text += "cron \(schedule.longestPause.map { "\($0)" } ?? "-") "
        }
        if let version = IstioVersion(word) {
            text +=
                "version \(version.text) \(version.isVerified) \(version.convertsPoliciesUnmerged) "
        }
        text += "tag \(Container.tag(ofImage: word)) "
        text += try outcome {
            let url = try ServerURL(word)
            try Promises.expect(
                try ServerURL(url.description) == url, "\(word) is written \(url.description)")
            return "url \(url) "
        }
        text += try outcome {
            "fault \(try Fault(word.split(separator: " ").map(String.init)).text) "
        }
        var scanner = HostReferenceScanner()
        scanner.scan(word, place: "line")
        text += "\(scanner.references.count) "
        return text
            + (Suggestion.nearest(to: word, among: ["namespaces", "dataplane", "mtls"]) ?? "")
    }
}
