import Foundation
import JSON
import SandboxServer
import Testing

/// cloudflared behind a sidecar, and a port that the server keeps out of its own: client rules, an external
/// host and egress, there and back.
@Suite("Client rules, external hosts and egress on a cluster")
struct TrafficScenarioTests {
    private static let name = "cloudflare-actuator"
    private static let orders = "DestinationRule app/orders"
    private static let gateway = "DestinationRule app/meshctl-sg-cloud-gateway"

    /// The specs and labels of everything that steers traffic, by kind and name.
    private func objects(in sandbox: LiveSandbox) throws -> [String: JSONValue] {
        var found: [String: JSONValue] = [:]
        for plural in ["destinationrules", "serviceentries", "sidecars"] {
            let list = try sandbox.get("/apis/networking.istio.io/v1/\(plural)")
            for item in list?["items"]?.array ?? [] {
                let name = [
                    item["kind"]?.string ?? "",
                    "\(item[path: "metadata", "namespace"]?.string ?? "")/"
                        + "\(item[path: "metadata", "name"]?.string ?? "")",
                ].joined(separator: " ")
                found[name] = [
                    "spec": item["spec"] ?? .null,
                    "labels": item[path: "metadata", "labels"] ?? [:],
                ]
            }
        }
        return found
    }

    @Test("they are written in stage permissive, found again, and gone after the rollback")
    func wholeStory() async throws {
        try await LiveSandbox.with(Self.name) { meshctl, sandbox in
            let before = try objects(in: sandbox)
            #expect(before.keys.sorted() == [Self.orders])
            let plan = await meshctl("plan")
            #expect(plan.code == 0, "\(plan.errors)")
            #expect(
                plan.output.contains(
                    "host sg-cloud-gateway.app.svc.cluster.local, port 9091 DISABLE"))

            let flow = [
                "explain", "--from", "cloudflare/deployment/cloudflared", "--to",
                "app/service/sg-cloud-gateway:9091",
            ]
            #expect(await meshctl.run(flow).output.contains("Outcome: garbled"))

            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            #expect(await meshctl.run(flow).output.contains("Outcome: carried"))
            let after = try objects(in: sandbox)
            #expect(
                after.keys.sorted() == [
                    Self.gateway, Self.orders,
                    "DestinationRule cloudflare/meshctl-api-cloudflare-com",
                    "ServiceEntry cloudflare/meshctl-api-cloudflare-com",
                    "Sidecar cloudflare/default",
                ])
            #expect(
                after[Self.gateway]?["spec"] == [
                    "host": "sg-cloud-gateway.app.svc.cluster.local",
                    "trafficPolicy": [
                        "portLevelSettings": [
                            ["port": ["number": 9091], "tls": ["mode": "DISABLE"]]
                        ]
                    ],
                ])
            let pool: JSONValue = ["tcp": ["maxConnections": 50]]
            #expect(
                after[Self.orders]?["spec"]?["trafficPolicy"] == [
                    "connectionPool": pool,
                    "portLevelSettings": [
                        [
                            "port": ["number": 8080], "connectionPool": pool,
                            "tls": ["mode": "ISTIO_MUTUAL"],
                        ]
                    ],
                ])
            #expect(after[Self.orders]?["labels"] == before[Self.orders]?["labels"])
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)

            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.errors)")
            #expect(try objects(in: sandbox) == before)
            #expect(await meshctl("plan").output == plan.output)
        }
    }

    @Test("an entry that is dropped is deleted by the next apply, and comes back with its rollback")
    func dropped() async throws {
        try await LiveSandbox.with(Self.name) { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            let full = try objects(in: sandbox)
            let text = try ExamplePlan.text(Self.name)
            let short = try #require(text.components(separatedBy: "  clients:").first)
            try meshctl.write(
                short.replacing(
                    #"      egress: ["./*", "app/*", "istio-system/*", "*/api.cloudflare.com"]"#,
                    with: ""),
                to: "plans/plan.yaml")
            let plan = await meshctl("plan")
            #expect(plan.output.contains("Stage strict"))
            #expect(plan.output.contains("was host sg-cloud-gateway.app.svc.cluster.local"))
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            #expect(try objects(in: sandbox).keys.sorted() == [Self.orders])
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.errors)")
            #expect(try objects(in: sandbox) == full)
        }
    }

    @Test("a port of ours that gets another mode is changed, one that is dropped goes")
    func changed() async throws {
        let text = try ExamplePlan.text(Self.name)
        let two = text.replacing(
            "ports: {9091: DISABLE}", with: "ports: {9091: SIMPLE, 8080: ISTIO_MUTUAL}")
        try await LiveSandbox.with(Self.name, plan: two) { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            let before = try objects(in: sandbox)
            try meshctl.write(text, to: "plans/plan.yaml")
            let apply = await meshctl("apply", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            #expect(
                try objects(in: sandbox)[Self.gateway]?["spec"]?["trafficPolicy"] == [
                    "portLevelSettings": [["port": ["number": 9091], "tls": ["mode": "DISABLE"]]]
                ])
            #expect(await meshctl("plan", "--detailed-exitcode").code == 0)
            #expect(await meshctl("rollback", "--yes").code == 0)
            #expect(try objects(in: sandbox) == before)
        }
    }

    @Test("somebody else's rule blocks without adopt, and the line to paste is printed")
    func adoption() async throws {
        let plan = try ExamplePlan.text(Self.name).replacing("      adopt: true\n", with: "")
        try await LiveSandbox.with(Self.name, plan: plan) { meshctl, sandbox in
            let blocked = await meshctl("plan")
            #expect(blocked.code == 9)
            let said = blocked.output + blocked.errors
            #expect(said.contains("DestinationRule app/orders was not made by meshctl"))
            #expect(said.contains("adopt: true"))
            #expect(await meshctl("apply", "--yes").code == 9)
            #expect(sandbox.writesDone == 0)
        }
    }

    @Test("what somebody changed since is shown as three columns and left alone")
    func conflict() async throws {
        try await LiveSandbox.with(Self.name) { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            try sandbox.patch(
                "/apis/networking.istio.io/v1/namespaces/app/destinationrules/meshctl-sg-cloud-gateway",
                ["spec": ["trafficPolicy": ["tls": ["mode": "SIMPLE"]]]])
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 5)
            #expect(rollback.output.contains("all ports"))
            #expect(try objects(in: sandbox).keys.sorted() == [Self.gateway, Self.orders])
            let forced = await meshctl("rollback", "--yes", "--overwrite")
            #expect(forced.code == 0, "\(forced.errors)")
            #expect(try objects(in: sandbox).keys.sorted() == [Self.orders])
        }
    }

    @Test(
        "who may not list the rules gets no plan made by guessing, and a rollback leaves them alone"
    )
    func unreadable() async throws {
        try await LiveSandbox.with(Self.name) { meshctl, sandbox in
            #expect(await meshctl("apply", "--yes").code == 0)
            var hooks = RelayServer.Hooks()
            hooks.answer = { line, bytes in
                guard line.hasPrefix("GET "), line.contains("/destinationrules") else {
                    return bytes
                }
                let text = String(decoding: bytes, as: UTF8.self)
                return Array(text.replacing("HTTP/1.1 200 OK", with: "HTTP/1.1 403 OK").utf8)
            }
            let relay = try RelayServer(to: sandbox.session.port, hooks)
            defer { relay.stop() }
            try meshctl.write(
                WrongInputTests.kubeconfig("server: http://127.0.0.1:\(relay.port)"),
                to: ".kube/config")
            let plan = await meshctl("plan")
            #expect(plan.code == 9, "\(plan.errors)")
            #expect(plan.output.contains("DestinationRule objects may not be listed"))
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 5, "\(rollback.errors)")
            #expect(
                rollback.output.contains(
                    "DestinationRule app/meshctl-sg-cloud-gateway may not be read"))
            #expect(try objects(in: sandbox).keys.contains(Self.gateway))
        }
    }
}
