import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Gate enrolled")
struct EnrolledTests {
    private let rule = Enrolled(namespaces: ["shop"])

    private var ambient: MeshState {
        var state = mesh(
            namespace("shop", labels: ambientLabels),
            deployment("shop/cart", labels: ["app": "cart"], plane: .ambient))
        state.surroundings.cni = CNISettings(excludeNamespaces: ["kube-system"])
        return state
    }

    /// A namespace whose label is a tag that stands for revision 1-27.
    private var sidecar: MeshState {
        let webhook = InjectorWebhooks.Webhook(
            name: "rev.namespace.sidecar-injector.istio.io",
            namespaceSelector: PodSelector(matchLabels: [LabelKeys.revision: "prod"]))
        var state = mesh(
            namespace("shop", labels: [LabelKeys.revision: "prod"]),
            deployment("shop/cart", labels: ["app": "cart"], plane: .sidecar), revisions: ["prod"])
        state.injectors.webhooks = [
            InjectorWebhooks(name: "prod", served: "prod", revision: "1-27", webhooks: [webhook])
        ]
        return state.editingPods { $0.meta.annotations[LabelKeys.revision] = "1-27" }
    }

    private func editing(
        _ state: MeshState, _ name: String = "cart-1", _ edit: (inout Pod) -> Void
    ) -> [GateFinding] {
        rule.findings(in: state.editingPods { if $0.meta.name == name { edit(&$0) } })
    }

    @Test("captured pods, and pods with sidecars of the right revision, pass with their number")
    func pass() {
        #expect(
            rule.findings(in: ambient).lines == [
                "pass namespace shop: 2 of 2 pods in the data plane"
            ])
        #expect(
            rule.findings(in: sidecar).lines == [
                "pass namespace shop: 2 of 2 pods in the data plane"
            ])
    }

    @Test("a pod that is not captured, or only redirected, fails its workload with n of m")
    func notCaptured() {
        let missing = editing(ambient) { $0.meta.annotations = [:] }
        #expect(
            missing.lines == [
                "fail Deployment shop/cart: 1 of 2 pods in the data plane: pod cart-1 is not captured"
            ])
        let pending = editing(ambient) {
            $0.meta.annotations[LabelKeys.ambientRedirection] = "pending"
        }
        #expect(pending[0].reason.contains("ztunnel does not hold it yet"))
    }

    @Test("a sidecar that is missing, of another revision, unlabelled, or left over fails")
    func sidecars() {
        func reason(_ edit: (inout Pod) -> Void) -> String? {
            let found = editing(sidecar, "cart-1", edit)
            #expect(found.verdicts == [.fail])
            return found[0].evidence.first
        }
        #expect(
            reason { $0.containers.removeAll { $0.name == "istio-proxy" } }
                == "pod cart-1: has no sidecar")
        #expect(
            reason { $0.meta.annotations[LabelKeys.revision] = "1-26" }
                == "pod cart-1: has a sidecar of another revision")
        #expect(
            reason { $0.meta.labels[LabelKeys.tlsMode] = nil }
                == "pod cart-1: lacks the label security.istio.io/tlsMode=istio")
        let left = editing(ambient) {
            $0.containers.append(Container(name: "istio-proxy"))
            $0.meta.annotations[LabelKeys.sidecarStatus] = "{}"
        }
        #expect(left[0].evidence == ["pod cart-1: still has its sidecar"])
        #expect(left[0].command == "kubectl -n shop rollout restart deployment/cart")
    }

    @Test("the revision is also read from what the injector notes of its work")
    func statusRevision() {
        let noted = editing(sidecar) {
            $0.meta.annotations[LabelKeys.revision] = nil
            $0.meta.annotations[LabelKeys.sidecarStatus] = #"{"revision":"1-27"}"#
        }
        #expect(noted.letPass)
    }

    @Test("Pending pods and pods without a node are not counted, and said not to be")
    func pending() {
        let found = editing(ambient) {
            $0.phase = "Pending"
            $0.meta.annotations = [:]
        }
        #expect(found.lines == ["pass namespace shop: 1 of 1 pod in the data plane"])
        #expect(
            found[0].evidence == [
                "1 pod not counted, being Pending or without a node: cart-1"
            ])
    }

    @Test("pods that opt out, host network pods, gateways and finished pods are not concerned")
    func notConcerned() {
        for edit: (inout Pod) -> Void in [
            { $0.meta.labels[LabelKeys.dataplaneMode] = "none" }, { $0.hostNetwork = true },
            { $0.meta.labels["gateway.istio.io/managed"] = "istio.io-gateway-controller" },
            { $0.phase = "Succeeded" },
        ] {
            let found = editing(ambient) {
                $0.meta.annotations = [:]
                edit(&$0)
            }
            #expect(found.lines == ["pass namespace shop: 1 of 1 pod in the data plane"])
        }
        let empty = mesh(namespace("shop", labels: sidecarLabels))
        #expect(rule.findings(in: empty).letPass)
    }

    @Test("a Job that runs counts, and is waited for")
    func jobs() {
        var state = ambient
        let job = controller(.job, "shop/batch", replicas: 1)
        state.workloads += job.workloads
        state.pods += job.pods
        let found = rule.findings(in: state.sorted)
        #expect(
            found.lines == [
                "fail Job shop/batch: 0 of 1 pod in the data plane: pod batch-0 is not captured"
            ])
        let sidecars = mesh(
            namespace("shop", labels: sidecarLabels), controller(.job, "shop/batch", replicas: 1))
        #expect(rule.findings(in: sidecars)[0].hint?.contains("wait") == true)
    }

    @Test("a pod without a controller fails, unless the plan file says that it may stay")
    func unmanaged() {
        let state = mesh(namespace("shop", labels: sidecarLabels), pod("shop/lone"))
        #expect(rule.findings(in: state).verdicts == [.fail])
        let accepted = Enrolled(namespaces: ["shop"], acceptUnmanaged: ["shop": "a test"])
            .findings(in: state)
        #expect(accepted.letPass && accepted[0].evidence[0].hasSuffix("may stay as it is: a test"))
    }

    @Test("a pod that is not ready fails; one that keeps inbound traffic out is told")
    func readiness() {
        #expect(editing(ambient) { $0.isReady = false }.verdicts == [.fail])
        let bypass = editing(ambient) {
            $0.meta.annotations[LabelKeys.bypassInboundCapture] = "true"
        }
        #expect(bypass.letPass && bypass[0].evidence[0].contains("bypass-inbound-capture"))
    }

    @Test("an istiod of the asked revision makes another one wrong; without it a tag is possible")
    func revisionOrTag() {
        var state = sidecar
        state.injectors.webhooks = []
        #expect(rule.findings(in: state).verdicts == [.inconclusive])
        state.surroundings.controlPlanes = [
            ControlPlane(meta: ObjectMeta(name: "istiod"), revision: "prod")
        ]
        #expect(rule.findings(in: state).verdicts == [.fail])
    }

    @Test("it does not pass when something that it needs is missing")
    func missing() {
        expectNoPass(
            of: rule, from: ambient,
            without: [
                Missing("the namespace") { $0.namespaces = [] },
                Missing("istio-cni's settings") { $0.surroundings.cni = nil },
                .status(ofPods: "app", "cart"),
            ])
        expectNoPass(
            of: rule, from: sidecar,
            without: [
                Missing("the namespace") { $0.namespaces = [] },
                Missing("webhooks") {
                    $0.revisions = nil
                    $0.injectors.webhooks = []
                },
                Missing("revisions of sidecars") { state in
                    state = state.editingPods { $0.meta.annotations[LabelKeys.revision] = nil }
                },
                .status(ofPods: "app", "cart"),
            ])
        #expect(Enrolled(namespaces: []).findings(in: ambient).verdicts == [.inconclusive])
    }
}
