import Diagnostics
import MeshModel
import PlanDecoding
import Testing

@Suite struct GatesPartTests {
    @Test(
        "gates of one's own are checked whole",
        arguments: [
            ("ztunnel-log: {}", "unknown-key: unknown key `ztunnel-log` in `spec.gates`"),
            (
                "ztunnel-logs: {maximumErrors: -1}",
                "invalid-value: `maximumErrors` must be a whole number from 0 to 1000000"
            ),
            ("no-plaintext: {window: 0s}", "invalid-value: `window` must be longer than nothing"),
            (
                "dns-ready: {selector: {}}",
                "invalid-value: `selector` selects nothing in particular"
            ),
            (
                "approval: [{name: a, before: {wave: x}}]",
                "missing-key: `spec.gates.approval[0].before` needs the key `stage`"
            ),
            (
                "approval: [{name: a, before: {stage: permisive}}]",
                "invalid-value: `stage` cannot be `permisive`"
            ),
            (
                "approval: [{name: a, before: {stage: strict, wave: x}}]",
                "unknown-wave: the wave `x` is not declared"
            ),
            (
                "approval: [{name: a, before: {stage: strict}}, {name: a, before: {stage: enroll}}]",
                "duplicate-entry: the approval `a` stands twice"
            ),
            (
                "probe: [{from: {namespace: a, image: i}, to: ftp://x}]",
                "invalid-value: `ftp://x` is not a URL that a probe can ask"
            ),
            (
                "probe: [{from: {namespace: a, image: i}, to: 'http:///x'}]",
                "invalid-value: `http:///x` is not a URL that a probe can ask"
            ),
            (
                "probe: [{from: {namespace: a, image: a b}, to: 'http://x'}]",
                "invalid-value: `a b` is not an image name"
            ),
            (
                "prometheusServer: {namespace: a, service: b}\n  prometheus: [{name: a, query: q}]",
                "missing-key: `spec.gates.prometheus[0]` needs the key `maximum` or `minimum`"
            ),
            (
                "prometheusServer: {namespace: a, service: b}\n  prometheus: [{name: a, query: q, minimum: 2, maximum: 1}]",
                "conflicting-keys: `minimum` is larger than `maximum`"
            ),
            (
                "prometheusServer: {namespace: a, service: b}\n  prometheus: [{name: a, query: q, maximum: 1%}]",
                "wrong-type: `maximum` must be a number, not `1%`"
            ),
            (
                "prometheus: [{name: a, query: q, maximum: 1}]",
                "missing-key: `spec.gates` needs the key `prometheusServer`"
            ),
            (
                "prometheusServer: {namespace: a}",
                "missing-key: `spec.gates.prometheusServer` needs the key `service`"
            ),
            (
                "prometheusServer: {namespace: a, service: b, port: 0}",
                "invalid-value: `port` must be a whole number from 1 to 65535"
            ),
            (
                "prometheusServer: {namespace: a, service: b, path: prometheus}",
                "invalid-value: `prometheus` is not a path of a server"
            ),
            (
                "prometheusServer: {namespace: a, service: b, path: /../../secrets}",
                "invalid-value: `/../../secrets` is not a path of a server"
            ),
            (
                "prometheusServer: {namespace: a, service: b, path: //x}",
                "invalid-value: `//x` is not a path of a server"
            ),
            (
                "probe: [{from: {namespace: a, image: i}, to: 'http://me:secret@x'}]",
                "invalid-value: `to` holds a user name, and a probe takes no credentials"
            ),
            (
                "accept: [{gate: approval, namespace: a, reason: r, owner: o, expires: 2027-01-01}]",
                "invalid-value: `gate` cannot be `approval`"
            ),
            (
                "accept: [{gate: no-plaintext, namespace: a, reason: r, owner: o}]",
                "missing-key: `spec.gates.accept[0]` needs the key `expires`"
            ),
        ])
    func mistakes(gate: String, expected: String) {
        let found = specMistakes("gates:\n  \(gate)")
        #expect(found.count == 1 && found.first?.hasSuffix(expected) == true, "\(found)")
    }

    @Test("a soak under STRICT outlasts the sidecars' drain")
    func soak() {
        let soak = "rollout: {1️⃣soak: {strict: 59s}}\n"
        #expect(
            specMistakes(soak + "namespaces: [{name: a, dataplane: sidecar}]")
                == ["1️⃣ invalid-value: `soak.strict` must be at least 60s with sidecars"])
        #expect(specMistakes(soak + "namespaces: [{name: a, dataplane: ambient}]").isEmpty)
    }
}
