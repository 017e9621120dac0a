import Diagnostics
import Foundation
import HTTPTypes
import JSON
import Testing
import Timing

@testable import KubernetesSandbox

/// A cluster that tests talk to in a few words.
struct TestCluster {
    var cluster: SandboxCluster

    init(nodes: Int = 2, namespaces: [String] = ["shop"]) throws {
        cluster = SandboxCluster(seed: 1, now: Timestamp(milliseconds: 1_763_600_000_000))
        for index in 0..<nodes {
            try create("/api/v1/nodes", ScenarioObjects.node("node-\(index)", index))
        }
        for name in namespaces {
            try create("/api/v1/namespaces", ScenarioObjects.namespace(name, [:]))
        }
    }

    init(scenario name: String) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/KubernetesSandbox/Scenarios/\(name).yaml")
        // Counters that begin at nothing are easier to tell.
        let text = try String(contentsOf: file, encoding: .utf8)
            .replacing("trafficBefore: 60\n", with: "")
        let scenario = try Scenario(SourceText(name: name, text: text))
        cluster = try SandboxCluster(scenario, seed: 42)
    }

    /// Sends a request and gives the status with the answer's document.
    @discardableResult
    mutating func send(
        _ method: HTTPRequest.Method, _ target: String, _ body: JSONValue? = nil,
        type: String = "application/json", accept: String = "application/json"
    ) throws -> (status: Int, body: JSONValue) {
        var fields = HTTPFields()
        fields[.contentType] = type
        fields[.accept] = accept
        let request = SandboxRequest(
            method, target, fields: fields, body: body.map(\.canonicalBytes) ?? [])
        guard case .response(let response) = cluster.handle(request) else {
            throw UnexpectedWatch()
        }
        return (response.status, (try? JSONValue(parsing: response.body)) ?? .null)
    }

    struct UnexpectedWatch: Error {}

    @discardableResult
    mutating func create(_ path: String, _ object: JSONValue) throws -> JSONValue {
        let (status, body) = try send(.post, path, object)
        #expect(status == 201, "\(body.canonicalText)")
        return body
    }

    @discardableResult
    mutating func mergePatch(_ path: String, _ patch: JSONValue) throws -> JSONValue {
        let (status, body) = try send(.patch, path, patch, type: "application/merge-patch+json")
        #expect(status == 200, "\(body.canonicalText)")
        return body
    }

    mutating func get(_ path: String) throws -> JSONValue { try send(.get, path).body }

    mutating func items(_ path: String) throws -> [JSONValue] {
        try get(path)["items"]?.array ?? []
    }

    mutating func pass(_ duration: Duration) { cluster.advance(to: cluster.now + duration) }

    static func workload(
        _ kind: String, _ name: String, replicas: Int = 2, labels: [String: String] = [:]
    ) -> JSONValue {
        var object: JSONValue = [
            "apiVersion": "apps/v1", "kind": .string(kind),
            "metadata": ["name": .string(name), "namespace": "shop"],
            "spec": [
                "selector": ["matchLabels": ["app": .string(name)]],
                "template": [
                    "metadata": ["labels": JSONValue(labels.merging(["app": name]) { $1 })],
                    "spec": [
                        "containers": [
                            ["name": "app", "image": "app:1", "ports": [["containerPort": 8080]]]
                        ]
                    ],
                ],
            ],
        ]
        if kind != "DaemonSet" { object.set(["spec", "replicas"], JSONValue(replicas)) }
        return object
    }

    static func restart(_ text: String) -> JSONValue {
        [
            "spec": [
                "template": [
                    "metadata": [
                        "annotations": ["kubectl.kubernetes.io/restartedAt": .string(text)]
                    ]
                ]
            ]
        ]
    }

    static func peerAuthentication(_ mode: String, name: String = "default") -> JSONValue {
        [
            "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
            "metadata": ["name": .string(name), "namespace": "shop"],
            "spec": ["mtls": ["mode": .string(mode)]],
        ]
    }
}
