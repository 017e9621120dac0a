import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("External hosts of a plan against the ServiceEntries that are there")
struct ExternalHostNeedsTests {
    private func plan(_ entries: ExternalEntry..., listed: Bool = true) -> MeshPlan {
        TestSupport.plan {
            if listed { $0.namespaces = [entry("shop")] }
            $0.external = entries
        }
    }

    private func cluster(_ parts: MeshPart...) -> MeshState {
        mesh([namespace("shop"), namespace("web")] + parts)
    }

    private var mutual: ExternalEntry.TLS {
        var tls = ExternalEntry.TLS(mode: .mutual)
        tls.credentialName = "api-client"
        tls.sni = "api.example.com"
        return tls
    }

    private func images(_ result: PlannedRollout) -> [JSONValue?] {
        result.rollout.steps.map { step in
            guard case .traffic(let change) = step.change else { return nil }
            return change.after?.spec
        }
    }

    @Test("the rule that adds TLS comes before the entry that leads the port elsewhere")
    func creates() {
        let result = planned(
            plan(external("api.example.com", in: "shop", port: 80, to: 443, tls: mutual)),
            on: cluster())
        #expect(
            result.rollout.steps.map(\.change.object.text) == [
                "DestinationRule shop/meshctl-api-example-com",
                "ServiceEntry shop/meshctl-api-example-com",
            ])
        #expect(result.rollout.batches.count == 2)
        #expect(
            images(result) == [
                [
                    "host": "api.example.com",
                    "trafficPolicy": [
                        "portLevelSettings": [
                            [
                                "port": ["number": 80],
                                "tls": [
                                    "mode": "MUTUAL", "credentialName": "api-client",
                                    "sni": "api.example.com",
                                ],
                            ]
                        ]
                    ],
                ],
                [
                    "hosts": ["api.example.com"], "location": "MESH_EXTERNAL", "resolution": "DNS",
                    "ports": [
                        ["number": 80, "name": "http-80", "protocol": "HTTP", "targetPort": 443]
                    ],
                ],
            ])
        #expect(result.codes == [.credentialOnlyAtGateways])
        #expect(!result.isBlocked)
    }

    @Test("entries of one host become one ServiceEntry; of another namespace, another")
    func grouped() {
        let result = planned(
            plan(
                external("a.example.com", in: "shop", port: 80),
                external("a.example.com", in: "shop", port: 443, "TLS"),
                external("a.example.com", in: "web", port: 80)),
            on: cluster())
        #expect(
            result.rollout.steps.map(\.change.object.text) == [
                "ServiceEntry shop/meshctl-a-example-com", "ServiceEntry web/meshctl-a-example-com",
            ])
        let ports = images(result).first??["ports"]?.array?.compactMap { $0["number"]?.integer }
        #expect(ports == [80, 443])
    }

    @Test(
        "an entry that says the same in other words is left alone, and needs no adopt",
        arguments: [
            [
                "hosts": ["b.example.com", "api.example.com"], "resolution": "DNS",
                "ports": [["number": 80, "name": "web", "protocol": "http", "targetPort": 443]],
            ],
            [
                "hosts": ["api.example.com"], "resolution": "DNS", "location": "MESH_EXTERNAL",
                "ports": [["number": 80, "name": "web", "protocol": "HTTP"]],
                "endpoints": [["address": "api.example.com", "ports": ["web": 443]]],
            ],
        ] as [JSONValue])
    func saysSo(spec: JSONValue) throws {
        let plan = plan(external("api.example.com", in: "shop", port: 80, to: 443))
        let result = planned(plan, on: cluster(try serviceEntry("shop/theirs", spec)))
        #expect(result.lines == [])
        #expect(!result.isBlocked)
    }

    @Test("somebody else's entry needs adopt, and then keeps its other ports")
    func adopts() throws {
        let theirs = try serviceEntry(
            "shop/theirs",
            [
                "hosts": ["api.example.com"], "exportTo": ["."],
                "ports": [
                    ["number": 80, "name": "web", "protocol": "TCP"],
                    ["number": 90, "name": "x", "protocol": "TCP"],
                ],
                "endpoints": [["address": "api.example.com", "ports": ["web": 8443]]],
            ])
        var entry = external("api.example.com", in: "shop", port: 80, to: 443)
        let blocked = planned(plan(entry), on: cluster(theirs))
        #expect(blocked.codes == [.adoptionNeeded])
        entry.adopt = true
        let result = planned(plan(entry), on: cluster(theirs))
        #expect(
            images(result) == [
                [
                    "hosts": ["api.example.com"], "exportTo": ["."], "resolution": "DNS",
                    "ports": [
                        ["number": 80, "name": "web", "protocol": "HTTP", "targetPort": 443],
                        ["number": 90, "name": "x", "protocol": "TCP"],
                    ],
                    "endpoints": [["address": "api.example.com", "ports": ["web": 443]]],
                ]
            ])
        let after = cluster(theirs).applying(result.rollout.steps.map(\.change))
        #expect(planned(plan(entry), on: after).lines == [])
    }

    @Test("a dropped port goes in stage strict, and so does a dropped host with its rule")
    func dropped() throws {
        let two = plan(
            external("api.example.com", in: "shop", port: 80, to: 443, tls: mutual),
            external("api.example.com", in: "shop", port: 81))
        let state = cluster().applying(planned(two, on: cluster()).rollout.steps.map(\.change))
        #expect(planned(two, on: state).lines == [])
        let one = plan(external("api.example.com", in: "shop", port: 81))
        #expect(
            planned(one, on: state).rollout.steps.map {
                "\($0.phase) \($0.change.action) \($0.change.object.kind)"
            } == ["strict update ServiceEntry", "strict delete DestinationRule"])
        #expect(
            planned(plan(), on: state).rollout.steps.map {
                "\($0.phase) \($0.change.action) \($0.change.object.kind)"
            } == ["strict delete ServiceEntry", "strict delete DestinationRule"])
        let unlisted = planned(plan(listed: false), on: state)
        #expect(unlisted.codes == [.leftOver, .leftOver])
    }

    @Test("TLS settings of ours that the plan no longer has go with the change")
    func lessTLS() throws {
        let host = "api.example.com"
        let first = plan(external(host, in: "shop", port: 80, to: 443, tls: mutual))
        let state = cluster().applying(planned(first, on: cluster()).rollout.steps.map(\.change))
        let second = plan(external(host, in: "shop", port: 80, to: 443, tls: .init(mode: .simple)))
        let result = planned(second, on: state)
        #expect(result.rollout.steps.count == 1)
        let entry = images(result).first??["trafficPolicy"]?["portLevelSettings"]?.array?.first
        #expect(entry?["tls"] == ["mode": "SIMPLE"])
        let after = state.applying(result.rollout.steps.map(\.change))
        #expect(planned(second, on: after).lines == [])
    }

    @Test("a wildcard host has a name of its own")
    func wildcard() {
        var entry = external("*.example.com", in: "shop", port: 443, "TLS")
        entry.resolution = .none
        let result = planned(plan(entry), on: cluster())
        #expect(
            result.rollout.steps.map(\.change.object.text)
                == ["ServiceEntry shop/meshctl-any-example-com"])
    }
}
