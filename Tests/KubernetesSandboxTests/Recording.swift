import Foundation
import HTTPTypes
import JSON
import Testing
import Timing

@testable import KubernetesSandbox

/// What a real API server answered, exchange by exchange, and a sandbox that is asked the same.
///
/// UIDs, resourceVersions and generated names differ from the recorded ones; the first answer that
/// shows one says which is which.
struct Recording {
    let exchanges: [JSONValue]
    private let setUp: [JSONValue]

    init(_ name: String) throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/\(name).json")
        let document = try JSONValue(parsing: Array(Data(contentsOf: url)))
        exchanges = document["exchanges"]?.array ?? []
        setUp = document["setup"]?.array ?? []
    }

    /// Plays everything before the exchange, then the exchange itself, and judges that.
    func replay(upTo index: Int) throws {
        var player = Player()
        for request in setUp { try player.prepare(request) }
        for (number, exchange) in exchanges.prefix(index + 1).enumerated() {
            for request in exchange["before"]?.array ?? [] { try player.prepare(request) }
            try player.play(exchange, judged: number == index)
        }
    }
}

private struct Player {
    private var cluster = SandboxCluster(
        seed: 7, now: Timestamp(milliseconds: 1_763_600_000_000))
    /// Recorded texts and what stands for them here.
    private var substitutes: [String: String] = [:]

    mutating func prepare(_ request: JSONValue) throws {
        guard case .response(let response) = answer(request) else { return }
        #expect(
            response.status < 300,
            "\(request.canonicalText): \(String(decoding: response.body, as: UTF8.self))")
    }

    private mutating func answer(_ request: JSONValue) -> SandboxAnswer {
        var fields = HTTPFields()
        fields[.contentType] = request["contentType"]?.string
        fields[.accept] = request["accept"]?.string ?? "application/json"
        if let token = request["token"]?.string { fields[.authorization] = "Bearer \(token)" }
        let text = request["rawBody"]?.string ?? request["body"]?.canonicalText ?? ""
        let method = HTTPRequest.Method(rawValue: request["method"]?.string ?? "") ?? .get
        return cluster.handle(
            SandboxRequest(
                method, substituted(request["path"]?.string ?? ""), fields: fields,
                body: Array(substituted(text).utf8)))
    }

    private func substituted(_ text: String) -> String {
        substitutes.sorted { $0.key.count > $1.key.count }.reduce(text) {
            $0.replacing($1.key, with: $1.value)
        }
    }

    mutating func play(_ exchange: JSONValue, judged: Bool) throws {
        let expected = exchange["expect"] ?? [:]
        let isWatch = expected["events"] != nil
        let answered = answer(exchange["request"] ?? [:])
        // Between two recorded requests some seconds passed.
        defer { cluster.advance(to: cluster.now + .seconds(1)) }
        guard case .response(let response) = answered else {
            #expect(isWatch)
            return
        }
        let body = (try? JSONValue(parsing: response.body)) ?? .null
        if judged { try judge(response, body, expected) }
        try learn(body, expected, judged: judged)
    }

    private func judge(_ response: SandboxResponse, _ body: JSONValue, _ expected: JSONValue) throws
    {
        #expect(response.status == expected["status"].int(0), "\(body.canonicalText)")
        if let warning = expected["warning"]?.string {
            #expect(
                warning.contains("unknown field")
                    && response.warnings == ["unknown field \"spec.mtls.modee\""])
        } else {
            #expect(response.warnings.isEmpty)
        }
        if let result = expected["result"] { judge(status: body, result) }
        if let object = expected["object"] { judge(object: body, object) }
        if let list = expected["list"] { judge(list: body, list) }
        if let table = expected["table"] {
            #expect(body["columnDefinitions"]?.array?.map { $0["name"] } == table["columns"]?.array)
            #expect(body["rows"]?.array?.count == table["rows"]?.array?.count)
            #expect(
                body["rows"]?.array?.first?["cells"]?.array?.prefix(2)
                    == table["rows"]?.array?.first?.array?.prefix(2))
        }
        if let user = expected["user"] { #expect(body["status"]?["userInfo"]?["username"] == user) }
        if let rules = expected["rules"] {
            #expect(JSONValue(body["status"]?["resourceRules"]?.array?.count ?? 0) == rules)
        }
    }

    private func judge(status body: JSONValue, _ expected: JSONValue) {
        for key in ["status", "reason", "code"] { #expect(body[key] == expected[key], "\(key)") }
        if let message = expected["message"]?.string {
            #expect(body["message"]?.string == substituted(message))
        }
        let (details, wanted) = (body["details"] ?? [:], expected["details"] ?? [:])
        for key in ["name", "kind", "group"] { #expect(details[key] == wanted[key], "\(key)") }
        // The real server repeats a cause for each validation that finds it.
        #expect(Set(details["causes"]?.array ?? []) == Set(wanted["causes"]?.array ?? []))
    }

    private func judge(object body: JSONValue, _ expected: JSONValue) {
        #expect(body["kind"] == expected["kind"])
        let metadata = body.metadata
        #expect(metadata["name"]?.string == expected["name"].map { substituted($0.string ?? "") })
        for key in ["generation", "labels", "annotations"] {
            #expect(metadata[key] == expected[key], "\(key)")
        }
        #expect(body.isTerminating == (expected["isTerminating"] == true))
        #expect((metadata["resourceVersion"] == nil) == (expected["resourceVersion"] == nil))
        let managers = (metadata["managedFields"]?.array ?? []).map { entry -> JSONValue in
            var entry = entry
            entry["time"] = nil
            entry["fieldsType"] = nil
            return entry
        }
        .filter { $0["manager"] != expected["ignoredManager"] }
        let wanted = (expected["managedFields"]?.array ?? [])
            .filter { $0["manager"] != expected["ignoredManager"] }
        // Entries of the same second are sorted by name; the recorded seconds are not ours.
        #expect(Set(managers) == Set(wanted))
        #expect(managers.map { $0["operation"] } == wanted.map { $0["operation"] })
        if let spec = expected["spec"] { #expect(body["spec"] == spec) }
        if let phase = expected["phase"] { #expect(body["status"]?["phase"] == phase) }
        for (key, value) in expected["counts"]?.object ?? [:] {
            #expect(body["status"]?[key] == value, "\(key)")
        }
        if let conditions = expected["conditions"]?.array {
            let ours = (body["status"]?["conditions"]?.array ?? []).map { condition -> JSONValue in
                .array([
                    condition["type"] ?? "", condition["status"] ?? "", condition["reason"] ?? "",
                ])
            }
            #expect(Set(ours) == Set(conditions))
        }
    }

    private func judge(list body: JSONValue, _ expected: JSONValue) {
        for key in ["kind", "apiVersion"] { #expect(body[key] == expected[key], "\(key)") }
        let items = body["items"]?.array ?? []
        let names = expected["names"]?.array ?? []
        #expect(items.count == names.count)
        if !names.contains(where: { $0.string?.hasPrefix("web-") == true }) {
            #expect(items.map { $0.metadata["name"] } == names)
        }
        let token = body.metadata["continue"]?.string ?? ""
        #expect(!token.isEmpty == (expected["pages"] == true))
        if !items.isEmpty {
            #expect((items[0]["kind"] != nil) == (expected["itemsHaveKind"] == true))
        }
    }

    /// Pairs what the recorded answer names with what ours does.
    private mutating func learn(_ body: JSONValue, _ expected: JSONValue, judged: Bool) throws {
        if let object = expected["object"] {
            pair(object["uid"], body.metadata["uid"])
            let before = object["resourceVersion"]?.string.flatMap { substitutes[$0] }
            if judged, let before {
                #expect(before == body.resourceVersion, "the resourceVersion should not move")
            } else if judged, object["resourceVersion"] != nil {
                #expect(!substitutes.values.contains(body.resourceVersion), "it should move")
            }
            pair(object["resourceVersion"], body.metadata["resourceVersion"])
        }
        if let uid = expected["result"]?["details"]?["uid"] {
            pair(uid, body["details"]?["uid"])
        }
        for (recorded, ours) in zip(
            expected["list"]?["names"]?.array ?? [], body["items"]?.array ?? [])
        {
            pair(recorded, ours.metadata["name"])
        }
        if expected["list"]?["pages"] == true, let token = body.metadata["continue"]?.string {
            for exchange in Self.recordedTokens { substitutes[exchange] = token }
        }
    }

    private mutating func pair(_ recorded: JSONValue?, _ ours: JSONValue?) {
        guard let recorded = recorded?.string, let ours = ours?.string, recorded != ours else {
            return
        }
        substitutes[recorded] = ours
    }

    /// The continue token of the recorded first page.
    private static let recordedTokens = [
        "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NjMyMzQsInN0YXJ0IjoiL3JlYy1jXHUwMDAwIn0"
    ]
}
