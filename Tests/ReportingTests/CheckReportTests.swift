import Foundation
import JSON
import MeshModel
import MeshPlanning
import Testing

@testable import Reporting

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("The report of a check")
struct CheckReportTests {
    /// One finding of each kind, not in the order of the gates.
    private static let findings: [GateFinding] = {
        var accepted = GateFinding(
            .noPlaintext, .inconclusive, about: "Deployment monitoring/grafana", in: "monitoring",
            "cannot judge, because nobody called it within 30m")
        accepted.accepted = "people reach it with kubectl port-forward (home, until 2027-11-30)"
        return [
            GateFinding(
                .noPlaintext, .fail, about: "Deployment default/mirai-frontend", in: "default",
                "60 plaintext requests within 30m",
                evidence: ["60 from ingress/cloudflared to port 3000", "0 from others"],
                hint: "bring cloudflared into the mesh, or make an exception for port 3000",
                command: "kubectl -n istio-system logs -l app=ztunnel --since=30m"),
            accepted,
            GateFinding(
                .noPlaintext, .inconclusive, about: "Deployment media/jellyfin", in: "media",
                "cannot judge, because nobody called it within 30m",
                evidence: ["ztunnel on kube-1 was read"],
                hint: "use it, or accept it under spec.gates.accept"),
            GateFinding(
                .ztunnelReady, .pass, about: "2 of 2 nodes", "ready, at the same version",
                evidence: ["kube-1: ztunnel-x7x2p", "kube-2: ztunnel-9qv4d"],
                hint: "nothing to do", command: "true"),
        ]
    }()

    private let report = CheckReport(Self.findings, server: server)

    @Test("gates come in their order, with what is behind what does not pass")
    func golden() throws {
        try expectGolden(report.rendered(as: .text), "check.txt")
        try expectGolden(report.rendered(as: .json), "check.json")
        try expectGolden(report.junit, "check.xml")
    }

    @Test("the counts are of what a run would meet: what is accepted is no doubt any more")
    func summary() {
        #expect(report.summary == .init(pass: 1, fail: 1, inconclusive: 1, accepted: 1))
        #expect(!report.passed)
        #expect(report.gates.map(\.verdict) == ["pass", "fail"])
    }

    @Test("a doubt that is accepted lets the check pass, one that is not does not")
    func doubts() {
        let accepted = CheckReport([Self.findings[1], Self.findings[3]], server: server)
        #expect(accepted.passed && accepted.gates.map(\.verdict) == ["pass", "pass"])
        #expect(accepted.rendered(as: .text).hasSuffix("1 pass, 1 accepted.\n"))
        let doubtful = CheckReport([Self.findings[1], Self.findings[2]], server: server)
        #expect(!doubtful.passed && doubtful.gates.map(\.verdict) == ["inconclusive"])
    }

    @Test("nothing asked is said, and is no pass")
    func empty() throws {
        let report = CheckReport([], server: server)
        #expect(report.rendered(as: .text) == "Nothing to check.\n")
        #expect(report.json["passed"] == false && report.json["gates"] == [])
        #expect(try JUnit(report.junit).cases.isEmpty)
    }

    @Test("colour marks the verdicts and changes no word")
    func colour() {
        let colored = report.rendered(as: .text, color: true)
        #expect(colored.contains("\u{1B}["))
        let plain = colored.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(plain == report.rendered(as: .text))
    }

    @Test("XML carries every finding, a suite for each gate")
    func junit() throws {
        let document = try JUnit(report.junit)
        #expect(
            document.cases.map { "\($0.gate) \($0.outcome) \($0.name)" } == [
                "ztunnel-ready pass 2 of 2 nodes",
                "no-plaintext failure Deployment default/mirai-frontend",
                "no-plaintext skipped Deployment monitoring/grafana",
                "no-plaintext error Deployment media/jellyfin",
            ])
        #expect(
            document.root == [
                "name": "meshctl check", "tests": "4", "failures": "1", "errors": "1",
                "skipped": "1",
            ])
        #expect(document.cases[1].message == "60 plaintext requests within 30m")
        #expect(
            document.cases[1].text.split(separator: "\n").first
                == "60 from ingress/cloudflared to port 3000")
        #expect(document.cases[1].text.contains("$") == false)
    }

    // MARK: - Text of others

    private static let hostile =
        "a\u{1B}[31m\u{9B}2J\n\r\t]]>&<b c='d' e=\"f\">\u{0}\u{7F}\u{202E}\u{200B}\u{FFFF}"

    private static func hostileFinding(_ verdict: GateFinding.Verdict) -> GateFinding {
        var finding = GateFinding(
            .dnsReady, verdict, about: hostile, in: hostile, hostile, evidence: [hostile],
            hint: hostile, command: hostile)
        if verdict == .inconclusive { finding.accepted = hostile }
        return finding
    }

    private static let hostileReport = CheckReport(
        [hostileFinding(.pass), hostileFinding(.fail), hostileFinding(.inconclusive)],
        server: hostile)

    @Test("text of others obeys no terminal and breaks no line, in any format")
    func terminal() {
        let text = Self.hostileReport.rendered(as: .text)
        let risky: (Unicode.Scalar) -> Bool = {
            $0.value < 0x20 && $0 != "\n" || (0x7F...0x9F).contains($0.value)
                || (0x202A...0x202E).contains($0.value)
        }
        #expect(!text.unicodeScalars.contains(where: risky))
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("dns-ready") }
        #expect(lines.allSatisfy { $0.contains("a␛[31m") || $0.hasSuffix("accepted.") }, "\(text)")
        for output in [
            Self.hostileReport.rendered(as: .json), Self.hostileReport.rendered(as: .yaml),
            Self.hostileReport.rendered(as: .markdown), Self.hostileReport.junit,
        ] {
            #expect(!output.unicodeScalars.contains(where: risky), "\(output)")
        }
    }

    @Test(
        "text of others is text in XML: no element, no attribute, no character that XML cannot hold"
    )
    func xml() throws {
        let document = try JUnit(Self.hostileReport.junit)
        #expect(document.cases.map(\.outcome) == ["pass", "failure", "skipped"])
        let shown = "]]>&<b c='d' e=\"f\">"
        for one in document.cases {
            #expect(one.name.contains(shown))
            guard one.outcome != "pass" else { continue }
            #expect(one.message.contains(shown) && one.text.contains(shown))
        }
    }
}

/// JUnit's XML as a reader of it sees it.
private struct JUnit {
    struct Case {
        var gate: String
        var name: String
        /// `pass`, or the element inside.
        var outcome = "pass"
        var message = ""
        var text = ""
    }

    var root: [String: String]
    var cases: [Case]

    init(_ text: String) throws {
        let reader = Reader()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = reader
        try #require(parser.parse(), "\(parser.parserError as Any)\n\(text)")
        (root, cases) = (reader.root, reader.cases)
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var root: [String: String] = [:]
        var cases: [Case] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) {
            switch name {
            case "testsuites": root = attributes
            case "testsuite": break
            case "testcase":
                cases.append(
                    Case(
                        gate: attributes["classname"] ?? "", name: attributes["name"] ?? ""))
            default:
                guard let last = cases.indices.last else { return }
                cases[last].outcome = name
                cases[last].message = attributes["message"] ?? ""
            }
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            guard let last = cases.indices.last, cases[last].outcome != "pass" else { return }
            cases[last].text += text
        }
    }
}
