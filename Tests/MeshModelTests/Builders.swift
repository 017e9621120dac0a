import MeshModel

/// A PeerAuthentication: `policy("shop/default", .strict)`.
func policy(
    _ name: String, _ mode: MTLSMode = .unset, ports: [Int: MTLSMode] = [:],
    selector: [String: String]? = nil, created: String = "2020-02-02T02:02:02Z"
) -> PeerAuthentication {
    let parts = name.split(separator: "/").map(String.init)
    return PeerAuthentication(
        meta: ObjectMeta(
            name: parts[1], namespace: parts[0], creationTimestamp: created),
        selector: selector.map { LabelSelector($0) }, mode: mode, portModes: ports)
}

/// Labels and annotations that the tables name often.
let injectTrue = ["sidecar.istio.io/inject": "true"]
let injectFalse = ["sidecar.istio.io/inject": "false"]
let canary = ["istio.io/rev": "canary"]

extension [String: String] {
    static func + (a: Self, b: Self) -> Self { a.merging(b) { _, last in last } }
}
