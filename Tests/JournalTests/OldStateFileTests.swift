import Foundation
import GRDB
import MeshModel
import MeshPlanning
import Testing
import Timing

@testable import Journal

/// Files as earlier versions wrote them, made here by SQL of their own and not by the migrations.
@Suite("State files of earlier versions")
struct OldStateFileTests {
    private static let version1 = """
        PRAGMA application_id = 1835234412;
        CREATE TABLE run (
            id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, plan TEXT NOT NULL,
            cluster_uid TEXT NOT NULL, stage TEXT, target TEXT, started_at INTEGER NOT NULL,
            header TEXT NOT NULL) STRICT;
        CREATE INDEX run_by_cluster ON run (cluster_uid, plan, started_at);
        CREATE TABLE event (
            run TEXT NOT NULL REFERENCES run (id), seq INTEGER NOT NULL CHECK (seq >= 1),
            at INTEGER NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL,
            PRIMARY KEY (run, seq)) STRICT;
        CREATE INDEX event_of_status ON event (run, seq)
            WHERE kind IN ('started', 'resumed', 'stopped', 'finished');
        CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
            BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
        PRAGMA user_version = 1;
        """
    private static let version2 = """
        CREATE TABLE observed_flow (
            cluster_uid TEXT NOT NULL, client TEXT NOT NULL, server TEXT NOT NULL,
            port INTEGER NOT NULL, security TEXT NOT NULL, first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL, connections INTEGER NOT NULL CHECK (connections >= 0),
            PRIMARY KEY (cluster_uid, client, server, port, security)) STRICT, WITHOUT ROWID;
        INSERT INTO observed_flow VALUES
            ('c-1', 'unknown', 'service/shop/cart', 80, 'plaintext', 5, 6, 7);
        PRAGMA user_version = 2;
        """
    /// As the first version wrote it: without the members that came later.
    private static let header = """
        {"clusterUID":"c-1","id":"20251101-080000-bcdf","isPoliciesOnly":false,"kind":"apply",\
        "leftAlone":[],"plan":"shop","planText":"kind: MeshPlan\\n","server":"https://127.0.0.1:6443",\
        "stage":"strict","startedBy":"ana@desk"}
        """
    private static let id = RunID("20251101-080000-bcdf")

    private func make(version: Int, in folder: Folder) throws {
        try StateFile.createFolder(of: folder.state)
        let queue = try DatabaseQueue(path: folder.state)
        let rollout = try JournalCoding.text(of: rollout)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: Self.version1)
            try database.execute(
                sql: "INSERT INTO run VALUES (?, 'apply', 'shop', 'c-1', 'strict', NULL, 5, ?)",
                arguments: [Self.id.text, Self.header])
            try database.execute(
                sql: "INSERT INTO event VALUES (?, 1, 5, 'started', ?)",
                arguments: [
                    Self.id.text, "{\"started\":{\"_0\":\(Self.header),\"_1\":\(rollout)}}",
                ])
            try database.execute(
                sql: """
                    INSERT INTO event VALUES (?, 2, 6, 'stopped', '{"stopped":{"_0":{"interrupted":{}}}}')
                    """, arguments: [Self.id.text])
            if version > 1 { try database.execute(sql: Self.version2) }
            try database.execute(sql: "PRAGMA journal_mode = WAL")
        }
        try queue.close()
    }

    @Test("are migrated with all that they hold, and each step keeps a copy", arguments: [1, 2])
    func migrated(version: Int) throws {
        let folder = try Folder()
        try make(version: version, in: folder)
        let store = try JournalStore.open(path: folder.state)
        let newest = JournalSchema.migrations.count
        #expect(try store.texts("PRAGMA user_version") == ["\(newest)"])
        let state = RunState(replaying: try store.events(of: Self.id).map(\.event))
        #expect(state?.status == .stopped(.interrupted))
        #expect(state?.header.startedBy == "ana@desk")
        #expect(state?.rollout == rollout)
        #expect(
            try store.observedFlows(clusterUID: "c-1").map(\.connections)
                == (version > 1 ? [7] : []))
        try store.append(.resumed(by: "ben"), to: Self.id, at: at(9))
        for step in version + 1...newest {
            let copy = try DatabaseQueue(path: "\(folder.state).before-v\(step)")
            #expect(try copy.read { try $0.userVersion() } == step - 1)
            #expect(
                try copy.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM event") } == 2)
        }
    }

    @Test(
        "are migrated also after a kill that left a copy by half, or the copy alone",
        arguments: [false, true])
    func killed(copyIsWhole: Bool) throws {
        let folder = try Folder()
        try make(version: 1, in: folder)
        let copy = folder.state + ".before-v2"
        try write(Data("half of it".utf8), copy + (copyIsWhole ? "" : ".unfinished"))
        let store = try JournalStore.open(path: folder.state)
        #expect(try store.events(of: Self.id).count == 2)
        #expect(try DatabaseQueue(path: copy).read { try $0.userVersion() } == 1)
        #expect(!(try folder.names().contains { $0.hasSuffix(".unfinished") }))
    }

    @Test("are left at their version, whole, when the copy cannot be made")
    func noCopy() throws {
        let folder = try Folder()
        try make(version: 1, in: folder)
        try FileManager.default.createDirectory(
            atPath: folder.state + ".before-v2/x", withIntermediateDirectories: true)
        #expect(throws: JournalError.self) { try JournalStore.open(path: folder.state) }
        let queue = try DatabaseQueue(path: folder.state)
        #expect(try queue.read { try $0.userVersion() } == 1)
        #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM event") } == 2)
    }

    @Test("are migrated once by many who open them at the same time, and the copy is of before")
    func race() async throws {
        let folder = try Folder()
        try make(version: 1, in: folder)
        let path = folder.state
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...6 {
                group.addTask {
                    let store = try JournalStore.open(path: path)
                    #expect(try store.events(of: Self.id).count == 2)
                }
            }
            try await group.waitForAll()
        }
        #expect(try Self.version(path + ".before-v2") == 1)
    }

    private static func version(_ path: String) throws -> Int {
        try DatabaseQueue(path: path).read { try $0.userVersion() }
    }
}
