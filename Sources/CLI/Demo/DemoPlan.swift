import Foundation

/// The plan of the tour: the same text as `plans/home-cluster.yaml`, which a test checks.
enum DemoPlan {
    /// What somebody writes who has not thought of cloudflared.
    static var withoutException: String {
        guard let start = text.firstRange(of: "      exceptions:\n"),
            let end = text.firstRange(of: "    - name: monitoring\n")
        else { return text }
        return String(text[..<start.lowerBound] + text[end.lowerBound...])
            .replacing(comment, with: "\n")
    }

    private static let comment = """

        #
        # cloudflared stays outside the mesh and speaks plaintext by design, so the one port that it calls
        # keeps accepting it. Try it: meshctl plan --sandbox home-cluster -f plans/home-cluster.yaml

        """

    static let text = """
        # STRICT mTLS for a home cluster that runs Istio in ambient mode.
        #
        # cloudflared stays outside the mesh and speaks plaintext by design, so the one port that it calls
        # keeps accepting it. Try it: meshctl plan --sandbox home-cluster -f plans/home-cluster.yaml
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata:
          name: home-cluster
        spec:
          mesh:
            mtls: STRICT
          namespaces:
            - name: default
              dataplane: ambient
              mtls: STRICT
              wave: canary
              exceptions:
                - name: mirai-frontend
                  selector: {app: mirai-frontend}
                  ports: {3000: PERMISSIVE}
                  reason: cloudflared is outside the mesh and speaks plaintext by design
                  owner: home
                  expires: 2027-11-30
            - name: monitoring
              dataplane: ambient
              mtls: STRICT
            - name: media
              dataplane: ambient
              mtls: STRICT
            - name: ingress
              dataplane: none
          rollout:
            waves: [canary]
            settle: 30s
          gates:
            accept:
              - gate: no-plaintext
                namespace: monitoring
                reason: nobody in the mesh calls grafana; people reach it with kubectl port-forward
                owner: home
                expires: 2027-11-30

        """
}
