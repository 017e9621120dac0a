import Diagnostics
import MeshModel
import PlanDecoding
import Testing

@Suite struct ClientPartTests {
    @Test("a client rule names a Service in full, once, and modes without certificates")
    func rules() {
        let text = """
            clients:
              - {host: a.b.svc.cluster.local, ports: {80: DISABLE}}
              - {host: 1️⃣a.b.svc.cluster.local, ports: {81: ISTIO_MUTUAL}}
              - {host: 2️⃣web, ports: {80: SIMPLE}}
              - {host: 3️⃣"*.b", ports: {80: SIMPLE}}
              - {host: c.b.svc.mesh.example, ports: 4️⃣{80: MUTUAL}}
              - {host: d.b.svc.cluster.local, ports: {5️⃣http: SIMPLE}}
              - {host: 6️⃣e.b.svc, ports: {80: SIMPLE}}
            """
        #expect(
            specMistakes(text) == [
                "1️⃣ duplicate-entry: the client rule for `a.b.svc.cluster.local` stands twice",
                "2️⃣ invalid-value: `web` is not the full name of a Service",
                "3️⃣ invalid-value: `*.b` is not a valid `host`",
                "4️⃣ invalid-value: a client rule cannot be `MUTUAL`",
                "5️⃣ invalid-value: `http` is not a port",
                "6️⃣ invalid-value: `e.b.svc` is not the full name of a Service",
            ])
    }
}

@Suite struct ExternalPartTests {
    private func external(_ rest: String) -> String {
        "external: [{host: a.example, namespace: ns, port: 80, \(rest)}]"
    }

    @Test("tls on a port that already speaks TLS is an error", arguments: ["HTTPS", "TLS"])
    func tlsTwice(spoken: String) {
        #expect(
            specMistakes(external("protocol: \(spoken), 1️⃣tls: {mode: SIMPLE}"))
                == ["1️⃣ conflicting-keys: `tls` on a port that already speaks TLS"])
    }

    @Test("mutual TLS needs its certificate")
    func mutual() {
        #expect(
            specMistakes(external("protocol: HTTP, tls: {mode: 1️⃣MUTUAL}"))
                == ["1️⃣ missing-key: `tls.mode: MUTUAL` needs the key `credentialName`"])
    }

    @Test("protocols, ports and resolutions are those of a ServiceEntry")
    func values() {
        #expect(
            specMistakes(external("protocol: 1️⃣http"))
                == ["1️⃣ invalid-value: `protocol` cannot be `http`"])
        #expect(
            specMistakes(external("protocol: TCP, targetPort: 1️⃣70000")) == [
                "1️⃣ invalid-value: `targetPort` must be a whole number from 1 to 65535"
            ])
        #expect(
            specMistakes(external("protocol: TCP, resolution: 1️⃣STATIC"))
                == ["1️⃣ invalid-value: `resolution` cannot be `STATIC`"])
    }

    @Test("a host with a star cannot be looked up")
    func wildcard() {
        let text = "external: [{host: 1️⃣'*.x.y', namespace: ns, port: 80, protocol: TCP}]"
        #expect(
            specMistakes(text)
                == ["1️⃣ conflicting-keys: a host with `*.` needs `resolution: NONE`"])
        #expect(specMistakes(text.replacing("TCP", with: "TCP, resolution: NONE")).isEmpty)
    }

    @Test("without resolution a port cannot lead elsewhere")
    func targetPort() {
        #expect(
            specMistakes(external("protocol: TCP, resolution: NONE, 1️⃣targetPort: 8080"))
                == ["1️⃣ conflicting-keys: `targetPort` needs a `resolution` other than NONE"])
    }

    @Test("a host has one resolution in a namespace")
    func resolutions() {
        let text = """
            external:
              - {host: a.b, namespace: ns, port: 80, protocol: TCP}
              - {host: 1️⃣a.b, namespace: ns, port: 81, protocol: TCP, resolution: NONE}
              - {host: a.b, namespace: other, port: 81, protocol: TCP, resolution: NONE}
            """
        #expect(
            specMistakes(text)
                == ["1️⃣ conflicting-keys: `a.b` has resolution NONE here and DNS before"])
    }

    @Test("a host's port stands once in a namespace")
    func duplicates() {
        let entry = "{host: HOST, namespace: ns, port: 80, protocol: TCP}"
        let text =
            "external:\n  - \(entry)\n  - \(entry)\n"
            .replacing("HOST", with: "a.b")
        #expect(specMistakes(text).map { $0.contains("`a.b:80` stands twice") } == [true])
    }
}

@Suite struct FlowPartTests {
    @Test(
        "clients and servers have one of the known shapes",
        arguments: [
            (
                "{from: 1️⃣outside, to: {host: a, port: 1}}",
                "invalid-value: `from` cannot be `outside`"
            ),
            (
                "{from: 1️⃣{}, to: {host: a, port: 1}}",
                "missing-key: `spec.flows[0].from` has none of the keys that it needs"
            ),
            (
                "{from: [], to: {host: a, port: 1}}",
                "wrong-type: `from` must be a mapping, not a list"
            ),
            (
                "{from: 1️⃣{namespace: a}, to: {host: a, port: 1}}",
                "missing-key: `spec.flows[0].from` needs the key `workload`"
            ),
            (
                "{from: {node: a, 1️⃣port: 1}, to: {host: a, port: 1}}",
                "unknown-key: unknown key `port` in `spec.flows[0].from`"
            ),
            (
                "{from: {cidr: 1️⃣10.0.0.0}, to: {host: a, port: 1}}",
                "invalid-value: `10.0.0.0` is not a network"
            ),
            (
                "{from: {cidr: 1️⃣10.0.0.0/33}, to: {host: a, port: 1}}",
                "invalid-value: `10.0.0.0/33` is not a network"
            ),
            (
                "{from: {cidr: 1️⃣'fe80::/129'}, to: {host: a, port: 1}}",
                "invalid-value: `fe80::/129` is not a network"
            ),
            (
                "{from: {namespace: a, workload: 1️⃣deploy/b}, to: {host: a, port: 1}}",
                "invalid-value: `deploy` is not a kind of workload"
            ),
            (
                "{from: external, to: 1️⃣{namespace: a, service: b}}",
                "missing-key: `spec.flows[0].to` needs the key `port`"
            ),
            (
                "{from: external, to: 1️⃣external}",
                "wrong-type: `to` must be a mapping, not a single value"
            ),
            (
                "{from: external, to: {host: a, port: 1️⃣0}}",
                "invalid-value: `port` must be a whole number from 1 to 65535"
            ),
            (
                "{from: external, to: {host: a, port: 1}, expect: 1️⃣refuse}",
                "invalid-value: `expect` cannot be `refuse`"
            ),
        ])
    func shapes(flow: String, expected: String) {
        let found = specMistakes("flows: [\(flow)]")
        #expect(found.count == 1 && found.first?.hasSuffix(expected) == true, "\(found)")
        if flow.contains("1️⃣") { #expect(found.first?.hasPrefix("1️⃣") == true) }
    }

    @Test("networks of both families are read", arguments: ["10.0.0.0/8", "fe80::/10", "::/0"])
    func networks(cidr: String) {
        let plan = spec("flows: [{from: {cidr: '\(cidr)'}, to: {host: a.b, port: 1}}]")
        #expect(plan?.flows.first?.from == .cidr(cidr))
    }
}

@Suite struct IgnoredFlowPartTests {
    @Test("an ignored flow has a reason and at least one side")
    func sides() {
        let text = """
            ignoreFlows:
              - 1️⃣{reason: r}
              - 2️⃣{to: {service: old}}
              - {to: 3️⃣{}, reason: r}
            """
        #expect(
            specMistakes(text) == [
                "1️⃣ missing-key: `spec.ignoreFlows[0]` needs the key `from` or `to`",
                "2️⃣ missing-key: `spec.ignoreFlows[1]` needs the key `reason`",
                "3️⃣ invalid-value: `to` names nothing",
            ])
    }
}

@Suite struct EgressPartTests {
    @Test("egress lists at least one host, and is not for the root namespace")
    func rules() {
        let text = """
            namespaces:
              - {name: a, egress: 1️⃣[]}
              - {name: istio-system, 2️⃣egress: ["./*"]}
              - {name: b, egress: ["~/*"]}
            """
        #expect(
            specMistakes(text) == [
                "1️⃣ invalid-value: `egress` lists no host",
                "2️⃣ root-namespace-policy: `egress` cannot be set for the root namespace "
                    + "`istio-system`",
            ])
    }
}
