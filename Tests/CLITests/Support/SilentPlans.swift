/// Plans whose namespaces are silent, and accepted as such, so that only what a test is about stops a run.
enum SilentPlans {
    /// media and default of the home cluster, in four steps and more.
    static func home(_ rollout: String = "settle: 5s") -> String {
        """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: interrupted}
        spec:
          namespaces:
            - {name: media, dataplane: ambient, mtls: STRICT}
            - {name: default, mtls: STRICT}
          ignoreFlows: [{to: {namespace: default}, reason: the test is about something else}]
          rollout: {\(rollout)}
          gates:
            no-plaintext: {window: 1s}
            accept:
              - {gate: no-plaintext, namespace: media, reason: silent, owner: me, expires: 2027-11-30}
              - {gate: no-plaintext, namespace: default, reason: silent, owner: me, expires: 2027-11-30}
        """
    }

    /// One policy in the home cluster's `default`, and nothing to wait for.
    static func policy(_ entry: String = "mtls: STRICT") -> String {
        """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: policy}
        spec:
          namespaces: [{name: default, \(entry)}]
          ignoreFlows: [{to: {namespace: default}, reason: the test is about something else}]
          rollout: {settle: 0s}
          gates:
            no-plaintext: {window: 1s}
            accept:
              - {gate: no-plaintext, namespace: default, reason: silent, owner: me, expires: 2027-11-30}
        """
    }

    /// Sidecars for a platform that has none, and the restarts that this takes.
    static func resilient(_ rollout: String = "settle: 0s") -> String {
        """
        apiVersion: meshctl.dev/v1alpha1
        kind: MeshPlan
        metadata: {name: killed}
        spec:
          namespaces:
            - name: resilient-platform
              dataplane: sidecar
              mtls: STRICT
              exceptions:
                - name: frontend
                  selector: {app.kubernetes.io/component: frontend}
                  ports: {3000: PERMISSIVE}
                  reason: browsers reach the NodePort
          rollout: {\(rollout)}
          gates:
            no-plaintext: {window: 1s}
            accept:
              - {gate: no-plaintext, namespace: resilient-platform, reason: silent, owner: me, expires: 2027-11-30}
        """
    }
}
