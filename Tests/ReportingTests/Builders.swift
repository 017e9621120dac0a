import Diagnostics
import MeshModel
import MeshPlanning

let plan = "resilient-platform"
let server = "https://127.0.0.1:6443"

/// What meshctl writes on its own policies.
let ours = ["app.kubernetes.io/managed-by": "meshctl", "meshctl.dev/plan": plan]

func image(
    _ mode: MTLSMode, ports: [Int: MTLSMode] = [:], selector: [String: String]? = nil,
    labels: [String: String] = ours
) -> PolicyImage {
    PolicyImage(
        labels: labels,
        spec: PolicySpec.make(
            mode: mode, selector: selector.map { LabelSelector($0) }, ports: ports))
}

/// `policyChange("shop/default", from: nil, to: image(.permissive))`
func policyChange(
    _ name: String, from before: PolicyImage?, to after: PolicyImage?, isAdopted: Bool = false
) -> Change {
    let parts = name.split(separator: "/").map(String.init)
    return .policy(
        PolicyChange(
            namespace: parts[0], name: parts[1], uid: "uid-\(parts[1])", before: before,
            after: after, isAdopted: isAdopted))
}

func labelChange(
    _ namespace: String, from before: [String: String?], to after: [String: String?]
) -> Change {
    .labels(NamespaceLabelChange(namespace: namespace, uid: "u1", before: before, after: after))
}

func restart(_ namespace: String, _ name: String, wants: PodDataplane = .sidecar) -> Change {
    .restart(
        WorkloadRestart(
            workload: WorkloadID(namespace: namespace, kind: .deployment, name: name), uid: "u2",
            wants: wants))
}

/// The rollout of a namespace that gets sidecars, an exception and STRICT, in two waves.
func twoWaveRollout() -> Rollout {
    let frontend = ["app.kubernetes.io/component": "frontend"]
    let changes: [(Phase, String?, Int, Bool, [StepMark], Change)] = [
        (
            .enroll, "canary", 1, false, [],
            labelChange(
                "media", from: ["istio.io/dataplane-mode": nil],
                to: ["istio.io/dataplane-mode": "ambient"])
        ),
        (
            .enroll, nil, 2, false, [],
            labelChange(
                "resilient-platform", from: ["istio-injection": nil, "istio.io/rev": "1-22"],
                to: ["istio-injection": "enabled", "istio.io/rev": nil])
        ),
        (.enroll, nil, 3, false, [], restart("resilient-platform", "backend")),
        (.enroll, nil, 3, false, [.disruptive], restart("resilient-platform", "postgres")),
        (
            .permissive, "canary", 4, true, [.loosens],
            policyChange(
                "media/default", from: image(.strict, labels: [:]), to: image(.permissive),
                isAdopted: true)
        ),
        (
            .permissive, nil, 5, true, [],
            policyChange(
                "resilient-platform/meshctl-frontend", from: nil,
                to: image(.permissive, ports: [3000: .permissive], selector: frontend))
        ),
        (
            .strict, "canary", 6, true, [],
            policyChange("media/default", from: image(.permissive), to: image(.strict))
        ),
        (
            .strict, nil, 7, true, [],
            policyChange(
                "resilient-platform/meshctl-frontend",
                from: image(
                    .permissive, ports: [3000: .permissive, 9090: .disable], selector: frontend),
                to: image(.strict, ports: [3000: .permissive, 8080: .strict], selector: frontend))
        ),
        (
            .strict, nil, 7, true, [],
            policyChange("resilient-platform/old", from: image(.disable), to: nil)
        ),
    ]
    return Rollout(
        steps: changes.enumerated().map { index, step in
            Step(
                id: StepID(index + 1), phase: step.0, wave: step.1, batch: step.2,
                settles: step.3, change: step.5, marks: step.4)
        })
}

/// Two pods before and after sidecars and STRICT.
func effectiveChanges() -> [EffectiveChange] {
    func pod(_ name: String, _ labels: [String: String]) -> Pod {
        Pod(
            meta: ObjectMeta(name: name, namespace: "resilient-platform", labels: labels),
            nodeName: "node-1")
    }
    var before = MeshState(
        namespaces: [Namespace(meta: ObjectMeta(name: "resilient-platform"))],
        pods: [pod("backend", [:]), pod("frontend", ["app": "frontend"])])
    before.pods[0].containers = [Container(name: "app")]
    var after = before
    for index in after.pods.indices {
        after.pods[index].containers.append(Container(name: "istio-proxy"))
    }
    after.peerAuthentications = [
        PeerAuthentication(
            meta: ObjectMeta(name: "default", namespace: "resilient-platform"), mode: .strict),
        PeerAuthentication(
            meta: ObjectMeta(name: "meshctl-frontend", namespace: "resilient-platform"),
            selector: LabelSelector(["app": "frontend"]), mode: .strict,
            portModes: [3000: .permissive, 10000: .permissive]),
    ]
    return EffectiveChange.between(before, after)
}

let leftOver = Diagnostic(
    .leftOver, .note, "PeerAuthentication legacy/default is left over from this plan",
    detail: "Its namespace entry left the plan file. `--prune` deletes it.")

let unmanaged = Diagnostic(
    .unmanagedPod, .warning, "pod media/debug has no controller and will not get a sidecar",
    detail: "Nothing makes it again when it is deleted. Recreate it yourself.")

let adoptionNeeded = Diagnostic(
    .adoptionNeeded, "PeerAuthentication media/default was not made by meshctl",
    detail: "To take it over in place, add this to the namespace:",
    remedy: "- name: media\n  adopt: true",
    at: SourceRange(
        file: "plans/resilient-platform.yaml", start: SourcePosition(line: 12, column: 7),
        end: SourcePosition(line: 12, column: 12)))
