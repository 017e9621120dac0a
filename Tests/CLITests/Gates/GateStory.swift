import KubernetesSandbox
import MeshModel
import SandboxServer
import Testing

/// One gate that comes to one verdict: what was done to the cluster, and the command that shows it.
struct GateStory: Sendable, CustomTestStringConvertible {
    enum Outcome: String, Sendable, CaseIterable { case pass, fail, inconclusive }

    enum Command: Sendable {
        case check
        /// Gates of a step. `prompt` is what the person at the terminal answers.
        case apply(approving: [String] = ["disruptive", "loosens"], prompt: String? = nil)
    }

    /// The scenario's plan file.
    enum Plan: Sendable {
        case example
        /// With more under `gates`.
        case gates(String)
        /// Of home-cluster.
        case withoutException

        func text(_ example: String) throws -> String {
            switch self {
            case .example: example
            case .gates(let more): example.withGates(more)
            case .withoutException: try CheckTests.withoutException(example)
            }
        }
    }

    var gate: Gate
    var outcome: Outcome
    /// Tells it from another story of the same gate and outcome.
    var variant = ""
    var scenario = "home-cluster"
    var command = Command.check
    var plan = Plan.example
    var prepare: @Sendable (inout TestCommand, LiveSandbox) async throws -> Void = { _, _ in }

    var name: String {
        "\(gate.rawValue)-\(outcome.rawValue)" + (variant.isEmpty ? "" : "-\(variant)")
    }

    var testDescription: String { name }
}

extension GateStory {
    /// What meshctl prints, without what differs from one machine to the next.
    func tell() async throws -> String {
        var told = ""
        let plan = try plan.text(ExamplePlan.text(scenario))
        try await LiveSandbox.with(scenario, plan: plan) { meshctl, sandbox in
            try await prepare(&meshctl, sandbox)
            switch command {
            case .check:
                told = await check(meshctl)
            case .apply(let approvals, let prompt):
                meshctl.approvals = approvals
                told = try await apply(meshctl, prompt)
            }
        }
        // How many connections fall between two looks hangs on the order of requests.
        return GoldenTests.normalised(told).replacing(/\d+ connections/, with: "300 connections")
    }

    private func check(_ meshctl: TestCommand) async -> String {
        let words = ["check", "--category", gate.rawValue]
        let result = await meshctl.run(words)
        #expect(result.code == (outcome == .pass ? 0 : 3))
        return "$ meshctl \(words.joined(separator: " "))\n\(result.output)\(result.errors)"
            + "# exit code \(result.code)\n"
    }

    /// What `apply` says besides its plan when it stops, and what `show` keeps of the gate. The lines of a run
    /// that goes through are told elsewhere, and their order is nobody's.
    private func apply(_ meshctl: TestCommand, _ prompt: String?) async throws -> String {
        let result = await meshctl.run(
            ["apply", "--yes"], interactive: prompt != nil, answer: prompt)
        #expect(result.code == (outcome == .pass ? 0 : 3))
        let run = try #require(try JournalReading.ids(meshctl).last)
        let shown = await meshctl("show", run)
        let gates = shown.output.split(separator: "\n").drop { $0 != "Gates" }.dropFirst()
            .prefix(while: { $0.hasPrefix(" ") })
        let said = outcome == .pass ? "" : result.errors
        return "$ meshctl apply --yes\n\(said)# exit code \(result.code)\n\n"
            + "$ meshctl show \(run)\n" + of(gates).map { $0 + "\n" }.joined()
    }

    /// The lines about this gate, under the steps at which it was asked.
    private func of(_ lines: ArraySlice<Substring>) -> [Substring] {
        var kept: [Substring] = []
        var place: Substring?
        var isOwn = false
        for line in lines {
            let indent = line.prefix(while: { $0 == " " }).count
            switch indent {
            case 2: (place, isOwn) = (line, false)
            case 4:
                isOwn = line.contains(" \(gate.rawValue): ")
                if isOwn, let title = place {
                    kept.append(title)
                    place = nil
                }
                if isOwn { kept.append(line) }
            default: if isOwn { kept.append(line) }
            }
        }
        return kept
    }
}

extension LiveSandbox {
    func switchOn(_ words: String...) throws {
        try session.withCluster { try $0.switchOn(Fault(words)) }
    }

    /// Nobody may read what has a path that begins so.
    func forbid(_ path: String) throws { try switchOn("api-status", "403", "GET", path) }

    func clearFaults() throws { try session.withCluster { _ = $0.switchOff(nil) } }
}
