import JSON
import KubernetesSandbox
import SandboxServer
import Testing

/// `meshctl sandbox fault`: kept with the sandbox, met by the commands that come after.
@Suite("Sandbox faults")
struct SandboxFaultTests {
    private let name = "home-cluster"

    @Test("a fault is switched on, listed, met by the next command, and cleared")
    func fault() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        try meshctl.write(ExamplePlan.text(name), to: "plans/plan.yaml")
        let none = await meshctl("sandbox", "fault", name)
        #expect(none.code == 0 && none.output == "No faults.\n", "\(none.errors)")
        let on = await meshctl("sandbox", "fault", name, "api-status", "403", "GET", "/api/v1/pods")
        #expect(on.code == 0 && on.output.contains("api-status"), "\(on.errors)")
        #expect(await meshctl("sandbox", "fault", name, "dns-down").code == 0)
        let list = await meshctl("sandbox", "fault", name, "--list", "-o", "json")
        let report = try JSONValue(parsing: Array(list.output.utf8))
        #expect(report["kind"] == "SandboxFaults" && report["sandbox"]?.string == name)
        #expect(
            report["faults"] == [
                ["fault": "api-status", "arguments": ["403", "GET", "/api/v1/pods"]],
                ["fault": "dns-down", "arguments": []],
            ])
        #expect(await meshctl("plan", "--sandbox", name).code != 0)
        let clear = await meshctl("sandbox", "fault", name, "--clear", "api-status")
        #expect(clear.code == 0 && clear.errors == "Switched off: 1.\n")
        #expect(clear.output.contains("dns-down") && !clear.output.contains("api-status"))
        let plan = await meshctl("plan", "--sandbox", name)
        #expect(plan.code == 0, "\(plan.errors)")
        #expect(await meshctl("sandbox", "fault", name, "--clear").output == "No faults.\n")
    }

    @Test("a fault that is none says what is meant, and switches nothing")
    func mistakes() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        for (words, why) in [
            (["dns-dwn"], "did you mean dns-down?"), (["resets", "a"], "resets FROM TO"),
            (["ztunnel-not-ready", "kube-7"], "kube-1, kube-2"),
            (["resets", "a/b", "c/d"], "ingress/cloudflared default/mirai-frontend"),
            (["dns-down", "--list"], "--list"),
        ] {
            let result = await meshctl.run(["sandbox", "fault", name] + words)
            #expect(result.code == 64, "\(result.errors)")
            #expect(result.errors.contains(why), "\(result.errors)")
        }
        #expect(await meshctl("sandbox", "fault", name).output == "No faults.\n")
        #expect(await meshctl("sandbox", "fault", "nowhere").code == 1)
    }

    @Test("a write that is done and whose answer is lost is read back: nothing is written twice")
    func lost() async throws {
        try await LiveSandbox.with(name) { meshctl, sandbox in
            try sandbox.session.withCluster {
                try $0.switchOn(Fault(["lost-responses", "4", "PATCH,POST"]))
            }
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            #expect(sandbox.session.requestLog.count { $0.status == 0 } == 4)
            let again = await meshctl("plan", "--detailed-exitcode")
            #expect(again.code == 0, "\(again.output)")
        }
    }
}
