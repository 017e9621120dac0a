/// `docs/flows.md` word for word; `UPDATE_GOLDEN=1 swift test --filter ManualPageTests` rewrites it.
enum FlowsPage {
    static let text = #"""
        # Flows

        A flow is a client that opens connections to a port of a server. `meshctl explain` says what happens to one:

            meshctl explain --from ingress/pod/cloudflared-0 --to default/service/mirai-frontend:80

        Three questions decide, in this order: what does the client's side send; does anything at the server stand
        before the port; and what does that do with the bytes. Each answer has a reason from a closed set; this page
        has a section for every one of them. In the JSON output, `sentBecause` is the answer to the first question and
        `reason` to the other two.

        | outcome | meaning |
        |---|---|
        | `carried` | the application gets what the client's application sent |
        | `refused` | a proxy closes the connection, or answers with an error |
        | `garbled` | the bytes are taken, but the application gets a TLS handshake that it cannot read |
        | `bypassed` | carried past every proxy, from the pod's own node: no policy holds, and no metric shows it |
        | `unknown` | cannot be judged from what was read |
        | `mixed` | the endpoints fare differently |

        CLIENT is `NAMESPACE/pod/NAME`, `NAMESPACE/deployment/NAME` (any workload kind: each pod is a client), `external`,
        `apiserver`, or `node/NAME` (a process on that node's host network). SERVER is `NAMESPACE/service/NAME:PORT` (the
        Service's port), or `NAMESPACE/pod/NAME:PORT` and `NAMESPACE/deployment/NAME:PORT` (the container's port, by the pods'
        own addresses). A host outside the cluster is `host/NAME:PORT`, or `NAME:PORT` where NAME has a dot; one that is a
        Service's name (`cart.shop.svc.cluster.local`), or a pod's or Service's address, means that. `--send` and `--protocol` say what is sent in place of what the client's data plane would.

        With `-o json` (`seenAs` holds what client and proxies would show; `mode` is what the server's own data plane
        enforces on the port, `NONE` where nothing does; `client` is there only when the pods of a workload fare
        differently; `template` names the controller where its pods are still to come, and then `pod` is null):

        ```json
        {"formatVersion": "1.0", "kind": "FlowExplanation",
         "from": "ingress/pod/cloudflared-0", "to": "default/service/mirai-frontend:80",
         "endpoints": [{"pod": "default/mirai-frontend-0", "address": "10.244.0.7", "port": 3000,
           "sent": "plaintext", "sentBecause": "client-without-proxy", "mode": "STRICT",
           "decidedBy": ["default/default"],
           "policies": [{"scope": "namespace", "policy": "default/default", "mode": "STRICT", "ports": {},
             "role": "decides", "because": "decides"}],
           "outcome": "refused", "reason": "strict-refuses-plaintext",
           "seenAs": ["curl: (56) Recv failure: Connection reset by peer"]}],
         "outcome": "refused", "notes": [], "assumptions": []}
        ```

        A host outside the cluster has no endpoints: `endpoints` is `[]`, and what happens to the flow stands under `outside`,
        once for all pods of the client unless they fare differently, with `client` then. `reason` at the top is there when
        all agree. In each of the `stages` it is the same.

        ```json
        {"from": "web/pod/web-0", "to": "api.example.com:443", "endpoints": [],
         "outside": [{"host": "api.example.com", "port": 443, "sent": "plaintext", "sentBecause": "outside-egress",
           "outcome": "refused", "reason": "registry-only", "seenAs": ["Connection reset by peer (BlackHoleCluster)"]}],
         "outcome": "refused", "reason": "registry-only"}
        ```

        `policies` is the chain from the mesh to the workload, winners and losers; the roles are [below](#roles-of-policies).

        With a plan file (`-f`, or the only one in `plans/`), `plan` names it and `stages` tells the flow as it is after each
        stage: `{"stage", "blocked", "outcome", "endpoints", "blockedBy"}`. Where the plan is blocked, `blockedBy` has the
        codes of its errors; if it is blocked for what it would break, the verdict is what it would lead to, else it is
        `unknown`. A plan file that cannot be used is named on standard
        error, and the rest is told without.

        `meshctl explain NAMESPACE/KIND/NAME[:PORT]` (a workload, pod or Service) asks the other way round: which data plane
        the pods have, what labels ask for and what a restart would give, which policies decide, and what each kind of
        client meets at each port. Pods that are alike in all of it stand together:

        ```json
        {"formatVersion": "1.0", "kind": "WorkloadExplanation", "workload": "shop/statefulset/cart", "mode": "STRICT",
         "pods": [{"pods": ["shop/cart-0", "shop/cart-1"], "template": false, "dataPlane": "sidecar",
           "injection": {"onRestart": true, "webhook": null, "reason": "namespace-label"},
           "ambient": {"wanted": false, "captured": false, "reason": "not-requested"},
           "onRestart": "sidecar", "reachedBy": ["mtls"],
           "mtls": {"mode": "STRICT", "ports": {}, "decidedBy": ["shop/default"]},
           "ztunnelPolicies": [], "policies": [], "notes": [],
           "ports": [{"port": 3000, "declaredAs": "http", "mode": "STRICT", "intercepted": true,
             "services": ["shop/service/cart:80"], "via": "shop/service/cart:80",
             "clients": [{"client": "plain", "sent": "plaintext", "sentBecause": "client-without-proxy",
               "outcome": "refused", "reason": "strict-refuses-plaintext", "seenAs": []}]}]}],
         "assumptions": []}
        ```

        The kinds of client are `sidecar`, `ambient`, `gateway`, `plain` (a pod without a data plane), `external`, and `node`
        (a process on the host network of the pod's own node). The entry whose `port` is null stands for all other ports.
        `onRestart` is null for a pod that nothing would make again. Its `stages` have `mode` and `pods`.

        Input may be partial: what was missing and taken for granted is listed under `assumptions`. In manifests without
        pods a controller is judged by its template, also behind a Service: unless the Service has EndpointSlices, or
        pods that its selector selects and that are not ready, which say that there is no endpoint.

        Verdicts are about mTLS alone: AuthorizationPolicy, NetworkPolicy, routes and whether a process listens are not
        judged, nor is reachability (`external` may name a pod). `kubectl port-forward` and probes of the pod's own
        kubelet are not flows here: both go past sidecars, and past ztunnel.

        # Carried

        ## plaintext-accepted

        The port's effective mode is PERMISSIVE or DISABLE, so plaintext is accepted. Under STRICT this flow would be
        refused: bring the client into the mesh, or keep an exception for the container port.

        ## mtls-accepted

        The server's sidecar terminates the mesh's own mTLS. Carried under STRICT and PERMISSIVE.

        ## hbone-accepted

        HBONE is mTLS on port 15008. It carries the client's identity, passes every mode, and no PeerAuthentication can
        forbid it; excluded ports do not matter to it either.

        ## tls-passed-through

        TLS of the client's own goes through to the application as it is, because the port is not declared as HTTP and
        the mode is not STRICT. The application must speak TLS itself. Under STRICT the flow would be refused.

        ## no-enforcement

        The server has no data plane (no sidecar, not captured by ztunnel, or on the host network), so no policy holds
        there, STRICT ones included. Plaintext reaches the application.

        ## port-not-intercepted

        The server has a sidecar, but its redirection leaves this port out: `traffic.sidecar.istio.io/excludeInboundPorts`,
        `includeInboundPorts` without it, `sidecar.istio.io/interceptionMode: NONE`, or one of 15020, 15021 and 15090,
        which are never redirected. STRICT does not protect such a port. ztunnel knows no such exclusions: after a move
        to ambient the port is under policy.

        ## udp-not-intercepted

        Neither sidecars nor ztunnel handle UDP: it is plaintext always, and always allowed.

        ## gateway-listener

        The server is a gateway or a waypoint. Its own listeners decide what it takes, which PeerAuthentication has no
        say in. Plaintext and TLS are its business and count as carried; what it does with mesh mTLS is `unknown`.

        ## outside-host

        The server is a host outside the cluster. The connection leaves, and nothing of the mesh stands before the host; what
        the host itself takes is not judged. `plaintext` means the application's own bytes: an application that speaks TLS
        itself goes on to do so. `tls` is the proxy's, for a DestinationRule of mode SIMPLE or MUTUAL.

        # Bypassed

        ## node-local

        istio-cni lets processes in the host's network on the pod's own node reach captured pods directly, because
        kubelet's probes must. So a node agent reaches pods on its node under STRICT, unseen, and is refused by pods on
        other nodes. The verdict takes istio-cni to use iptables unless its ConfigMap says otherwise; with nftables only
        processes of kubelet's user bypass.

        # Refused

        ## strict-refuses-plaintext

        The port is STRICT, and the client sends plaintext. Either the client gets a data plane, or the port an
        exception: a PeerAuthentication with the pods' selector and `portLevelMtls` for the **container** port.

        ## strict-refuses-tls

        The port is STRICT, and the TLS that arrives carries no certificate of the mesh. Webhooks and other servers with
        TLS of their own meet this, as do DestinationRules of mode SIMPLE or MUTUAL.

        ## strict-refuses-legacy-mtls

        Envoy's own mTLS reached ztunnel, which understands HBONE alone: for it the connection has no identity. It comes
        from a DestinationRule with ISTIO_MUTUAL for a headless Service of ambient pods.

        ## policy-refuses-everybody

        The server is in ambient, and its istiod is older than 1.24.3 (or 1.23.5). A PeerAuthentication with exceptions
        for ports, without a mode of its own, under an inherited STRICT becomes a policy there that refuses all other
        ports to everybody, HBONE included (istio issue 53884). Give the PeerAuthentication an explicit `mtls.mode`.

        ## http-port-refuses-tls

        The port is PERMISSIVE and declared as HTTP. Its listener has filter chains for plaintext HTTP and for the
        mesh's mTLS, and none for other TLS. Declare the port as TCP or HTTPS if the application speaks TLS.

        ## http-protocol-error

        The port is declared as HTTP, and what arrives is no HTTP: raw TCP, or TLS while the mode is DISABLE. The
        server's proxy answers with a protocol error. Declare the port as what it is.

        ## registry-only

        The client's sidecar does not know the host or address, and its outbound policy is REGISTRY_ONLY, the mesh
        configuration's or its own `Sidecar` resource's: the connection ends in BlackHoleCluster, at the client. Declare a host
        outside the cluster under `external`, which makes a ServiceEntry with this port; add the host to the `Sidecar` resource
        (`egress`) if there is one. ztunnel knows no REGISTRY_ONLY.

        # Garbled

        ## mtls-to-plain-server

        The client sends mTLS to a pod without a data plane: the application gets the handshake. A DestinationRule with
        ISTIO_MUTUAL does this; automatic mTLS looks at each pod and does not.

        ## mtls-to-excluded-port

        The client sends mTLS to a port that the server's sidecar does not intercept. istiod knows nothing of
        excluded ports, so automatic mTLS does this. Set DISABLE for the port, in a DestinationRule's
        `portLevelSettings` or in the server's `portLevelMtls`; for a headless Service only the first works.

        ## mtls-not-terminated

        The server's proxy takes the connection, but does not terminate the mTLS in it: a sidecar whose mode is DISABLE,
        or ztunnel where it accepts plaintext, to which Envoy's mTLS is nothing but bytes.

        # Unknown

        ## no-endpoints

        No ready pod is behind the Service's port, so there is nobody to judge. Without EndpointSlices in the input,
        the endpoints are the ready pods that the selector selects and that have the named target port.

        ## external-name

        The Service is a name for a host outside the cluster. What that host takes is not the mesh's to say.

        ## node-unknown

        The client is a process on a node's network, and whether the pod is on the same node is not known. On the
        same node it goes past ztunnel, from another it is refused. With several API servers, one of them on the pod's
        node, either may happen.

        ## node-user-unknown

        The client is a process on the pod's own node, and istio-cni uses nftables (`NATIVE_NFTABLES` in `istio-cni-config`):
        only processes of kubelet's user, usually root, go past ztunnel there, and of which user the client is nothing says.

        ## capture-pending

        The pod is redirected already, while ztunnel does not hold it yet (`ambient.istio.io/redirection: pending`).
        Until it does, the pod's connections fail.

        ## waypoint-to-sidecar

        A waypoint calls a sidecar that was injected without HBONE. Istio's code and Istio's tests disagree on what
        it sends, and here the answer matters. Restart the server's pods, so that they take HBONE.

        ## gateway-to-pod-ip

        Gateways route to Services. What one sends to a bare pod address depends on routes that are not read.

        ## address-unknown

        The client's pod has annotations that exclude or include address ranges, and the destination's address is not
        in the input. A host outside the cluster is judged all the same where both ways carry the same bytes.

        ## mtls-to-outside-host

        A DestinationRule with ISTIO_MUTUAL is for a host outside the mesh. Only a host with a certificate of the mesh's root,
        such as the gateway of another mesh, completes the handshake. With any other the client's proxy answers 503 with the
        flag UF. Use SIMPLE or MUTUAL.

        ## host-in-mesh

        A ServiceEntry says that the host is a workload of the mesh: `location: MESH_INTERNAL`, a `workloadSelector`, or
        endpoints with the addresses of pods. What is sent there, and taken, hangs on its endpoints, such as virtual machines,
        which are not read. Name the Service or the pods instead, where there are such.

        ## gateway-to-unknown-host

        The client is a gateway or a waypoint, and no ServiceEntry that it sees names the host and port. Its routes lead to
        hosts of the registry alone.

        ## registry-unread

        ServiceEntries may not be listed. Whether the client's proxy knows the host decides, by REGISTRY_ONLY or by a
        gateway's routes.

        # What is sent

        ## forced

        `--send` was given: the client's own data plane does not count.

        ## client-without-proxy

        The client is outside the mesh, on the host network, or without a data plane: what it sends is plaintext.

        ## outbound-excluded

        Annotations of the client's pod keep the connection from its sidecar: `excludeOutboundPorts`,
        `excludeOutboundIPRanges`, `includeOutboundIPRanges` or `interceptionMode: NONE`. ztunnel ignores them all.

        ## udp

        UDP is left alone by every proxy.

        ## auto-mtls

        No DestinationRule says otherwise, and the endpoint's pod has the label `security.istio.io/tlsMode: istio`, so
        the client's proxy uses mTLS for this endpoint.

        ## auto-mtls-off

        The mesh configuration has `enableAutoMtls: false`, and no DestinationRule sets a mode.

        ## namespace-disable

        Clients guess a Service's mode from the policies of the mesh and its namespace, never from those of workloads.
        They say DISABLE, so plaintext is sent, even where a workload's own policy is STRICT and refuses it.

        ## port-disable

        The endpoint's effective mode for the port is DISABLE, so automatic mTLS leaves this endpoint out. This does not
        hold for headless Services, where clients go on to send mTLS.

        ## destination-rule

        A DestinationRule sets the TLS mode. The client's namespace is asked first, then the Service's, then the root
        namespace; the first with a matching host decides alone, and a port's own settings replace the rest.

        ## server-takes-hbone

        The endpoint is held by ztunnel, or its sidecar was injected with HBONE (label `networking.istio.io/tunnel`).
        HBONE takes the place of any other mTLS; TLS that a DestinationRule asks for goes inside it.

        ## server-without-sidecar

        The endpoint is marked neither for mTLS nor for HBONE: it gets plaintext.

        ## server-without-tunnel

        ztunnel speaks HBONE alone. The server's sidecar was injected before HBONE was enabled and lacks the label
        `networking.istio.io/tunnel: http`, so an ambient client sends it plaintext, which STRICT refuses. Restart it.

        ## headless-all-injected

        For a headless Service a sidecar makes one choice for all pods. All of them have sidecars, so it is mTLS, also
        for ports whose own mode is DISABLE.

        ## headless-not-all-injected

        A pod behind the headless Service has no sidecar, or there is no pod: all get plaintext, the injected ones too,
        which refuse it under STRICT. Ambient pods count as having none: a sidecar never sends them HBONE this way.

        ## pod-ip-passthrough

        A sidecar does not know pod addresses: calls to one leave through PassthroughCluster in plaintext, unless a
        headless Service's TCP port covers it. Call the Service instead. ztunnel does know pods.

        ## outside-egress

        The client's sidecar does not know the host: its `Sidecar` resource does not list it, or it is outside the cluster, and no
        ServiceEntry that is exported to the client's namespace has this port of it. With outbound ALLOW_ANY, the default, the
        call leaves in plaintext, through PassthroughCluster, and DestinationRules for the host count for nothing; with
        REGISTRY_ONLY it is refused.

        ## waypoint-hop

        The traffic comes from a waypoint, or goes through one, and the endpoint takes no HBONE.

        ## host-outside-mesh

        The host is outside the mesh. ztunnel passes the connection on; a sidecar that knows the host from a ServiceEntry adds
        no mTLS of its own, whatever the mesh's mode, unless a DestinationRule says so.

        # Where flows come from

        A rollout keeps what it knows of. `plan`, `apply` and `rollback` know a flow from the plan file (`flows`, *declared*),
        from telemetry (*observed*), or from objects of the cluster (*inferred*, by one of the rules below). The same flow from
        several sources counts once: declared beats observed, observed beats inferred, and sure beats doubtful. A *sure* flow that is
        carried today must not break, or the plan is blocked; a break of a *doubtful* one is a warning. `ignoreFlows` and
        `--ignore-flow` dismiss flows.

        An inferred flow whose client's pods cannot be told is one from `external`, somebody without a proxy. UDP ports are left
        out, and so are Services that were not read.

        ## node-port

        A Service of type NodePort or LoadBalancer is there for clients outside the cluster. Sure, for each of its TCP ports:
        that anybody calls is concluded from the type alone.

        ## ingress

        An Ingress leads its controller to the Service of each path and of the default backend. The class decides whose
        controller: `ingressClassName`, else the annotation `kubernetes.io/ingress.class`, else the cluster's default class.
        Sure where the controller's pods are known by the labels that its charts give them: ingress-nginx, NGINX's own,
        Traefik, both HAProxy ones, Kong, Contour, Istio and Emissary. A class that two controllers take by its name (`nginx`,
        `haproxy`) is both's, unless its IngressClass says whose. From `external`, and sure, where no pod of the cluster is
        the proxy: AWS's ALB, Google's load balancers (`gce`, `gce-internal`), Azure's Application Gateways, and Cilium's
        Envoys on the nodes. Else it comes from `external` and is doubtful, since an unknown proxy may well be in the mesh.

        ## gateway-route

        A backend of an HTTPRoute, GRPCRoute, TCPRoute or TLSRoute (mirrors too), or the destination of a VirtualService that
        is bound to an Istio Gateway. Routes whose parent is a Service, and VirtualServices for `mesh`, lead nobody from outside. Sure
        where the gateway's pods are known: by the label `gateway.networking.k8s.io/gateway-name`, behind the Service
        that `spec.addresses` names, as Envoy Gateway labels them, or by the Istio Gateway's `selector`. Else from
        `external`, and doubtful.

        ## scrape-annotation

        `prometheus.io/scrape: "true"` on a pod template or a bare pod asks Prometheus to call each pod at its own address, at
        `prometheus.io/port`, else at every declared port; on a Service, the pods behind it. Sure where Prometheus' pods are
        known, by `app.kubernetes.io/name` or `app` with the value `prometheus`; else from `external`, and doubtful.

        Pods that have a sidecar, or get one by the plan, are left out while Istio merges metrics (`enablePrometheusMerge`, on
        by default): the injector leads the scrape to port 15020, which no policy guards. This ends with a move to
        ambient, so there the application's own port is asked. It does not hold for Services' annotations, nor for pods
        with `prometheus.istio.io/merge-metrics: "false"`.

        ## webhook

        The API server calls the Service of an admission webhook or of a conversion webhook, in TLS of its own. Sure. One
        with a URL in place of a Service is not the cluster's.

        ## api-service

        The API server passes requests for an aggregated API on to the Service of its APIService. Sure.

        ## reference

        A container's environment, command or arguments name a Service. Sure only by the full host name
        (`cart.shop.svc`, with or without the cluster's domain) with a port, and not where the pods name a Service that
        they are behind themselves; else doubtful. Of the text only the recognised name is kept, never what stands
        around it.

        ## headless-peers

        The pods of a StatefulSet with several replicas find each other by the headless Service that `serviceName` names. Sure,
        for each of its ports.

        ## tunnel

        An Ingress of the Cloudflare operator's class leads cloudflared to its backends. The client is the Deployment of the
        tunnel that the class's TunnelIngressClassConfig names, else any cloudflared. Sure. Whether it speaks HTTP or TLS, the operator
        decides by annotations, the port's protocol and name, the class and the port's number, in this order.

        ## mapping

        A Mapping or TCPMapping leads Emissary to a Service: in plaintext, by TLS, or with the mesh's certificate, as its
        TLSContext says. Sure.

        # Injection

        `meshctl status -o json` says for each pod what a restart would give it. `injection.reason` is one of:

        | reason | sidecar | because |
        |---|---|---|
        | `namespace-label` | yes | `istio-injection=enabled` on the namespace |
        | `namespace-revision` | yes | `istio.io/rev` on the namespace |
        | `pod-revision` | yes | `istio.io/rev` on the pod |
        | `pod-label` | yes | `sidecar.istio.io/inject: "true"` as a label |
        | `pod-annotation` | yes | the same as an annotation, once a webhook was called |
        | `always-inject-selector` | yes | the injector's `alwaysInjectSelector` |
        | `default-on` | yes | injection by default |
        | `namespace-disabled` | no | `istio-injection` with another value than `enabled` |
        | `pod-opt-out` | no | `sidecar.istio.io/inject: "false"` |
        | `host-network` | no | the pod is on the host network |
        | `ignored-namespace` | no | `kube-system` and the like are never injected |
        | `never-inject-selector` | no | the injector's `neverInjectSelector` |
        | `policy-off` | no | the injector's policy is disabled |
        | `no-webhook` | no | the labels name a revision that no webhook serves |
        | `not-requested` | no | no label asks for it |

        # Ambient

        `ambient.reason` is one of:

        | reason | enrolled | because |
        |---|---|---|
        | `pod-label` | yes | `istio.io/dataplane-mode: ambient` on the pod |
        | `namespace-label` | yes | the same on the namespace |
        | `pod-opt-out` | no | `istio.io/dataplane-mode: none` on the pod |
        | `excluded-namespace` | no | istio-cni leaves the namespace out |
        | `host-network` | no | the pod is on the host network |
        | `has-sidecar` | no | a sidecar always wins |
        | `not-requested` | no | no label asks for it |

        # Roles of policies

        What becomes of each PeerAuthentication that has, or seems to have, a say about a pod. `by` names the policy that wins
        over it.

        | role | what becomes of the policy |
        |---|---|
        | `decides` | it sets the mode |
        | `decides-ports` | it sets the mode of ports, and has none of its own |
        | `overridden` | a narrower scope sets the mode |
        | `inherits` | it sets no mode |
        | `shadowed` | an older policy of the same scope wins whole |
        | `ignored` | istiod passes it over: a selector in the root namespace; an empty one there, for ambient pods elsewhere |
        | `inert` | nothing at the pod enforces policy |

        # Out of reach

        Istio's own test tables are retold in `Tests/MeshModelTests`. These of their cases `status` and `explain` cannot
        answer, because their question is another:

        | table | cases | reason |
        |---|---|---|
        | `TestPassThroughFilterChain` | those with an AuthorizationPolicy that denies | authorization is not judged; mTLS is, and there the verdicts agree |
        | `TestBuildAutoMtlsSettings` | certificates in the proxy's metadata | they change which certificate is shown, not what is sent |
        | `TestBuildAutoMtlsSettings`, `TestBestEffortInferServiceMTLSMode` | services in the mesh that are no pods | what an entry with MESH_INTERNAL leads to is not read; hosts outside are judged |
        | `TestBestEffortInferServiceMTLSMode` | a headless Service without pods | there is no endpoint to judge: the outcome is `unknown`, `no-endpoints` |
        | `TestReachability` | subsets of the migration cases with a TLS mode of their own | which subset a request takes is a route's choice, by paths and headers; the rule's own policy is judged, and in Istio's cases both say the same |
        | `TestReachability` | other clusters and networks | one cluster is read; a client elsewhere is `unknown` |
        | `TestWorkloadEntryWorkloads` | a WorkloadEntry as a server | verdicts are about pods; the label `networking.istio.io/tunnel` counts on them alike |
        | `TestDetectNativeSidecar`, `TestNativeSidecarAnnotationOverride` | all | whether a sidecar is a native one changes no verdict; hazards ask it for Jobs |
        | `TestGetPodLevelOverrides` | DNS capture, virtual interfaces | neither is about who may connect |
        | `TestValidatePeerAuthentication` | all | istiod's webhook refuses such objects; where one is there all the same, ports of a policy without a selector count for nothing |
        | `Test_analyzeRunningWebhooks` | the words for each webhook | `injection` names the one webhook that is called, and one reason |
        | `analyzers_test.go` | all | `istioctl analyze` answers those; what of it endangers a rollout is a hazard |

        Of Istio itself these are not judged:

        - `ingress.tls` of a `Sidecar` resource, which is off unless istiod has `ENABLE_TLS_ON_SIDECAR_INGRESS`. Ports of
          `ingress` are the pod's ports that clients call and that PeerAuthentications mean; `defaultEndpoint`, where the
          application listens, is neither.
        - Of hosts outside the cluster: what the host takes, VirtualServices that lead its traffic to an egress gateway,
          `defaultServiceExportTo`, egress listeners of a `Sidecar` for one port, `egressProxy`, and that a ServiceEntry for TCP
          without addresses takes the calls to all hosts on its port.
        - Subsets of a DestinationRule, and everything else in a VirtualService.
        - Waypoints of pods; a Service's waypoint counts.
        - `PILOT_AUTO_ALLOW_WAYPOINT_POLICY`, with which ztunnel asks for the waypoint's identity.

        """#
}
