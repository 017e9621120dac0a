import Diagnostics
import JSON
import MeshModel
import Testing

@testable import MeshPlanning
@testable import Reporting

@Suite("The report of a plan")
struct RolloutReportTests {
    private func report(
        _ rollout: Rollout, _ hazards: [Diagnostic] = [], effective: [EffectiveChange] = []
    ) -> RolloutReport {
        RolloutReport(
            PlannedRollout(rollout: rollout, diagnostics: hazards, effectiveChanges: effective),
            plan: plan, server: server, through: .strict)
    }

    private var full: RolloutReport {
        report(twoWaveRollout(), [leftOver, unmanaged], effective: effectiveChanges())
    }

    @Test(
        "steps stand under their stages and waves, effects and warnings follow, a summary ends it")
    func text() throws { try expectGolden(full.rendered(as: .text), "rollout.txt") }

    @Test("colour is only where it is asked for")
    func colour() throws {
        try expectGolden(full.rendered(as: .text, color: true), "rollout-color.txt")
        #expect(!full.rendered(as: .text).unicodeScalars.contains("\u{1B}"))
    }

    @Test("the JSON contract", arguments: [(ReportFormat.json, "json"), (.yaml, "yaml")])
    func machine(format: ReportFormat, ending: String) throws {
        try expectGolden(full.rendered(as: format), "rollout.\(ending)")
    }

    @Test("a pull request gets tables")
    func markdown() throws { try expectGolden(full.rendered(as: .markdown), "rollout.md") }

    @Test("an empty plan says so, and its steps are an empty list")
    func empty() throws {
        let report = report(Rollout())
        try expectGolden(report.rendered(as: .text), "rollout-empty.txt")
        try expectGolden(report.rendered(as: .json), "rollout-empty.json")
        try expectGolden(report.rendered(as: .markdown), "rollout-empty.md")
    }

    @Test("an empty plan up to a stage does not speak for the stages after it")
    func emptyStage() {
        let report = RolloutReport(
            PlannedRollout(rollout: Rollout(), diagnostics: [], effectiveChanges: []), plan: plan,
            server: server, through: .permissive)
        #expect(
            report.summaryLine
                == "No changes. Through stage permissive, the mesh is as the plan says.")
    }

    @Test("a plan that is limited to waves says so, in every format")
    func waves() {
        func limited(_ waves: [String], through: Stage, _ rollout: Rollout) -> RolloutReport {
            RolloutReport(
                PlannedRollout(rollout: rollout, diagnostics: [], effectiveChanges: []),
                plan: plan, server: server, through: through, waves: waves)
        }
        let canary = limited(["canary"], through: .strict, twoWaveRollout())
        #expect(
            canary.rendered(as: .text)
                .contains("resilient-platform, wave canary, through stage strict\n"))
        #expect(canary.rendered(as: .markdown).contains("wave canary, through stage `strict`"))
        #expect(canary.json["waves"] == ["canary"])
        #expect(limited([], through: .strict, Rollout()).json["waves"] == .null)
        #expect(
            limited(["canary"], through: .strict, Rollout()).summaryLine
                == "No changes. For wave canary, the mesh is as the plan says.")
        #expect(
            limited(["canary", "late", "-"], through: .enroll, Rollout()).summaryLine
                == "No changes. For waves canary, late and the namespaces without a wave, "
                + "through stage enroll, the mesh is as the plan says.")
    }

    @Test("a blocked plan tells its errors first, each with what to paste, and shows no steps")
    func blocked() throws {
        let report = report(twoWaveRollout(), [unmanaged, adoptionNeeded])
        try expectGolden(report.rendered(as: .text), "rollout-blocked.txt")
        try expectGolden(report.rendered(as: .markdown), "rollout-blocked.md")
        #expect(report.json["blocked"] == true)
        #expect(report.json[path: "summary", "errors"] == 1)
        #expect(!report.rendered(as: .text).contains("Stage"))
    }

    @Test("one of each is written in the singular")
    func singular() {
        let rollout = Rollout(steps: [
            Step(id: StepID(1), phase: .strict, batch: 1, change: restart("shop", "cart"))
        ])
        #expect(report(rollout).summaryLine == "Plan: 1 step (1 restart) in 1 stage.")
    }

    @Test("nothing is settled for after the last batch, or with no time to settle")
    func waits() {
        var rollout = twoWaveRollout()
        #expect(report(rollout).waits.map(\.afterBatch) == [4, 5, 6])
        #expect(report(rollout).waits.map(\.duration) == ["30s", "30s", "30s"])
        rollout.settings = RunSettings(settle: .zero)
        #expect(report(rollout).waits == [])
    }

    @Test("hostile names cannot reach the terminal, in any format")
    func hostile() {
        let evil = "x\u{1B}[2J\u{9B}31m\u{202E}\u{200B}\u{E0041}\r\n::error::`\\|<b>@all ##[error]x"
        let change = policyChange(
            "media/default", from: nil, to: image(.strict, selector: ["app": evil]))
        let report = RolloutReport(
            PlannedRollout(
                rollout: Rollout(steps: [
                    Step(id: StepID(1), phase: .strict, wave: evil, batch: 1, change: change)
                ]),
                diagnostics: [
                    Diagnostic(.cannotJudge, .warning, evil, detail: evil, remedy: "```\n" + evil)
                ], effectiveChanges: []),
            plan: evil, server: evil, through: .strict)
        for format in ReportFormat.allCases {
            let output = report.rendered(as: format)
            #expect(!output.unicodeScalars.contains(where: isRisky), "\(format)")
            let lines = output.split(separator: "\n")
            #expect(
                !lines.contains { $0.drop { $0 == " " }.hasPrefix("::error::") }, "\(format)")
            #expect(!output.contains("##["), "\(format)")
        }
        #expect((try? JSONValue(parsing: Array(report.rendered(as: .json).utf8))) == report.json)
    }

    private func isRisky(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\n" { return false }
        return scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            || ["\u{202E}", "\u{200B}", "\u{E0041}"].contains(scalar)
    }
}
