/// The plan of the tour: the same text as `plans/home-cluster.yaml`, which a test checks.
enum DemoPlan {
    static let text = """
        # A home cluster in ambient mode, on its way to STRICT mTLS. cloudflared stays outside the mesh.
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata:
          name: home-cluster
        spec:
          mesh:
            mtls: STRICT                      # mesh-wide, last of all
          namespaces:
            - name: default
              dataplane: ambient
              mtls: STRICT
              wave: canary
              exceptions:
                - name: mirai-frontend
                  selector: {app: mirai-frontend}
                  ports: {3000: PERMISSIVE}   # the container's port; the Service's is 80
                  reason: cloudflared in ingress calls it in plaintext, by design
                  owner: home
                  expires: 2027-06-30
            - name: monitoring
              dataplane: ambient
              mtls: STRICT
            - name: media                     # not enrolled yet
              dataplane: ambient
              mtls: STRICT
            - name: ingress
              dataplane: none                 # cloudflared must stay outside the mesh
          rollout:
            waves: [canary]
            settle: 30s

        """
}
