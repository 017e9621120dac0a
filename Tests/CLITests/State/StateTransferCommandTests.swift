import Foundation
import JSON
import Testing

/// `meshctl state export` and `state import`: a backup, and the way to another machine.
@Suite("meshctl state export and import")
struct StateTransferCommandTests {
    @Test("bring all runs to another file, from which the same rollback is done")
    func machines() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let before = try sandbox.promised()
            #expect(await meshctl("apply", "--yes").code == 0)
            let out = await meshctl("state", "export", "--out", "backup.jsonl")
            #expect(out.code == 0, "\(out.errors)")
            #expect(out.output.isEmpty)
            #expect(try FileMode.of(meshctl.path("backup.jsonl")) == 0o600)
            let text = String(decoding: try meshctl.bytes("backup.jsonl"), as: UTF8.self)
            #expect(await meshctl("state", "export").output == text)

            try FileManager.default.removeItem(atPath: meshctl.path("state"))
            let taken = await meshctl("state", "import", "backup.jsonl")
            #expect(taken.code == 0, "\(taken.errors)")
            #expect(taken.output.contains("1 run added"))
            #expect(await meshctl("state", "export").output == text)
            #expect(try FileMode.of(meshctl.path("state/meshctl.db")) == 0o600)
            let again = await meshctl("state", "import", "backup.jsonl", "-o", "json")
            let report = try JSONValue(parsing: Array(again.output.utf8))
            #expect(report["new"] == [] && report["known"]?.array?.count == 1)
            #expect(await meshctl("rollback", "--yes").code == 0)
            #expect(try sandbox.promised() == before)
        }
    }

    @Test("refuse a text with a mistake in any line, say which, and add nothing")
    func refused() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, _ in
            #expect(await meshctl("apply", "--stage", "enroll", "--yes").code == 0)
            let lines = await meshctl("state", "export").output.split(separator: "\n")
            let texts: [(String, Int)] = [
                ("", 1), ("hello", 1), (lines.dropLast().joined(separator: "\n"), lines.count),
                ((lines[0...2] + ["{\"event\":\"\u{1B}[31m\"}"]).joined(separator: "\n"), 4),
                ("\(lines[0])\n" + String(repeating: "x", count: 70 << 20), 2),
            ]
            for (text, line) in texts {
                try meshctl.write(text, to: "bad.jsonl")
                let result = await meshctl(
                    "state", "import", "bad.jsonl", "--state", "other/new.db")
                #expect(result.code == 1)
                #expect(result.errors.contains("bad.jsonl, line \(line): "), "\(result.errors)")
                #expect(result.errors.contains("Nothing was added."))
                #expect(!result.errors.contains("\u{1B}"))
                let history = await meshctl("history", "--state", "other/new.db")
                #expect(history.output.contains("No runs yet."))
            }
            #expect(await meshctl("state", "import", "nowhere.jsonl").code == 1)
            #expect(await meshctl("state", "export", "--state", "nowhere.db").code == 1)
        }
    }

    @Test("work through pipes, and tell when standard output is full")
    func pipes() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, _ in
            #expect(await meshctl("apply", "--stage", "enroll", "--yes").code == 0)
            let process = try MeshctlProcess.shell(
                """
                meshctl state export | meshctl state import - --state new.db > report || exit 2
                meshctl state export > a; meshctl state export --state new.db > b; cmp a b || exit 3
                meshctl state export > /dev/full && exit 4
                meshctl state export | true
                """, folder: meshctl.folder)
            #expect(try await process.ended() == 0, "\(process.errors)")
            #expect(process.errors.contains("standard output: No space left"), "\(process.errors)")
        }
    }
}
