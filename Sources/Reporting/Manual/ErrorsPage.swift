/// `docs/errors.md` word for word; `UPDATE_GOLDEN=1 swift test --filter ManualPageTests` rewrites it.
enum ErrorsPage {
    static let text = #"""
        # Errors

        What clients, Envoy, ztunnel and Kubernetes say when a connection in the mesh does not come about: cause and fix
        of each. `meshctl explain TEXT` finds the section, also from a whole line of a log:

            meshctl explain WRONG_VERSION_NUMBER
            meshctl explain 503 UC
            meshctl explain 'error="connection closed due to policy rejection: explicitly denied by: …"'

        The texts that lead to a section stand in a list below its title, without regard to case. A line that fits several
        sections is told by the first of this page. Whether a flow should be carried at all, and what decides it, is said
        by `meshctl explain --from CLIENT --to SERVER:PORT`; its reasons are in [flows.md](flows.md).

        # ztunnel's own log

        ## XDS client connection error

        - `XDS client connection error`
        - `XDS client error`
        - `gRPC connection error connecting to`

        **Cause.** ztunnel has lost istiod. It goes on with what it knows: new pods, policies and certificates do not arrive.

        **Fix.** Check istiod and the network to it. `Stream established` in a later line says that it has recovered.

        ## XDS client terminated

        - `XDS client terminated`
        - `XDS client complete`
        - `Stream established`

        **Cause.** The stream to istiod ended and is made again, as istiod asks from time to time. Not an error.

        **Fix.** None.

        ## skipping unknown policy

        - `skipping unknown policy`

        **Cause.** The workload refers to a policy that ztunnel does not have. For a moment after a change that is normal.
        If it stays, **no plaintext is refused on any port of the pod**: some shapes of PeerAuthentication make istiod name
        a policy that it never sends (a STRICT port under a PERMISSIVE workload, or a PERMISSIVE port under an unset mode,
        with STRICT from the mesh and no mode on the namespace).

        **Fix.** Give the namespace a policy with an explicit mode, or the workload's policy an explicit `mtls.mode`.

        ## retrying workload failed

        - `retrying workload failed`

        **Cause.** ztunnel could not set itself up inside a pod's network: the pod is not captured yet, and its traffic
        fails until it is (`ambient.istio.io/redirection: pending`).

        **Fix.** Look at the istio-cni pod of that node; restarting the affected pod makes it be added anew.

        # Kubernetes

        ## istiod does not answer the API server

        - `failed calling webhook "namespace.sidecar-injector.istio.io"`
        - `failed calling webhook "rev.namespace.sidecar-injector.istio.io"`
        - `failed calling webhook "object.sidecar-injector.istio.io"`
        - `failed calling webhook "validation.istio.io"`

        **Cause.** The API server calls istiod to inject a sidecar, or to check an Istio resource, and gets no answer. Pods
        of injected namespaces are not made, and Istio's resources cannot be written, until it is back. Deleting
        a PeerAuthentication still works: deletion is not validated.

        **Fix.** `kubectl -n istio-system get pods -l app=istiod` and its log. A webhook of a revision that was removed has
        to go too: `kubectl get mutatingwebhookconfigurations`.

        ## failed calling webhook

        - `failed calling webhook`

        **Cause.** The API server could not call a webhook. If its pods are in the mesh: the API server has no mesh identity,
        so a STRICT port refuses it; in ambient only an API server on the pod's own node gets through, so that
        failures look random.

        **Fix.** An exception for the webhook's **container** port, or keep its pods out of the mesh.

        ## Probes fail

        - `Readiness probe failed`
        - `Liveness probe failed`
        - `Startup probe failed`

        **Cause.** If it began with STRICT: sidecars answer kubelet's probes through the agent, which the injector arranges
        for the containers that it sees. A container that a later webhook adds, and pods with
        `sidecar.istio.io/rewriteAppHTTPProbers: "false"`, are probed on their own port, and refused. In ambient kubelet
        is let past ztunnel, unless a NetworkPolicy blocks 169.254.7.127. With `connection refused` the application does
        not listen.

        **Fix.** Restart the pods, so that the injector rewrites all probes; or an exception for the probed container port.

        ## mesh/namespace peer authentication cannot have port level mTLS

        - `peer authentication cannot have port level mTLS`

        **Cause.** `portLevelMtls` works only in a PeerAuthentication with a selector.

        **Fix.** Write a policy of its own for the workload, with its selector and an explicit `mtls.mode`.

        # Envoy: sidecars and gateways

        Access logs exist only where they are switched on. The response flag stands behind the status: `503 UC`.

        ## The application does not answer

        - `connection failed:`
        - `Connection refused`
        - `delayed connect error`, `delayed_connect_error`
        - `response_flags="CONNECT"`

        **Cause.** The proxy was let through and the application's port is closed: nothing listens there, or only on
        127.0.0.1, or the Service's target port is wrong. It is no matter of mTLS.

        **Fix.** Check that the process listens on the pod's address and on the Service's target port.

        ## WRONG_VERSION_NUMBER

        - `WRONG_VERSION_NUMBER`, `wrong version number`
        - `TLS_error:`
        - `503 UF,URX`, `503 UF`, `503 URX`

        **Cause.** One side speaks TLS, the other plaintext. In the mesh: the client's sidecar sends mTLS to a port that no
        proxy terminates: a pod without a sidecar (a DestinationRule with ISTIO_MUTUAL), a port that
        `excludeInboundPorts` keeps out of the sidecar, or a sidecar whose mode is DISABLE while clients do not know it.
        The flag `UF` without a TLS error means that the connection itself failed: a closed port.

        **Fix.** `meshctl explain --from CLIENT --to SERVER:PORT` says which. Take the DestinationRule back, or set DISABLE
        for the excluded port (a DestinationRule's `portLevelSettings`, or the server's `portLevelMtls`).

        ## 503 UC

        - `upstream_reset_before_response_started{connection_termination}`
        - `upstream_reset_before_response_started`
        - `upstream connect error or disconnect/reset before headers. reset reason: connection termination`
        - `connection termination`
        - `503 UC`

        **Cause.** The server closed the connection before it answered. In the mesh, mostly: the client's proxy sent
        plaintext to a STRICT port. Why it does: a DestinationRule with DISABLE, a namespace policy with DISABLE, a
        headless Service with a pod without a sidecar, a call to a pod's address, or a host that the `Sidecar` resource
        leaves out. An ingress controller that speaks no mesh mTLS gets it for every request. An application that closes
        idle connections early gives the same text.

        **Fix.** `meshctl explain --from CLIENT --to SERVER:PORT` names the cause; correct that rule or policy. Until then
        keep the server's port PERMISSIVE.

        ## NR filter_chain_not_found

        - `filter_chain_not_found`
        - `no_filter_chain_match`

        **Cause.** The server's sidecar has no filter chain for what came: plaintext to a STRICT port, or, on a port that is
        declared as HTTP, TLS that is not the mesh's. No `istio_requests_total` is counted for it.

        **Fix.** The client's address is in the line. Bring the client into the mesh, or keep an exception for the container
        port. If the application speaks TLS itself, declare the Service's port as `tls` or `https`.

        ## TLS handshake failure

        - `TLS handshake failure`, `TLS handshake error`
        - `PEER_DID_NOT_RETURN_A_CERTIFICATE`
        - `ssl.fail_verify_no_cert`
        - `certificate required`
        - `alert handshake failure`

        **Cause.** The port is STRICT, so the server's sidecar asks for a client certificate of the mesh, and the client's
        TLS has none. Webhooks and other servers with TLS of their own meet it when the API server calls them, clients when
        a DestinationRule says SIMPLE, or MUTUAL with other certificates.

        **Fix.** An exception for the **container** port (9443, 10250 …), or keep the pod out of the mesh; for a client in
        the mesh remove the `tls` of the DestinationRule.

        ## CERTIFICATE_VERIFY_FAILED

        - `CERTIFICATE_VERIFY_FAILED`
        - `certificate verify failed`
        - `fail_verify_san`

        **Cause.** Both sides speak mTLS and do not trust each other: other roots, another trust domain, or a certificate
        that has run out.

        **Fix.** Compare both with `istioctl proxy-config secret POD`; check the clocks of the nodes and istiod's CA.

        ## Access denied by RBAC

        - `RBAC: access denied`
        - `rbac_access_denied`
        - `rpc error: code = PermissionDenied`

        **Cause.** An AuthorizationPolicy refuses the request at a sidecar, gateway or waypoint. A client without mesh mTLS
        has no identity, so rules with `principals` or `namespaces` never allow it.

        **Fix.** The policy, or bring the client into the mesh. After a step that takes mTLS away from a flow, this shows.

        ## BlackHoleCluster

        - `BlackHoleCluster`

        **Cause.** The client's proxy does not know the host or address, and its outbound policy is REGISTRY_ONLY: the
        connection ends at the client, with a 502 or a reset.

        **Fix.** Add the host to the client's `Sidecar` resource, a ServiceEntry for it, or call the Service instead of
        the pod's address.

        ## PassthroughCluster

        - `InboundPassthroughCluster`
        - `PassthroughCluster`

        **Cause.** Not an error by itself. Outbound: the proxy did not know the destination and passed the connection on as
        it was, in plaintext; a STRICT server refuses it. Inbound: the port is in no Service.

        **Fix.** Outbound: call the Service by its name instead of a pod's address, and list the host in the `Sidecar`
        resource. Inbound: declare the port in a Service.

        ## 400 DPE

        - `400 DPE`, `response flag DPE`
        - `codec_error`
        - `http1.codec_error`

        **Cause.** The port is declared as HTTP, and what came is no HTTP: raw TCP, or TLS where the mode is DISABLE.

        **Fix.** Declare the Service's port as what it is (`tcp`, `tls`), by its name or `appProtocol`.

        # ztunnel's access log

        ztunnel logs a connection when it ends, at level `error` where it was refused or broke. `src.identity` and
        `dst.identity` are there only for mTLS: a line with `direction="inbound"` and without `src.identity` was plaintext.

        ## istio_converted_static_strict

        - `istio_converted_static_strict`

        **Cause.** The pod is in the ambient mesh under STRICT, and the connection came in plaintext: its client is outside
        the mesh, or its sidecar sent plaintext or Envoy's own mTLS, which ztunnel does not take for an identity. The name
        is that of the policy that istiod makes of every STRICT PeerAuthentication.

        **Fix.** `src.workload` and `src.addr` of the line name the client. Bring it into the mesh, or keep an exception
        for the container's port: a PeerAuthentication with the pods' selector and `portLevelMtls`. For a sidecar
        client of a headless Service: move the client first, or stay PERMISSIVE. To open it at once: `meshctl rollback`.

        ## converted_peer_authentication_

        - `converted_peer_authentication_`

        **Cause.** As with `istio_converted_static_strict`, from a PeerAuthentication with `portLevelMtls`: the name after
        the prefix is the policy's. The port is STRICT there, and the connection came without a mesh identity.

        **Fix.** Bring the client into the mesh, or make the **container** port PERMISSIVE in that policy. A Service's
        port number there does nothing.

        ## Denied by an AuthorizationPolicy

        - `explicitly denied by:`
        - `deny policy match`

        **Cause.** An AuthorizationPolicy with action DENY matched; the line names it. This is no question of mTLS modes,
        except that a plaintext client has no identity: `notPrincipals` and the like match it.

        **Fix.** Change that policy, or bring the client into the mesh if the policy asks for an identity.

        ## allow policies exist, but none allowed

        - `allow policies exist, but none allowed`
        - `no allow policies matched`

        **Cause.** AuthorizationPolicies with action ALLOW select the pod, and none matches this connection. A plaintext
        client has no identity, so no rule with `principals` or `namespaces` matches it. In ambient, a rule with HTTP
        fields never matches at ztunnel: such a policy belongs to a waypoint (`targetRefs`).

        **Fix.** Add a rule for the client, or bring it into the mesh.

        ## connection closed due to policy change

        - `connection closed due to policy change`

        **Cause.** A policy changed while the connection was open, and forbids it now: ztunnel closes such connections at
        once, where Envoy would let them drain. After a step to STRICT, these are the plaintext connections that were open.

        **Fix.** None, if it happens once at the time of the change and the client is meant to be refused. If the same
        client comes back with `istio_converted_static_strict`, see there.

        ## http status: 401 Unauthorized

        - `http status: 401 Unauthorized`

        **Cause.** The client's ztunnel says that the other side refused its HBONE connection, by an AuthorizationPolicy.

        **Fix.** Look at the server's ztunnel or waypoint log: its line names the policy.

        ## HBONE port 15008 is blocked

        - `connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008`
        - `deadline has elapsed`
        - `NETWORK_POLICY`

        **Cause.** The client's ztunnel could not reach port 15008 of the server's pod. Mostly a NetworkPolicy that allows
        the application's port alone: in the mesh, traffic between pods arrives on 15008.

        **Fix.** Allow TCP 15008 from meshed clients in the server's NetworkPolicies, and 169.254.7.127 for kubelet's probes.

        ## Wrong identity or trust domain

        - `peer did not present the expected SAN`
        - `peer did not present the expected trustdomain`
        - `identity verification error:`
        - `tls handshake error:`, `tls error:`
        - `TLS_FAILURE`, `H2_HANDSHAKE_FAILURE`

        **Cause.** The two sides do not trust each other's certificates, or the address belongs to another workload by now:
        different roots, a trust domain without an alias, a certificate that has run out, or information that lags behind.

        **Fix.** Compare both sides with `istioctl ztunnel-config certificate` (status, root, NOT AFTER). If it began with
        a change of the CA, both sides need certificates that lead to a root which both trust.

        ## No certificate

        - `identity error:`
        - `signing gRPC error`
        - `certificate fetch failed`
        - `certificate renewal failed`
        - `failed to create CSR:`
        - `did not find expected SAN:`
        - `IDENTITY_ERROR`

        **Cause.** ztunnel gets no certificate for a workload: istiod is not reachable or refuses to sign. With `retaining
        existing valid certificate` nothing is broken yet; certificates last 24 hours by default, so a failing CA shows late.

        **Fix.** Check istiod (`kubectl -n istio-system get pods`, its log), then `istioctl ztunnel-config certificate`.
        Make no step to STRICT before it is well: new connections have no identity.

        ## peer certificate revoked by CRL

        - `peer certificate revoked by CRL`
        - `CERT_REVOKED`

        **Cause.** The peer's certificate is on the certificate revocation list.

        **Fix.** Issue new certificates, by restarting the peer, or correct the list.

        ## No information about the workload

        - `failed to fetch information about local workload`
        - `no valid routing destination for workload`
        - `unknown waypoint`

        **Cause.** ztunnel has not heard from istiod about a workload or a waypoint: it is new, istiod is down, or a
        `istio.io/use-waypoint` label names a waypoint that does not exist.

        **Fix.** Check istiod and the xDS lines of ztunnel's own log; for a waypoint, `kubectl get gateway -A`.

        ## no healthy upstream

        - `no healthy upstream`
        - `503 UH`

        **Cause.** The Service has no ready endpoint, as ztunnel or Envoy (flag `UH`) knows it.

        **Fix.** `kubectl get endpointslices -l kubernetes.io/service-name=NAME`: are pods ready, does the selector match?
        In a rollout, wait for the pods.

        ## Draining

        - `connection closed due to connection drain`
        - `connection failed to drain within the timeout`
        - `pool draining`

        **Cause.** ztunnel, or the pod, was being replaced, and long-lived connections were closed at the end of the wait.

        **Fix.** Clients have to connect again. Plan changes of ztunnel as brief resets for long-lived TCP.

        ## attempted recursive call to ourselves

        - `attempted recursive call to ourselves`

        **Cause.** Somebody called port 15001, 15006 or 15008 of a captured pod directly; only ztunnel may.

        **Fix.** Call the application's port. A port scanner or a health check of all ports does this too.

        ## ip mismatch

        - `ip mismatch:`

        **Cause.** An HBONE request named another address than the pod's that it reached: the address was reused, or the
        sender's information is old.

        **Fix.** If it does not end by itself, check the xDS lines of the sending ztunnel.

        ## Half-closed connections

        - `disconnected before all data was written`
        - `receive:`, `send:`

        **Cause.** One side closed while the other still wrote. Mostly normal: clients that leave, health checks, timeouts.

        **Fix.** None, unless it goes with errors of the application.

        ## DNS

        - `dns lookup:`, `dns:`
        - `dns response had no valid IP addresses`
        - `no ip addresses were resolved for workload`
        - `request error:`

        **Cause.** ztunnel's DNS proxy could not resolve a name: the upstream DNS (CoreDNS) is down, or a ServiceEntry
        names a host that does not resolve.

        **Fix.** `kubectl -n kube-system get pods -l k8s-app=kube-dns`, then resolve the name from a pod.

        # Clients without a proxy

        ## The connection is reset during the TLS handshake

        - `curl: (35)`
        - `SSL_connect: Connection reset by peer`
        - `SSL_ERROR_SYSCALL`

        **Cause.** TLS of the client's own reached a pod that closes it: an ambient pod under STRICT, or a sidecar's port
        that is declared as HTTP.

        **Fix.** Inside the mesh call in plaintext, and let the mesh encrypt. For clients outside it, an exception for the
        container port, and a port that is declared as `tls` or `https`.

        ## Connection reset by peer

        - `Recv failure: Connection reset by peer`
        - `Connection reset by peer`
        - `Empty reply from server`
        - `curl: (56)`, `curl: (52)`
        - `ECONNRESET`
        - `unexpected EOF`

        **Cause.** The connection was taken and then closed without an answer. In the mesh: plaintext to a STRICT port, by a
        client without a data plane: a NodePort or LoadBalancer client, an ingress controller, a Prometheus outside the
        mesh, a Job without a sidecar, an agent on the host network, kubelet's probe of a container that was added after
        the injection.

        **Fix.** `meshctl explain --from CLIENT --to SERVER:PORT`. Bring the client into the mesh, or keep an exception for
        the container port. If it began with a run of meshctl: `meshctl rollback`.

        """#
}
