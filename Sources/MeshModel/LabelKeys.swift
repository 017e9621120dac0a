/// The label and annotation keys that decide about data planes, and those that meshctl writes.
package enum LabelKeys {
    package static let injection = "istio-injection"
    package static let revision = "istio.io/rev"
    package static let dataplaneMode = "istio.io/dataplane-mode"
    package static let podInject = "sidecar.istio.io/inject"
    /// Annotation that the injector leaves on a pod it has injected.
    package static let sidecarStatus = "sidecar.istio.io/status"
    /// Annotation that istio-cni sets: `enabled` once ztunnel holds the pod, `pending` before.
    package static let ambientRedirection = "ambient.istio.io/redirection"
    /// Pod label that the injector writes, by which clients know that the pod takes Istio's mTLS.
    package static let tlsMode = "security.istio.io/tlsMode"
    /// Pod label that the injector writes where sidecars take HBONE.
    package static let tunnel = "networking.istio.io/tunnel"
    package static let bypassInboundCapture = "ambient.istio.io/bypass-inbound-capture"
    package static let restartedAt = "kubectl.kubernetes.io/restartedAt"
    package static let managedBy = "app.kubernetes.io/managed-by"
    package static let plan = "meshctl.dev/plan"
    /// On a client rule that a rollout makes for some of its steps and takes away again.
    package static let pin = "meshctl.dev/pin"
    /// On what meshctl keeps in the cluster for itself: what it is.
    package static let kind = "meshctl.dev/kind"
    /// On a part of a checkpoint: of which run.
    package static let run = "meshctl.dev/run"
    /// On the pod of a probe.
    package static let probe = "meshctl.dev/probe"

    package static let managedByMeshctl = "meshctl"
}
