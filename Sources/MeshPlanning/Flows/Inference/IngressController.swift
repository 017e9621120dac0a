/// How the pods of an ingress controller are known: by the labels that its charts and manifests give them.
struct IngressController {
    /// `spec.controller` of its IngressClasses, or how it begins.
    let controller: String
    /// How its class is commonly called, for Ingresses whose class has no IngressClass.
    let className: String
    /// Each is enough. They are those of the proxies, where the controller has pods of its own.
    let labels: [[String: String]]

    static func named(_ text: String) -> IngressController? {
        known.first { $0.controller == text || text.hasPrefix($0.controller + "/") }
    }

    static func ofClass(_ name: String) -> IngressController? {
        known.first { $0.className == name }
    }

    private static let known = [
        IngressController(
            controller: "k8s.io/ingress-nginx", className: "nginx",
            labels: [
                [name: "ingress-nginx", component: "controller"], ["app": "ingress-nginx"],
                ["app": "nginx-ingress", "component": "controller"],
            ]),
        IngressController(
            controller: "nginx.org/ingress-controller", className: "nginx-org",
            labels: [[name: "nginx-ingress"], ["app": "nginx-ingress"]]),
        IngressController(
            controller: "traefik.io/ingress-controller", className: "traefik",
            labels: [[name: "traefik"], ["app": "traefik"], ["k8s-app": "traefik-ingress-lb"]]),
        IngressController(
            controller: "haproxy.org/ingress-controller", className: "haproxy",
            labels: [[name: "kubernetes-ingress"], ["run": "haproxy-ingress"]]),
        IngressController(
            controller: "haproxy-ingress.github.io/controller", className: "haproxy-ingress",
            labels: [[name: "haproxy-ingress"]]),
        IngressController(
            controller: "ingress-controllers.konghq.com/kong", className: "kong",
            labels: [[name: "kong"], ["app": "ingress-kong"], ["app": "proxy-kong"]]),
        IngressController(
            controller: "projectcontour.io", className: "contour",
            labels: [[name: "contour", component: "envoy"], ["app": "envoy"]]),
        IngressController(
            controller: "istio.io/ingress-controller", className: "istio",
            labels: [["istio": "ingressgateway"], ["istio": "ingress"]]),
        IngressController(
            controller: "getambassador.io/ingress-controller", className: "ambassador",
            labels: [[name: "emissary-ingress"], [name: "edge-stack"], [name: "ambassador"]]),
    ]

    private static let name = "app.kubernetes.io/name"
    private static let component = "app.kubernetes.io/component"
}
