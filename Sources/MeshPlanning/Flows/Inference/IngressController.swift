/// An ingress controller: which classes are its own, and how its pods are known.
///
/// The source of each is its Helm chart or manifest, cited in the table as repository and path.
struct IngressController {
    /// What `spec.controller` of its IngressClasses is, or what it begins with before a slash; empty for one
    /// that goes by annotation alone.
    let controllers: [String]
    /// The classes that it takes without an IngressClass: by the annotation `kubernetes.io/ingress.class`,
    /// or because it looks at the class's name alone. Several controllers may take one.
    let classNames: [String]
    /// The labels of the pods that open the connections; each set is enough. Empty where no pods of the
    /// cluster do: a load balancer of the cloud, or a proxy on the nodes.
    let labels: [[String: String]]

    var hasPods: Bool { !labels.isEmpty }

    /// The controllers of an IngressClass.
    static func named(_ text: String) -> [IngressController] {
        known.filter { $0.controllers.contains { text == $0 || text.hasPrefix($0 + "/") } }
    }

    /// The controllers that take a class of which there is no IngressClass.
    static func ofClass(_ name: String) -> [IngressController] {
        known.filter { $0.classNames.contains(name) }
    }

    private static let known = inPods + outside

    private static let inPods = [
        // kubernetes/ingress-nginx charts/ingress-nginx/templates/{_helpers.tpl,controller-deployment.yaml},
        // internal/ingress/controller/ingressclass/ingressclass.go; rancher's chart has a name of its own;
        // before them its early manifests, and
        // helm/charts stable/nginx-ingress/templates/controller-deployment.yaml
        IngressController(
            controllers: ["k8s.io/ingress-nginx"], classNames: ["nginx"],
            labels: [
                [name: "ingress-nginx", component: "controller"],
                [name: "rke2-ingress-nginx", component: "controller"],
                ["app": "ingress-nginx"], ["app": "nginx-ingress", "component": "controller"],
            ]),
        // nginx/kubernetes-ingress charts/nginx-ingress/{values.yaml,templates/_helpers.tpl},
        // charts/nginx-ingress/templates/controller-ingress-class.yaml,
        // deployments/deployment/nginx-ingress.yaml
        IngressController(
            controllers: ["nginx.org/ingress-controller"], classNames: ["nginx"],
            labels: [[name: "nginx-ingress"]]),
        // traefik/traefik-helm-chart traefik/templates/{_helpers.tpl,_podtemplate.tpl,ingressclass.yaml};
        // helm/charts stable/traefik/templates, and the example manifests of Traefik 1
        IngressController(
            controllers: ["traefik.io/ingress-controller"], classNames: ["traefik"],
            labels: [[name: "traefik"], ["app": "traefik"], ["k8s-app": "traefik-ingress-lb"]]),
        // haproxytech/helm-charts kubernetes-ingress/templates/{_helpers.tpl,controller-ingressclass.yaml},
        // kubernetes-ingress/values.yaml; haproxytech/kubernetes-ingress deploy/haproxy-ingress.yaml
        IngressController(
            controllers: ["haproxy.org/ingress-controller"], classNames: ["haproxy"],
            labels: [[name: "kubernetes-ingress"], ["run": "haproxy-ingress"]]),
        // haproxy-ingress/charts haproxy-ingress/templates/_helpers.tpl; jcmoraisjr/haproxy-ingress
        // docs/content/en/docs/configuration/command-line.md, docs/haproxy-ingress.yaml
        IngressController(
            controllers: ["haproxy-ingress.github.io/controller"], classNames: ["haproxy"],
            labels: [[name: "haproxy-ingress"], ["run": "haproxy-ingress"]]),
        // Kong/charts charts/kong/templates/{_helpers.tpl,ingress-class.yaml}, charts/ingress/Chart.yaml (its
        // proxies are called `gateway`); Kong's all-in-one manifests
        IngressController(
            controllers: ["ingress-controllers.konghq.com/kong"], classNames: ["kong"],
            labels: [
                [name: "kong", component: "app"], [name: "gateway", component: "app"],
                ["app": "proxy-kong"], ["app": "ingress-kong"],
            ]),
        // projectcontour/contour examples/contour/03-envoy.yaml;
        // bitnami/charts bitnami/contour/templates/envoy/daemonset.yaml
        IngressController(
            controllers: ["projectcontour.io"], classNames: ["contour"],
            labels: [[name: "contour", component: "envoy"], ["app": "envoy"]]),
        // istio/istio pilot/pkg/config/kube/ingress/{virtualservices.go,gateways.go},
        // manifests/charts/gateway/templates/_helpers.tpl
        IngressController(
            controllers: ["istio.io/ingress-controller"], classNames: ["istio"],
            labels: [["istio": "ingressgateway"], ["istio": "ingress"]]),
        // emissary-ingress/emissary charts/emissary-ingress/templates/deployment.yaml,
        // python/ambassador/src/ambassador/fetch/ingress.py; datawire/edge-stack
        // charts/edge-stack/values.yaml; helm/charts stable/ambassador/templates/deployment.yaml
        IngressController(
            controllers: ["getambassador.io/ingress-controller"], classNames: ["ambassador"],
            labels: [
                ["product": "aes"], [name: "emissary-ingress"], [name: "edge-stack"],
                [name: "ambassador"],
            ]),
    ]

    private static let outside = [
        // kubernetes-sigs/aws-load-balancer-controller
        // pkg/ingress/{class_loader.go,class_annotation_matcher.go}; in EKS Auto Mode it has another name
        IngressController(
            controllers: ["ingress.k8s.aws/alb", "eks.amazonaws.com/alb"], classNames: ["alb"],
            labels: []),
        // kubernetes/ingress-gce pkg/annotations/ingress.go
        IngressController(controllers: [], classNames: ["gce", "gce-internal"], labels: []),
        // Azure/application-gateway-kubernetes-ingress docs/annotations.md, helm/ingress-azure/templates
        IngressController(
            controllers: ["azure/application-gateway"],
            classNames: ["azure/application-gateway", "azure-application-gateway"], labels: []),
        // Azure's Application Gateway for Containers: the IngressClass that its controller makes
        IngressController(
            controllers: ["alb.networking.azure.io/alb-controller"],
            classNames: ["azure-alb-external"], labels: []),
        // cilium/cilium install/kubernetes/cilium/templates/cilium-ingress-class.yaml: Envoy on each node
        IngressController(
            controllers: ["cilium.io/ingress-controller"], classNames: ["cilium"], labels: []),
    ]

    private static let name = "app.kubernetes.io/name"
    private static let component = "app.kubernetes.io/component"
}
