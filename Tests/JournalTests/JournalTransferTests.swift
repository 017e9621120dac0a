import Foundation
import MeshModel
import MeshPlanning
import Testing
import Timing

@testable import Journal

@Suite("The journal as text, and back")
struct JournalTransferTests {
    private static let flow = ObservedFlow(
        from: .address("10.0.0.1/\u{1B}[31m%"),
        to: .service(namespace: "shop", name: "cart", port: 80),
        security: .plaintext, firstSeen: at(1), lastSeen: at(2), connections: 7)

    /// Two clusters, an apply with every kind of event, its rollback, and what was observed.
    private func filled(_ folder: Folder) throws -> JournalStore {
        let store = try JournalStore.open(path: folder.state)
        try store.begin(header("run-b"), rollout, at: at(1))
        for (index, event) in someEvents.enumerated() {
            try store.append(event, to: RunID("run-b"), at: at(Int64(index) + 2))
        }
        try store.begin(header("run-x", cluster: "c-2"), rollout, at: at(30))
        try store.begin(header("run-a", kind: .rollback), rollout, at: at(40))
        try store.record(
            [Self.flow],
            watermarks: [
                "shop/cart-0": ProxyWatermark(
                    process: .init(uid: "u-1", runningSince: at(0)), sampledAt: at(3))
            ], gone: [],
            in: ObservationWindow(startedAt: at(1), goal: 60_000, covered: 5, sampledAt: at(3)),
            clusterUID: "c-1")
        try store.record(
            LockBreak(
                at: at(50), by: "ben@desk", heldBy: "ana@desk pid 7", reason: "it is\u{1B} gone"),
            clusterUID: "c-2")
        return store
    }

    private func text(_ store: JournalStore) throws -> String {
        var text = ""
        try store.exportState(meshctl: "1.2.3") { text += $0 }
        return text
    }

    @discardableResult
    private func take(_ text: String, in store: JournalStore, pieces: Int = 7000) throws
        -> StateImport
    {
        var rest = Array(text.utf8)[...]
        return try store.importState {
            let piece = rest.prefix(pieces)
            rest = rest.dropFirst(pieces)
            return Array(piece)
        }
    }

    private func expectRefused(
        _ text: String, in store: JournalStore, line: Int? = nil,
        _ isIt: (StateImportFailure.Problem) -> Bool = { _ in true }
    ) throws {
        let before = try self.text(store)
        let failure = #expect(throws: StateImportFailure.self) { try take(text, in: store) }
        if let failure {
            #expect(isIt(failure.problem), "\(failure)")
            if let line { #expect(failure.line == line, "\(failure)") }
        }
        #expect(try self.text(store) == before)
    }

    @Test("an export into an empty file exports to the same bytes", arguments: [1, 77, 1 << 20])
    func roundTrip(pieces: Int) throws {
        let (folder, other) = (try Folder(), try Folder())
        let exported = try text(try filled(folder))
        let store = try JournalStore.open(path: other.state)
        let done = try take(exported, in: store, pieces: pieces)
        #expect(done.new == [RunID("run-b"), RunID("run-x"), RunID("run-a")])
        #expect(done.observed == 3)
        #expect(done.lockBreaks == 1)
        #expect(try text(store) == exported)
        #expect(try store.runs().map(\.header.id.text) == ["run-a", "run-x", "run-b"])
        #expect(try store.events(of: RunID("run-b")).map(\.event).dropFirst() == someEvents[...])
        #expect(StateCheck(path: other.state).passed)
    }

    @Test("every line is JSON, the first says what it is, the last counts the others")
    func shape() throws {
        let folder = try Folder()
        let lines = try text(try filled(folder)).split(separator: "\n")
        #expect(
            lines.first
                == "{\"header\":{\"format\":\"meshctl-state\",\"meshctl\":\"1.2.3\",\"schema\":\(JournalSchema.migrations.count),\"version\":1}}"
        )
        #expect(lines.last == "{\"end\":{\"lines\":\(lines.count - 1)}}")
        for line in lines {
            #expect((try JSONSerialization.jsonObject(with: Data(line.utf8))) is [String: Any])
        }
    }

    @Test("what is there already is not added again")
    func twice() throws {
        let folder = try Folder()
        let store = try filled(folder)
        let exported = try text(store)
        let done = try take(exported, in: store)
        #expect(done == StateImport(new: [], extended: [], known: done.known, observed: 0))
        #expect(done.known.count == 3)
        #expect(try text(store) == exported)
    }

    @Test("a run of which the file has the beginning is continued, one that is longer here stays")
    func extended() throws {
        let (folder, other) = (try Folder(), try Folder())
        let exported = try text(try filled(folder))
        let store = try JournalStore.open(path: other.state)
        try store.begin(header("run-b"), rollout, at: at(1))
        try store.append(someEvents[0], to: RunID("run-b"), at: at(2))
        let beginning = try text(store)
        #expect(try take(exported, in: store).extended == [RunID("run-b")])
        #expect(try store.events(of: RunID("run-b")).count == someEvents.count + 1)
        #expect(try take(beginning, in: store).known == [RunID("run-b")])
        #expect(try store.events(of: RunID("run-b")).count == someEvents.count + 1)
    }

    @Test("a run that is there with another event is refused by name, and nothing is added")
    func differs() throws {
        let (folder, other) = (try Folder(), try Folder())
        let exported = try text(try filled(folder))
        let store = try JournalStore.open(path: other.state)
        try store.begin(header("run-x", cluster: "c-2"), rollout, at: at(30))
        try store.append(.settled(batch: 9), to: RunID("run-x"), at: at(31))
        try expectRefused(exported.replacing("\"run-x\"", with: "\"run-y\""), in: store) {
            $0 == .between(RunID("run-y"))
        }
        let longer = try Folder()
        let more = try filled(longer)
        try more.append(.settled(batch: 8), to: RunID("run-x"), at: at(31))
        try expectRefused(try text(more), in: store) {
            $0 == .differs(RunID("run-x"), sequence: 2)
        }
    }

    @Test(
        "runs that are older than all of their cluster go before them, whatever is newest stays so")
    func older() throws {
        let (folder, other) = (try Folder(), try Folder())
        let old = try JournalStore.open(path: folder.state)
        for (number, id) in ["run-1", "run-2"].enumerated() {
            try old.begin(header(id), rollout, at: at(Int64(number)))
        }
        try old.begin(header("run-9"), rollout, at: at(90))
        let store = try JournalStore.open(path: other.state)
        try store.begin(header("run-5"), rollout, at: at(50))
        try take(try text(old), in: store)
        func ids() throws -> [String] { try store.runs().map(\.header.id.text) }
        #expect(try ids() == ["run-9", "run-5", "run-2", "run-1"])
        try store.begin(header("run-10"), rollout, at: at(100))
        #expect(try ids().first == "run-10")

        let between = try Folder()
        let middle = try JournalStore.open(path: between.state)
        try middle.begin(header("run-6"), rollout, at: at(60))
        try expectRefused(try text(middle), in: store, line: 2) { $0 == .between(RunID("run-6")) }
    }

    @Test("a text that was cut short, lengthened or shuffled is refused, with the line")
    func mangled() throws {
        let (folder, other) = (try Folder(), try Folder())
        let exported = try text(try filled(folder))
        let store = try JournalStore.open(path: other.state)
        let lines = exported.split(separator: "\n").map { String($0) + "\n" }
        try expectRefused("", in: store, line: 1) { $0 == .notAnExport }
        try expectRefused("hello\n", in: store, line: 1) { $0 == .notAnExport }
        try expectRefused(lines.dropFirst().joined(), in: store, line: 1) { $0 == .notAnExport }
        for count in [1, 3, lines.count - 1] {
            try expectRefused(lines.prefix(count).joined(), in: store, line: count + 1) {
                $0 == .cutShort
            }
        }
        try expectRefused(String(exported.dropLast(40)), in: store)
        try expectRefused(exported + "\n", in: store, line: lines.count + 1) { $0 == .afterTheEnd }
        try expectRefused(exported + lines[1], in: store) { $0 == .afterTheEnd }
        var without = lines
        without.remove(at: 4)
        try expectRefused(without.joined(), in: store, line: 5) {
            $0 == .outOfOrder(RunID("run-b"), sequence: 5)
        }
        without = lines
        without.remove(at: lines.count - 2)
        try expectRefused(without.joined(), in: store) { $0 == .wrongCount(lines.count - 1) }
        try expectRefused(lines[0] + exported, in: store, line: 2) {
            if case .malformed = $0 { true } else { false }
        }
    }

    @Test("a newer format and a newer schema are told apart from garbage")
    func newer() throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        func head(_ version: Int, _ schema: Int) -> String {
            "{\"header\":{\"format\":\"meshctl-state\",\"meshctl\":\"9\",\"schema\":\(schema),\"version\":\(version)}}\n"
        }
        let current = JournalSchema.migrations.count
        try expectRefused(head(2, 1), in: store) { $0 == .newerFormat(2, supported: 1) }
        try expectRefused(head(1, 99), in: store) { $0 == .newerSchema(99, supported: current) }
    }

    @Test(
        "hostile lines are refused without harm",
        arguments: [
            "{", "[]", "null", "{\"event\":{}}", "{\"event\":{},\"flow\":{}}", "{\"later\":{}}",
            "{\"event\":{\"run\":\"r\",\"sequence\":1,\"at\":1e99,\"event\":{\"settled\":{\"batch\":1}}}}",
            "{\"event\":{\"run\":\"r\",\"sequence\":1,\"at\":0,\"event\":{\"settled\":{\"batch\":1}}}}",
            "{\"event\":{\"run\":\"r\",\"sequence\":-1,\"at\":0,\"event\":{\"settled\":{\"batch\":1}}}}",
            "{\"event\":{\"run\":\"r\",\"sequence\":9223372036854775807,\"at\":0,\"event\":{\"settled\":{\"batch\":1}}}}",
            "{\"flow\":{\"cluster\":\"c\",\"client\":\"?\",\"server\":\"?\",\"port\":1,\"security\":\"plaintext\",\"firstSeen\":0,\"lastSeen\":0,\"connections\":1}}",
            "{\"flow\":{\"cluster\":\"c\",\"client\":\"unknown\",\"server\":\"service/a/b\",\"port\":1,\"security\":\"plaintext\",\"firstSeen\":0,\"lastSeen\":0,\"connections\":-1}}",
            "{\"end\":{\"lines\":-1}}", "\u{0}", "\u{1B}[2J",
            String(repeating: "[", count: 100_000),
            "{\"proxy\":{\"cluster\":\"c\",\"proxy\":\"p\",\"watermark\":"
                + String(repeating: "{\"a\":", count: 5000) + "1",
        ])
    func hostile(line: String) throws {
        let folder = try Folder()
        let store = try JournalStore.open(path: folder.state)
        let head = String(try text(store).prefix { $0 != "\n" }) + "\n"
        try expectRefused(head + line + "\n", in: store, line: 2)
        try expectRefused(head + line, in: store, line: 2)
    }

    @Test("an export that is read by half adds nothing, and the error is passed on")
    func brokenPipe() throws {
        struct Broken: Error {}
        let (folder, other) = (try Folder(), try Folder())
        let exported = Array(try text(try filled(folder)).utf8)
        let store = try JournalStore.open(path: other.state)
        var pieces = [Array(exported.prefix(exported.count - 60))]
        #expect(throws: Broken.self) {
            try store.importState {
                guard let piece = pieces.popLast() else { throw Broken() }
                return piece
            }
        }
        #expect(try store.runs() == [])
    }

    @Test("an event that cannot be read stops the export: nothing is left out in silence")
    func unreadable() throws {
        let folder = try Folder()
        let store = try filled(folder)
        try store.execute("INSERT INTO event VALUES ('run-x', 2, 0, 'later', '{}')")
        #expect(throws: JournalError.self) { try text(store) }
    }
}

@Suite("Lines of a stream")
struct BoundedLinesTests {
    private func lines(_ pieces: [String], limit: Int) throws -> [BoundedLines.Next] {
        var rest = pieces[...]
        var lines = BoundedLines(limit: limit) { Array((rest.popFirst() ?? "").utf8) }
        var found: [BoundedLines.Next] = []
        while true {
            found.append(try lines.next())
            if found.last == .end || found.last == .tooLong { return found }
        }
    }

    private func line(_ text: String) -> BoundedLines.Next { .line(Array(text.utf8)) }

    @Test("are found across pieces, the last one also without its line break")
    func splitting() throws {
        #expect(try lines([], limit: 9) == [.end])
        #expect(
            try lines(["a\nb", "c\n\nd"], limit: 9) == [
                line("a"), line("bc"), line(""), line("d"), .end,
            ])
        #expect(try lines(["a\n"], limit: 9) == [line("a"), .end])
    }

    @Test("that are longer than the limit are not held in memory")
    func limit() throws {
        #expect(try lines(["abc\n"], limit: 3) == [line("abc"), .end])
        #expect(try lines(["abcd\n"], limit: 3) == [.tooLong])
        #expect(try lines(["abc"], limit: 3) == [line("abc"), .end])
        var pieces = 0
        var endless = BoundedLines(limit: 1000) {
            pieces += 1
            return [UInt8](repeating: 0x61, count: 100)
        }
        #expect(try endless.next() == .tooLong)
        #expect(pieces == 11)
    }
}
