import Foundation
import JSON
import MeshPlanning
import SandboxServer
import Testing

/// A namespace whose sidecars take plaintext only, with a client that speaks mTLS wherever it can.
@Suite("From DISABLE to STRICT on a cluster")
struct PinnedClientsTests: AddedClients {
    private static let rules = "/apis/networking.istio.io/v1/destinationrules"
    private static let pin = "DestinationRule bank/meshctl-pin-db"

    private static func plan(_ mode: String = "STRICT") -> String {
        """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: pinned}
        spec:
          namespaces:
            - {name: bank, mtls: \(mode), adopt: true}
          flows:
            - {from: {namespace: bank, workload: web}, to: {namespace: bank, service: db, port: 80}}
          gates:
            no-plaintext: {window: 1s}
            accept:
              - {gate: no-plaintext, namespace: bank, reason: silent, owner: me, expires: 2027-11-30}
        """
    }

    private func with(
        _ body: (inout TestCommand, LiveSandbox) async throws -> Void
    ) async throws {
        try await LiveSandbox.with("resilient-platform", plan: Self.plan()) { meshctl, sandbox in
            let objects = [
                injectedNamespace("bank"), workload("Deployment", "bank/web"),
                workload("Deployment", "bank/db", ports: [8080]),
                service("bank/db", ports: [("http", 80, 8080)]),
            ]
            for object in objects { try sandbox.add(object) }
            try sandbox.makePolicy("bank/default", ["mtls": ["mode": "DISABLE"]])
            try await sandbox.pass(.seconds(120))
            try await body(&meshctl, sandbox)
        }
    }

    private func pins(in sandbox: LiveSandbox) throws -> [JSONValue] {
        try sandbox.get(Self.rules)?["items"]?.array ?? []
    }

    @Test("clients are pinned and let go on the way, and on the way back; then all is as it was")
    func thereAndBack() async throws {
        try await with { meshctl, sandbox in
            let before = try sandbox.promised()
            let planned = await meshctl("plan")
            #expect(planned.code == 0, "\(planned.errors)\(planned.output)")
            #expect(
                planned.output.contains(
                    "pins clients of db.bank.svc.cluster.local to plaintext until the server"))
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            #expect(try pins(in: sandbox) == [])
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.errors)")
            #expect(try sandbox.promised() == before)
            #expect(try pins(in: sandbox) == [])
            let steps = try JournalReading.runs(meshctl).map { events in
                RunState(replaying: events)?.rollout.steps.map {
                    "\($0.change.action.rawValue) \($0.change.object.text)"
                }
            }
            #expect(
                steps == [
                    [
                        "create \(Self.pin)", "update PeerAuthentication bank/default",
                        "delete \(Self.pin)", "update PeerAuthentication bank/default",
                    ],
                    [
                        "update PeerAuthentication bank/default", "create \(Self.pin)",
                        "update PeerAuthentication bank/default", "delete \(Self.pin)",
                    ],
                ])
        }
    }

    @Test("a run stopped while they are pinned is gone on with, or rolled back, and leaves no pin")
    func stopped() async throws {
        for command in ["apply", "rollback"] {
            try await with { meshctl, sandbox in
                let before = try sandbox.promised()
                try await Self.stop(&meshctl)
                #expect(try pins(in: sandbox).count == 1)
                let rest = await meshctl(command, "--yes")
                #expect(rest.code == 0, "\(rest.errors)")
                #expect(try pins(in: sandbox) == [])
                if command == "rollback" { #expect(try sandbox.promised() == before) }
            }
        }
    }

    @Test("where the plan has changed since, its next run takes the pin away")
    func superseded() async throws {
        try await with { meshctl, sandbox in
            try await Self.stop(&meshctl)
            try meshctl.write(Self.plan("PERMISSIVE"), to: "plans/plan.yaml")
            let next = await meshctl("apply", "--yes")
            #expect(next.code == 0, "\(next.errors)")
            #expect(try pins(in: sandbox) == [])
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
        }
    }

    /// Presses Ctrl-C once the server is about to change.
    private static func stop(_ meshctl: inout TestCommand) async throws {
        meshctl.onErrors = { [stop = meshctl.stop] text in
            if text.contains("[2/") { stop.press() }
        }
        let stopped = await meshctl("apply", "--yes")
        #expect(stopped.code == 130, "\(stopped.errors)")
        meshctl.onErrors = { _ in }
    }
}
