import Foundation
import JSON
import Testing
import Timing

@Suite("A saved plan")
struct SavedPlanTests {
    @Test("is applied exactly, once, and is nobody else's to read")
    func once() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, _ in
            try meshctl.write("old and open to all", to: "strict.plan")
            let saved = await meshctl("plan", "--out", "strict.plan")
            #expect(saved.code == 0, "\(saved.errors)")
            #expect(saved.errors.contains("meshctl apply strict.plan"))
            #expect(try FileMode.of(meshctl.path("strict.plan")) == 0o600)
            // The plan file itself may have changed since: what counts is what was approved.
            try meshctl.write("kind: nothing", to: "plans/plan.yaml")
            let first = await meshctl("apply", "strict.plan", "--yes")
            #expect(first.code == 0, "\(first.errors)")
            let again = await meshctl("apply", "strict.plan", "--yes")
            #expect(again.code == 7)
            #expect(again.errors.contains("applied already, as run"))
            #expect(await meshctl("rollback", "--yes").code == 0)
            let afterRollback = await meshctl("apply", "strict.plan", "--yes")
            #expect(afterRollback.code == 7)
        }
    }

    @Test("is refused when the cluster has moved, showing what was approved and what is wanted now")
    func moved() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            #expect(await meshctl("plan", "--out", "strict.plan").code == 0)
            try sandbox.patch(
                LiveSandbox.namespace("media"),
                ["metadata": ["labels": ["istio.io/dataplane-mode": "ambient"]]])
            let before = try sandbox.objects()
            let apply = await meshctl("apply", "strict.plan", "--yes")
            #expect(apply.code == 7, "\(apply.errors)")
            #expect(apply.errors.contains("label Namespace media"))
            #expect(apply.errors.contains("nothing was changed"))
            #expect(try sandbox.objects() == before)
        }
    }

    @Test("is not refused for what does not concern it")
    func noise() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            #expect(await meshctl("plan", "--out", "strict.plan").code == 0)
            try sandbox.patch(
                LiveSandbox.namespace("media"), ["metadata": ["labels": ["team": "tv"]]])
            let apply = await meshctl("apply", "strict.plan", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
        }
    }

    @Test("is refused on another cluster, and after 24 hours")
    func elsewhereOrOld() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            #expect(await meshctl("plan", "--out", "strict.plan").code == 0)
            var saved = try JSONValue(parsing: Array(try meshctl.bytes("strict.plan")))
            let text = saved.canonicalText
            saved["clusterUID"] = "11111111-2222-3333-4444-555555555555"
            try meshctl.write(saved.canonicalText, to: "elsewhere.plan")
            let elsewhere = await meshctl("apply", "elsewhere.plan", "--yes")
            #expect(elsewhere.code == 7)
            #expect(elsewhere.errors.contains("another cluster"))

            try meshctl.write(text, to: "old.plan")
            try await sandbox.pass(.seconds(24 * 3600 + 1))
            let old = await meshctl("apply", "old.plan", "--yes")
            #expect(old.code == 7, "\(old.errors)")
            #expect(old.errors.contains("24 hours"))
        }
    }

    @Test("a run of it that was interrupted is gone on with, however old it is by then")
    func goesOn() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            #expect(await meshctl("plan", "--out", "strict.plan").code == 0)
            meshctl.onErrors = { [stop = meshctl.stop] text in
                if text.contains("settling") { stop.press() }
            }
            #expect(await meshctl("apply", "strict.plan", "--yes").code == 130)
            meshctl.onErrors = { _ in }
            try await sandbox.pass(.seconds(25 * 3600))
            let rest = await meshctl("apply", "strict.plan", "--yes")
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(rest.errors.contains("Going on with run"))
        }
    }

    @Test(
        "a file that is none is told, and changes nothing",
        arguments: [
            "", "hello", "{}", "[1]", #"{"kind": "SavedPlan"}"#,
            #"{"kind": "SavedPlan", "formatVersion": "2.0", "steps": []}"#,
            String(repeating: "[", count: 100_000), "\u{0}\u{1}",
        ])
    func garbage(text: String) async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            try meshctl.write(text, to: "bad.plan")
            let before = try sandbox.objects()
            let apply = await meshctl("apply", "bad.plan", "--yes")
            #expect(apply.code == 1)
            #expect(apply.errors.contains("bad.plan"))
            if text.contains("2.0") { #expect(apply.errors.contains("newer meshctl")) }
            #expect(try sandbox.objects() == before)
        }
    }

    @Test("a changed rollout inside the file is noticed")
    func forged() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            #expect(await meshctl("plan", "--out", "strict.plan").code == 0)
            let text = String(decoding: try meshctl.bytes("strict.plan"), as: UTF8.self)
            try meshctl.write(text.replacing("\"STRICT\"", with: "\"DISABLE\""), to: "forged.plan")
            let before = try sandbox.objects()
            let apply = await meshctl("apply", "forged.plan", "--yes")
            #expect([1, 7].contains(apply.code), "\(apply.errors)")
            #expect(try sandbox.objects() == before)
        }
    }

    @Test("cannot be mixed with a plan file, nor made from manifests, nor written nowhere")
    func misuse() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, _ in
            #expect(await meshctl("apply", "x.plan", "-f", "plans/plan.yaml").code == 64)
            try meshctl.write("kind: Namespace\nmetadata: {name: default}", to: "m.yaml")
            let unbound = await meshctl("plan", "--manifests", "m.yaml", "--out", "x.plan")
            #expect(unbound.code == 64)
            #expect(unbound.output.isEmpty)
            #expect(!meshctl.exists("x.plan"))
            let nowhere = await meshctl("plan", "--out", "none/x.plan")
            #expect(nowhere.code == 1)
            #expect(nowhere.errors.contains("none/x.plan: No such file"), "\(nowhere.errors)")
            let missing = await meshctl("apply", "none/x.plan")
            #expect(missing.code == 1)
            #expect(missing.errors.contains("No such file"))
        }
    }
}
