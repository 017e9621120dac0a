import JSON

/// An Istio installation as its charts leave it: the parts that anything looks at.
struct IstioObjects {
    let version: String
    /// With ztunnel and istio-cni.
    let isAmbient: Bool
    private let root = "istio-system"

    init(version: String, isAmbient: Bool) {
        self.version = version
        self.isAmbient = isAmbient
    }

    /// istiod and its configuration. The webhooks come later: nothing could answer them yet.
    var controlPlane: [JSONValue] {
        let namespace = ScenarioObjects.namespace(root, [:])
        return [namespace, meshConfiguration, istiodService, istiod]
    }

    var dataPlane: [JSONValue] {
        [webhooks] + (isAmbient ? [cniConfiguration, cni, ztunnel] : [])
    }

    /// The chart's defaults (istio `manifests/charts/istio-cni/values.yaml`).
    private var cniConfiguration: JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": "istio-cni-config", "namespace": .string(root)],
            "data": [
                "AMBIENT_ENABLED": "true", "CURRENT_AGENT_VERSION": .string(version),
                "EXCLUDE_NAMESPACES": "kube-system",
            ],
        ]
    }

    private var meshConfiguration: JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": "istio", "namespace": .string(root)],
            "data": [
                "mesh":
                    "accessLogFile: /dev/stdout\nenableAutoMtls: true\nrootNamespace: istio-system\ntrustDomain: cluster.local\n",
                "meshNetworks": "networks: {}",
            ],
        ]
    }

    private let istiodLabels: [String: String] = ["app": "istiod", "istio": "pilot"]

    private var istiodService: JSONValue {
        [
            "apiVersion": "v1", "kind": "Service",
            "metadata": [
                "name": "istiod", "namespace": .string(root), "labels": JSONValue(istiodLabels),
            ],
            "spec": [
                "selector": JSONValue(istiodLabels),
                "ports": [
                    ["name": "grpc-xds", "port": 15010], ["name": "https-dns", "port": 15012],
                    ["name": "https-webhook", "port": 443, "targetPort": 15017],
                    ["name": "http-monitoring", "port": 15014],
                ],
            ],
        ]
    }

    private var istiod: JSONValue {
        workload(
            "Deployment", "istiod", istiodLabels,
            podLabels: [
                "istio.io/rev": "default", "sidecar.istio.io/inject": "false",
                "istio.io/dataplane-mode": "none",
            ],
            container: "discovery", image: "pilot", ports: [15010, 15012, 15014, 15017],
            environment: ["PILOT_ENABLE_AMBIENT": isAmbient ? "true" : "false"])
    }

    private var ztunnel: JSONValue {
        workload(
            "DaemonSet", "ztunnel", ["app": "ztunnel"],
            podLabels: ["sidecar.istio.io/inject": "false", "istio.io/dataplane-mode": "none"],
            container: "istio-proxy", image: "ztunnel", ports: [15020, 15008])
    }

    private var cni: JSONValue {
        var set = workload(
            "DaemonSet", "istio-cni-node", ["k8s-app": "istio-cni-node"],
            podLabels: ["sidecar.istio.io/inject": "false", "istio.io/dataplane-mode": "none"],
            container: "install-cni", image: "install-cni", ports: [15014])
        set.set(["spec", "template", "spec", "hostNetwork"], true)
        return set
    }

    private func workload(
        _ kind: String, _ name: String, _ labels: [String: String], podLabels: [String: String],
        container: String, image: String, ports: [Int], environment: [String: String] = [:]
    ) -> JSONValue {
        var main: JSONValue = [
            "name": .string(container), "image": .string("docker.io/istio/\(image):\(version)"),
            "ports": .array(ports.map { ["containerPort": JSONValue($0)] }),
        ]
        if !environment.isEmpty {
            main["env"] = .array(
                environment.sorted { $0.key < $1.key }.map {
                    ["name": .string($0.key), "value": .string($0.value)]
                })
        }
        return [
            "apiVersion": "apps/v1", "kind": .string(kind),
            "metadata": [
                "name": .string(name), "namespace": .string(root),
                "labels": JSONValue(
                    labels.merging(["app.kubernetes.io/managed-by": "Helm"]) { $1 }),
            ],
            "spec": [
                "selector": ["matchLabels": JSONValue(labels)],
                "template": [
                    "metadata": ["labels": JSONValue(labels.merging(podLabels) { $1 })],
                    "spec": ["containers": [main]],
                ],
            ],
        ]
    }

    /// The four webhooks of the unrevisioned install
    /// (istio `manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml`).
    private var webhooks: JSONValue {
        let inject = "sidecar.istio.io/inject"
        let (rev, injection) = ("istio.io/rev", "istio-injection")
        func no(_ key: String) -> JSONValue { ["key": .string(key), "operator": "DoesNotExist"] }
        func value(_ key: String, _ operation: String, _ value: String) -> JSONValue {
            ["key": .string(key), "operator": .string(operation), "values": [.string(value)]]
        }
        func webhook(_ name: String, _ spaces: [JSONValue], _ pods: [JSONValue]) -> JSONValue {
            [
                "name": .string("\(name).sidecar-injector.istio.io"),
                "clientConfig": [
                    "service": [
                        "name": "istiod", "namespace": .string(root), "path": "/inject",
                        "port": 443,
                    ]
                ],
                "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "rules": [
                    [
                        "operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"],
                        "resources": ["pods"],
                    ]
                ],
                "namespaceSelector": ["matchExpressions": .array(spaces)],
                "objectSelector": ["matchExpressions": .array(pods)],
            ]
        }
        let notOff = value(inject, "NotIn", "false")
        return [
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": [
                "name": "istio-sidecar-injector",
                "labels": ["app": "sidecar-injector", "istio.io/rev": "default"],
            ],
            "webhooks": [
                webhook(
                    "rev.namespace", [value(rev, "In", "default"), no(injection)], [notOff]),
                webhook(
                    "rev.object", [no(rev), no(injection)], [notOff, value(rev, "In", "default")]),
                webhook("namespace", [value(injection, "In", "enabled")], [notOff]),
                webhook(
                    "object", [no(injection), no(rev)], [value(inject, "In", "true"), no(rev)]),
            ],
        ]
    }
}
