import Foundation
import MeshPlanning
import Testing

/// kill -9 in the middle of a run. The cluster is served by another process, so it survives.
@Suite("A killed run")
struct KillTests {
    @Test(
        "an apply, then a rollback, each killed after a journaled event, are finished by the next run",
        arguments: [2, 4, 7, 9])
    func killed(atEvent event: Int) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        try meshctl.write(Self.plan, to: "plans/plan.yaml")
        let server = try MeshctlProcess(
            [
                "sandbox", "serve", "resilient-platform", "--kubeconfig-out", "kubeconfig",
                "--state", "server/meshctl.db",
            ], folder: meshctl.folder)
        defer { server.kill() }
        try await Self.wait { FileManager.default.fileExists(atPath: meshctl.path("kubeconfig")) }
        let cluster = ["--kubeconfig", "kubeconfig", "--yes"]

        try await kill(["apply"] + cluster, atEvent: event, in: meshctl, run: 0)
        let apply = await meshctl.run(["apply"] + cluster)
        #expect(apply.code == 0, "\(apply.errors)")
        #expect(apply.errors.contains("Going on with run"))
        let plan = await meshctl.run(["plan", "--kubeconfig", "kubeconfig", "--detailed-exitcode"])
        #expect(plan.code == 0, "\(plan.output)")
        try Self.expectEachWrittenOnce(meshctl, run: 0)

        try await kill(["rollback"] + cluster, atEvent: event, in: meshctl, run: 1)
        let rollback = await meshctl.run(["rollback"] + cluster)
        #expect(rollback.code == 0, "\(rollback.errors)")
        try Self.expectEachWrittenOnce(meshctl, run: 1)
    }

    /// Starts the program and kills it once its run has journaled that many events.
    private func kill(
        _ arguments: [String], atEvent count: Int, in meshctl: TestCommand, run: Int
    ) async throws {
        let process = try MeshctlProcess(arguments, folder: meshctl.folder)
        try await Self.wait {
            let runs = try JournalReading.runs(meshctl)
            return runs.count > run && runs[run].count >= count
        }
        process.kill()
    }

    /// Each step has one receipt, whatever was read back or resumed.
    private static func expectEachWrittenOnce(_ meshctl: TestCommand, run: Int) throws {
        let events = try JournalReading.runs(meshctl)[run]
        var receipts: [StepID: Int] = [:]
        for case .stepWritten(let id, _) in events { receipts[id, default: 0] += 1 }
        #expect(receipts.values.allSatisfy { $0 == 1 })
        #expect(events.last == .finished(.done))
    }

    private static func wait(until condition: () throws -> Bool) async throws {
        for _ in 0..<1500 {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("the condition did not come true in 30 s")
    }

    /// Without waits, since a served sandbox runs at wall speed.
    private static let plan = """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: killed}
        spec:
          namespaces:
            - name: resilient-platform
              dataplane: sidecar
              mtls: STRICT
              exceptions:
                - name: frontend
                  selector: {app.kubernetes.io/component: frontend}
                  ports: {3000: PERMISSIVE}
                  reason: browsers reach the NodePort
          rollout: {settle: 0s}
        """
}
