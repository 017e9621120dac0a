import Foundation
import JSON
import Journal
import MeshPlanning
import SandboxServer
import Testing
import Timing

@testable import CLI

/// What `meshctl state list` and `state show` tell, without asking a cluster.
@Suite("The objects in the state file")
struct StateListTests {
    @Test("are listed with state, run and time once they are changed, and not once rolled back")
    func story() async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            #expect(await meshctl("state", "list").output == "No objects.\n")
            #expect(!meshctl.exists("state"))
            #expect(await meshctl("apply", "--yes").code == 0)
            let run = try #require(try JournalReading.ids(meshctl).first)
            // No cluster is asked.
            let config = try meshctl.bytes(".kube/config")
            try meshctl.write("gone", to: ".kube/config")
            let asked = sandbox.session.requestLog.count

            let list = await meshctl("state", "list")
            #expect(list.code == 0, "\(list.errors)")
            let lines = list.output.split(separator: "\n")
            #expect(lines[0].split(separator: " ") == ["OBJECT", "STATE", "RUN", "STEP", "AT"])
            #expect(lines.count == 7, "\(list.output)")
            let policy = try #require(
                lines.first { $0.contains("PeerAuthentication istio-system/default ") })
            #expect(policy.contains("done") && policy.contains(run))
            #expect(lines.contains { $0.hasPrefix("Namespace media ") })

            let some = await meshctl("state", "list", "DEFAULT/", "-o", "json")
            let report = try JSONValue(parsing: Array(some.output.utf8))
            let objects = report["clusters"]?.array?.first?["objects"]?.array ?? []
            #expect(
                objects.compactMap { $0["object"]?.string } == [
                    "PeerAuthentication default/default",
                    "PeerAuthentication default/meshctl-mirai-frontend",
                ])
            #expect(await meshctl("state", "list", "nothing").output == "No objects.\n")

            try await Self.show(meshctl, run)
            #expect(sandbox.session.requestLog.count == asked)

            try meshctl.write(String(decoding: config, as: UTF8.self), to: ".kube/config")
            #expect(await meshctl("rollback", "--yes").code == 0)
            #expect(await meshctl("state", "list").output == "No objects.\n")
        }
    }

    private static func show(_ meshctl: TestCommand, _ run: String) async throws {
        for words in [
            ["PeerAuthentication", "default/default"], ["PeerAuthentication default/default"],
            ["default/pa/default"],
        ] {
            let show = await meshctl.run(["state", "show"] + words)
            #expect(show.code == 0, "\(words): \(show.errors)")
            for words in ["absent", "mode: STRICT", "create done", "update done", run, "uid "] {
                #expect(show.output.contains(words), "\(show.output)")
            }
        }
        let show = await meshctl("state", "show", "ns/media", "-o", "json")
        let report = try JSONValue(parsing: Array(show.output.utf8))
        #expect(report["kind"] == "StateObject")
        #expect(report["before"] == ["labels": ["istio.io/dataplane-mode": .null]])
        #expect(report["after"] == ["labels": ["istio.io/dataplane-mode": "ambient"]])
        let write = report["writes"]?.array?.first
        #expect(write?["step"] == "1" && write?["state"] == "done")
        #expect(write?["writtenResourceVersion"]?.string?.isEmpty == false)
        #expect(write?["uid"] == write?["writtenUID"])

        let several = await meshctl("state", "show", "peerauthentication/default")
        #expect(several.code == 1)
        #expect(several.errors.contains("PeerAuthentication media/default"))
        let none = await meshctl("state", "show", "deploy/cart")
        #expect(none.code == 1)
        #expect(none.errors.contains("meshctl state list"))
        #expect(await meshctl("state", "show", "cart").code == 64)
        #expect(await meshctl("state", "show").code == 64)
    }

    @Test("of several clusters are grouped, and one can be chosen")
    func clusters() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let journal = try JournalStore.open(path: meshctl.path("state/meshctl.db"))
        for (number, cluster) in ["c-1", "c-2"].enumerated() {
            try Self.write(cluster, to: journal, Timestamp(milliseconds: Int64(number)))
        }
        let both = await meshctl("state", "list")
        #expect(both.output.contains("https://c-1, cluster c-1"))
        #expect(both.output.contains("https://c-2, cluster c-2"))
        #expect(both.output.contains("in-doubt"))
        let one = await meshctl("state", "list", "--cluster", "c-2")
        #expect(one.output.contains("run-c-2") && !one.output.contains("run-c-1"))
        let none = await meshctl("state", "list", "--cluster", "c-3")
        #expect(none.code == 1)
        #expect(none.errors.contains("c-1  https://c-1"))
        let show = await meshctl("state", "show", "Namespace", "shop")
        #expect(show.code == 1)
        #expect(show.errors.contains("--cluster c-2"))
        #expect(await meshctl("state", "show", "ns/shop", "--cluster", "c-1").code == 0)
    }

    private static func write(_ cluster: String, to journal: JournalStore, _ time: Timestamp) throws
    {
        let header = RunHeader(
            id: RunID("run-\(cluster)"), kind: .apply, plan: "p", clusterUID: cluster,
            server: "https://\(cluster)")
        let change = Change.labels(
            NamespaceLabelChange(
                namespace: "shop", uid: "u", before: ["a": nil], after: ["a": "b"]))
        let step = Step(id: StepID(1), phase: .enroll, batch: 1, change: change)
        try journal.begin(header, Rollout(steps: [step]), at: time)
        try journal.append(
            .stepIntended(StepID(1), StepIntent(change: change, uid: "u", resourceVersion: "1")),
            to: header.id, at: time)
    }

    @Test(
        "are named as kubectl and as 'state list' name them",
        arguments: [
            ("PeerAuthentication shop/default", "peerauthentication", "shop", "default"),
            ("deploy/cart", "deployment", nil, "cart"),
            ("Deployments shop/cart", "deployment", "shop", "cart"),
            ("shop/sts/db", "statefulset", "shop", "db"), ("ns shop", "namespace", nil, "shop"),
            ("serviceentries/x", "serviceentry", nil, "x"),
        ] as [(String, String, String?, String)])
    func names(text: String, kind: String, namespace: String?, name: String) throws {
        let found = try #require(StateObjectName(text))
        #expect(found.kind == kind && found.namespace == namespace && found.name == name)
    }

    @Test(
        "have names of no other shape",
        arguments: ["", "cart", "a/b/c/d", "a b c", "a/", "a b/c/d", " "])
    func noNames(text: String) { #expect(StateObjectName(text) == nil) }
}
