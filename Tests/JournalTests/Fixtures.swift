import Foundation
import GRDB
import JSON
import MeshModel
import MeshPlanning
import Timing

@testable import Journal

/// A folder of the test's own, gone with the value.
final class Folder {
    let path: String

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/journal-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Where the tests keep the state file.
    var state: String { path + "/state/meshctl.db" }

    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/state").sorted()
    }
}

func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

func write(_ data: Data, _ path: String) throws {
    try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try data.write(to: URL(fileURLWithPath: path))
}

func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
}

func at(_ second: Int64) -> Timestamp { Timestamp(milliseconds: 1_800_000_000_000 + second * 1000) }

func header(
    _ id: String, plan: String = "shop", cluster: String = "c-1",
    kind: RunHeader.Kind = .apply
) -> RunHeader {
    RunHeader(
        id: RunID(id), kind: kind, plan: plan, clusterUID: cluster,
        server: "https://127.0.0.1:6443", stage: kind == .apply ? .strict : nil,
        target: kind == .rollback ? RunID("run-0") : nil, planText: "kind: MeshPlan\n# é 🎉\n",
        startedBy: "ana@desk", nonce: "n-1")
}

let policyChange = Change.policy(
    PolicyChange(
        namespace: "shop", name: "default", uid: "", before: nil,
        after: PolicyImage(
            labels: ["app.kubernetes.io/managed-by": "meshctl"],
            spec: ["mtls": ["mode": "STRICT"], "portLevelMtls": ["9090": ["mode": "UNSET"]]])))

let labelChange = Change.labels(
    NamespaceLabelChange(
        namespace: "shop", uid: "u-1", before: ["istio-injection": nil, "istio.io/rev": "old"],
        after: ["istio-injection": "enabled", "istio.io/rev": nil]))

let restart = Change.restart(
    WorkloadRestart(
        workload: WorkloadID(namespace: "shop", kind: .deployment, name: "cart"), uid: "u-2",
        wants: .sidecar))

let rollout = Rollout(
    steps: [
        Step(id: StepID(1), phase: .enroll, wave: "canary", batch: 1, change: labelChange),
        Step(
            id: StepID(2), phase: .enroll, batch: 2, settles: true, change: restart,
            marks: [.disruptive]),
        Step(id: StepID(3), phase: .strict, batch: 3, change: policyChange, marks: [.loosens]),
    ], settings: RunSettings(settle: .seconds(1), confirm: .seconds(2), writesAtOnce: 3))

/// One of each event but `started`, with each payload that differs in shape.
let someEvents: [RunEvent] = [
    .resumed(by: "ana@laptop"),
    .stepIntended(
        StepID(1), StepIntent(change: labelChange, uid: "u-1", resourceVersion: "41")),
    .stepIntended(
        StepID(2),
        StepIntent(
            change: restart, uid: "u-2", resourceVersion: "42",
            restartedAt: "2026-11-21T01:27:39Z")),
    .stepWritten(
        StepID(1), WriteReceipt(uid: "u-1", resourceVersion: "43", foundByReadingBack: true)),
    .stepFoundDone(StepID(3)),
    .stepConfirmed(StepID(1), evidence: "3 of 3 pods \u{1B}[31m\n\"captured\""),
    .stepFailed(StepID(2), .moved(detail: "its labels are now a=b")),
    .stepFailed(StepID(2), .refused(status: 403, reason: "Forbidden", message: "no")),
    .stepFailed(StepID(2), .unreachable(message: "timed out")),
    .stepFailed(StepID(2), .unconfirmed(missing: "1 pod")),
    .settled(batch: 2),
    .stopped(.interrupted),
    .stopped(.stepFailed(StepID(2))),
    .finished(.incomplete),
]

extension JournalStore {
    func texts(_ sql: String) throws -> [String] {
        try queue.read { try String.fetchAll($0, sql: sql) }
    }

    func execute(_ sql: String) throws {
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    }
}
