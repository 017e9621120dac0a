/// A plan file in which every key of the format is set.
let fullPlan = """
    apiVersion: meshctl.dev/v1alpha1
    kind: MeshPlan
    metadata:
      name: everything
    spec:
      mesh:
        rootNamespace: istio-system
        mtls: STRICT
        adopt: true
      namespaces:
        - name: default
          dataplane: ambient
          enrolment: rolling
          mtls: STRICT
          wave: canary
          acceptUnmanaged: the debug pod is restarted by hand
        - name: platform
          dataplane: sidecar
          revision: canary
          mtls: STRICT
          adopt: true
          exceptions:
            - name: frontend
              selector: {app.kubernetes.io/component: frontend}
              ports: {3000: PERMISSIVE, "9090": DISABLE}
              reason: browsers reach the NodePort without a mesh certificate
              owner: web-team
              expires: 2027-03-31
              adopt: true
          unprotected:
            - {selector: {app: legacy-agent}, reason: host network, owner: infra}
          egress: ["./*", "istio-system/*", "~/*", "*/*.example.com"]
        - name: ingress
          dataplane: none
        - selector: {team: payments}
          mtls: UNSET
          wave: payments
      clients:
        - host: gateway.app.svc.cluster.local
          ports: {9091: DISABLE}
          reason: 9091 is kept out of the sidecar
          adopt: true
      external:
        - host: api.example.com
          namespace: default
          port: 80
          protocol: HTTP
          targetPort: 443
          resolution: DNS
          tls: {mode: MUTUAL, credentialName: api-client, sni: api.example.com}
          adopt: true
      flows:
        - from: {namespace: ingress, workload: cloudflared}
          to: {namespace: default, service: web, port: 80}
        - from: external
          to: {namespace: platform, pod: frontend-0, port: 3000}
        - {from: apiserver, to: {host: api.example.com, port: 443}}
        - {from: {node: node-1}, to: {namespace: a, service: b, port: 1}}
        - {from: {cidr: "10.0.0.0/8"}, to: {namespace: a, service: b, port: 1}}
        - from: {cluster: west}
          to: {namespace: a, service: b, port: 65535}
          expect: refused
      ignoreFlows:
        - from: {namespace: a, workload: deployment/b, service: c, port: 1}
          to: {namespace: default, workload: d, service: old, port: 80}
          reason: nobody calls it since 2024
      rollout:
        waves: [canary, payments]
        limits: {namespacesAtOnce: 2, podsRestartingAtOnce: 50, confirm: 5m}
        soak: {enroll: 1m, permissive: 24h, strict: 15m}
        settle: 10s
        abortOn: {refusedConnections: 3, window: 1m30s, scope: run}
      gates:
        ztunnel-logs: {window: 5m, maximumErrors: 2}
        no-plaintext: {window: 1h}
        dns-ready: {namespace: dns, selector: {app: coredns}}
        approval:
          - {name: go-strict, before: {stage: strict, wave: payments}}
        probe:
          - from: {namespace: default, image: curlimages/curl, serviceAccount: prober}
            to: http://web.default.svc.cluster.local:80
            expect: refused
            timeout: 3s
        prometheus:
          - {name: error-rate, query: "sum(rate(errors[5m]))", minimum: 0, maximum: 0.01}
        prometheusServer: {namespace: monitoring, service: prom, port: 9091, path: /prometheus/}
        accept:
          - gate: no-plaintext
            namespace: batch
            reason: idle until month end
            owner: data
            expires: 2027-01-31
    """
