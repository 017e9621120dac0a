import JSON
import MeshModel

/// What happens to a pod between its creation and its being kept: the injector's webhooks.
///
/// The webhooks' selectors are evaluated as an API server does it, from the webhook configurations in
/// the cluster; what istiod then answers is `MeshModel`'s `Injection.isRequired`.
extension SandboxCluster {
    func admit(pod: JSONValue) throws(APIStatus) -> JSONValue {
        var pod = pod
        let account = pod["spec"]?["serviceAccountName"]?.string ?? "default"
        pod.set(["spec", "serviceAccountName"], .string(account))
        pod.set(["spec", "serviceAccount"], .string(account))
        try checkPodLimit(pod)
        try checkPodSecurity(pod)
        try checkQuota(pod)
        guard let webhook = injectionWebhook(for: pod) else { return pod }
        guard isServed(webhook) else {
            guard webhook["failurePolicy"]?.string != "Ignore" else { return pod }
            throw .internalError(
                "failed calling webhook \"\(webhook["name"]?.string ?? "")\": failed to call "
                    + "webhook: Post \"https://istiod.istio-system.svc:443/inject?timeout=10s\": "
                    + "no endpoints available for service \"istiod\"")
        }
        let answer = Injection.isRequired(
            namespaceName: pod.namespaceName, podLabels: pod.labels,
            podAnnotations: pod.annotations, hostNetwork: pod.isHostNetwork,
            settings: InjectorSettings())
        guard answer.injects, !Istio.hasSidecar(pod) else { return pod }
        return injected(pod, revision: webhook["revision"]?.string ?? Injection.defaultRevision)
    }

    /// The first webhook of an injector whose selectors match, with the revision that it stands for.
    private func injectionWebhook(for pod: JSONValue) -> JSONValue? {
        let labels = namespaceLabels(pod.namespaceName)
        for configuration in list("mutatingwebhookconfigurations.admissionregistration.k8s.io") {
            guard configuration.labels["app"] == "sidecar-injector" else { continue }
            for var webhook in configuration["webhooks"]?.array ?? [] {
                guard LabelQuery(selector: webhook["namespaceSelector"]).matches(labels),
                    LabelQuery(selector: webhook["objectSelector"]).matches(pod.labels)
                else { continue }
                let revision = configuration.labels[LabelKeys.revision]
                webhook["revision"] = .string(revision ?? Injection.defaultRevision)
                return webhook
            }
        }
        return nil
    }

    /// istiod's validating webhook is asked about what is made or changed of Istio's, with `failurePolicy: Fail`;
    /// about no deletion (istio `manifests/charts/istio-control/istio-discovery/templates/validatingwebhookconfiguration.yaml`).
    func askIstiod(_ resource: SandboxResource) throws(APIStatus) {
        guard Self.validated.contains(resource.group),
            object("services", "istio-system", "istiod") != nil, !isServed([:])
        else { return }
        throw .internalError(
            "failed calling webhook \"validation.istio.io\": failed to call webhook: Post "
                + "\"https://istiod.istio-system.svc:443/validate?timeout=10s\": "
                + "no endpoints available for service \"istiod\"")
    }

    private static let validated: Set<String> = [
        "security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io",
    ]

    private func isServed(_ webhook: JSONValue) -> Bool {
        let service = webhook["clientConfig"]?["service"]
        let namespace = service?["namespace"]?.string ?? "istio-system"
        let name = service?["name"]?.string ?? "istiod"
        guard let found = object("services", namespace, name) else { return false }
        let selector = found["spec"]?["selector"]?.stringMap ?? [:]
        return list("pods", in: namespace).contains { pod in
            pod.isReadyPod && selector.allSatisfy { pod.labels[$0.key] == $0.value }
        }
    }

    /// The sidecar of istio's `injection-template.yaml`, as far as anybody can see it from outside.
    private func injected(_ pod: JSONValue, revision: String) -> JSONValue {
        var pod = pod
        let image = JSONValue.string("docker.io/istio/proxyv2:\(istioVersion)")
        var proxy: JSONValue = [
            "name": .string(Istio.proxyContainer), "image": image,
            "args": ["proxy", "sidecar"], "imagePullPolicy": "IfNotPresent", "resources": [:],
            "ports": [["name": "http-envoy-prom", "containerPort": 15090, "protocol": "TCP"]],
        ]
        let hasCNI = !list("daemonsets.apps").filter { $0.name == "istio-cni-node" }.isEmpty
        let setUp: JSONValue = [
            "name": hasCNI ? "istio-validation" : "istio-init", "image": image,
            "args": ["istio-iptables"], "resources": [:],
        ]
        var initial = pod["spec"]?["initContainers"]?.array ?? []
        var main = pod["spec"]?["containers"]?.array ?? []
        let isNative = pod.annotations["sidecar.istio.io/nativeSidecar"] == "true"
        if isNative {
            proxy["restartPolicy"] = "Always"
            initial.insert(contentsOf: [setUp, proxy], at: 0)
        } else {
            initial.insert(setUp, at: 0)
            main.append(proxy)
        }
        pod.set(["spec", "initContainers"], .array(initial))
        pod.set(["spec", "containers"], .array(main))
        if pod.labels["security.istio.io/tlsMode"] == nil {
            pod.setLabel("security.istio.io/tlsMode", "istio")
        }
        pod.setAnnotation(LabelKeys.revision, revision)
        let inMain = isNative ? "" : "\"istio-proxy\""
        let inInitial = isNative ? ",\"istio-proxy\"" : ""
        pod.setAnnotation(
            LabelKeys.sidecarStatus,
            "{\"initContainers\":[\"\(hasCNI ? "istio-validation" : "istio-init")\"\(inInitial)],"
                + "\"containers\":[\(inMain)],\"revision\":\"\(revision)\"}")
        return pod
    }

    /// From istiod's image tag, so that an upgrade in the cluster shows in its pods.
    var istioVersion: String {
        let istiod = list("deployments.apps").first { $0.labels["app"] == "istiod" }
        let image = istiod?["spec"]?["template"]?["spec"]?["containers"]?.array?.first?["image"]
        return image?.string?.split(separator: ":").last.map(String.init) ?? "1.24.0"
    }
}
