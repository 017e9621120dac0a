import JSON
import KubernetesSandbox
import MeshModel
import SandboxServer
import TestSupport
import Testing

/// `check` while reads are refused, fail or lead nowhere: no gate passes on what it has not seen.
@Suite("Gates whose reads fail")
struct GateRefusalTests {
    private struct Passed: Hashable, CustomStringConvertible {
        var gate: String
        var subject: String

        var description: String { "\(gate): \(subject)" }
    }

    private static func plan() throws -> String {
        try ExamplePlan.text("home-cluster").withGates(
            """
            no-plaintext: {window: 1m}
                ztunnel-logs: {window: 1m}
                probe:
                  - from: {namespace: default, image: curlimages/curl}
                    to: http://mirai-api:8080
            """)
    }

    /// The gates as `check` reports them; nil where nothing was judged at all.
    private func gates(_ meshctl: TestCommand) async throws -> [JSONValue]? {
        let result = await meshctl("check", "-o", "json")
        guard !result.output.isEmpty else {
            #expect(result.code != 0 && !result.errors.isEmpty)
            return nil
        }
        let report = try JSONValue(parsing: Array(result.output.utf8))
        #expect((result.code == 0) == (report["passed"] == true))
        return report["gates"]?.array ?? []
    }

    private func passed(_ meshctl: TestCommand) async throws -> Set<Passed>? {
        guard let gates = try await gates(meshctl) else { return nil }
        var passed: Set<Passed> = []
        for finding in gates.flatMap({ $0["findings"]?.array ?? [] })
        where finding["verdict"] == "pass" {
            let gate = finding["gate"]?.string ?? ""
            passed.insert(Passed(gate: gate, subject: finding["subject"]?.string ?? ""))
        }
        return passed
    }

    @Test("whatever reads fail, nothing passes that does not pass without", arguments: 0..<4)
    func atRandom(part: Int) async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan()) { meshctl, sandbox in
            let whole = try #require(try await passed(meshctl))
            #expect(
                Set(whole.map(\.gate)).isSuperset(of: [
                    "control-plane-ready", "cni-ready", "ztunnel-ready", "ztunnel-logs",
                    "dns-ready", "enrolled", "workloads-ready", "no-plaintext", "policy-15008",
                    "probe",
                ]))
            let paths = Set(
                sandbox.session.requestLog.filter { $0.method == "GET" }.map {
                    String($0.path.prefix { $0 != "?" })
                }
            ).sorted()
            for seed in part * 8..<(part + 1) * 8 {
                var random = SeededGenerator(seed: seed)
                let faults = (0...random.pick([0, 0, 1, 2])).map { _ in
                    Self.fault(on: paths, &random)
                }
                for fault in faults {
                    try sandbox.session.withCluster { try $0.switchOn(Fault(fault)) }
                }
                if let found = try await passed(meshctl) {
                    #expect(found.isSubset(of: whole), "seed \(seed), \(faults)")
                }
                try sandbox.clearFaults()
            }
        }
    }

    private static func fault(on paths: [String], _ random: inout SeededGenerator) -> [String] {
        var path = random.pick(paths)
        if random.oneIn(3) {
            path = path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
        }
        // Of another group than the core's, 404 says that the cluster does not have the kind.
        let codes = path.hasPrefix("/api/v1/") ? ["403", "404", "500"] : ["403", "500"]
        return ["api-status", random.pick(codes), "GET", path.isEmpty ? "/" : path]
    }

    @Test("with all that may be refused refused, only what pods and workloads say passes")
    func allRefused() async throws {
        try await LiveSandbox.with("home-cluster", plan: Self.plan()) { meshctl, sandbox in
            for path in [
                "/api/v1/namespaces/", "/api/v1/nodes", "/api/v1/configmaps",
                "/apis/networking.k8s.io",
            ] {
                try sandbox.forbid(path)
            }
            try sandbox.switchOn("api-status", "403", "POST", "/api/v1/namespaces/")
            let passed = try #require(try await gates(meshctl)).filter { $0["verdict"] == "pass" }
            #expect(passed.map { $0["gate"]?.string } == ["dns-ready", "workloads-ready"])
        }
    }
}
