import Diagnostics
import MeshCluster
import MeshModel
import Testing

@Suite("Reading what stands around the workloads")
struct SurroundingsTests {
    private func state(_ text: String) throws -> MeshState {
        try ManifestReader.observe(sources: [SourceText(name: "mesh.yaml", text: text)]).state
    }

    private func around(_ text: String) throws -> Surroundings { try state(text).surroundings }

    @Test("manifests without policies have none; without Nodes or istiod nothing is known")
    func empty() throws {
        let around = try around("kind: Namespace\nmetadata: {name: shop}")
        #expect(around.networkPolicies == [] && around.authorizationPolicies == [])
        #expect(around.nodes == nil && around.controlPlanes == nil && around.cni == nil)
    }

    @Test("a NetworkPolicy with its peers, ports and selectors")
    func networkPolicy() throws {
        let policy = try #require(
            around(
                """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: allow, namespace: shop}
                spec:
                  podSelector:
                    matchLabels: {app: cart}
                    matchExpressions: [{key: tier, operator: NotIn, values: [cache]}]
                  ingress:
                    - from:
                        - podSelector: {matchLabels: {app: front}}
                        - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
                      ports: [{port: 8080}, {port: web, protocol: TCP}, {port: 1, endPort: 9}]
                    - ports: [{protocol: UDP}]
                """
            ).networkPolicies?.first)
        func pod(_ labels: [String: String]) -> Pod {
            Pod(
                meta: ObjectMeta(name: "p", namespace: "shop", labels: labels),
                containers: [
                    Container(name: "app", ports: [Container.Port(name: "web", number: 3000)])
                ])
        }
        #expect(policy.selects(pod(["app": "cart"])))
        #expect(!policy.selects(pod(["app": "cart", "tier": "cache"])))
        #expect(!policy.selects(pod(["app": "db"])))
        let rule = try #require(policy.ingress?.first)
        #expect([8080, 3000, 5].allSatisfy { rule.admits(port: $0, of: pod([:])) })
        #expect(![15008, 10].contains { rule.admits(port: $0, of: pod([:])) })
        #expect(rule.admits(address: "10.2.0.1") && !rule.admits(address: "10.1.0.1"))
        #expect(policy.ingress?.last?.concernsTCP == false)
        #expect(policy.ingress?.last?.admits(address: "1.2.3.4") == true)
    }

    @Test("policyTypes without Ingress restrict nothing that comes in; without rules all of it")
    func policyTypes() throws {
        func ingress(_ types: String) throws -> [NetworkPolicy.Rule]? {
            try around(
                """
                kind: NetworkPolicy
                metadata: {name: deny, namespace: shop}
                spec: {podSelector: {}, policyTypes: [\(types)]}
                """
            ).networkPolicies?.first?.ingress
        }
        #expect(try ingress("Egress") == nil)
        #expect(try ingress("Ingress, Egress") == [])
    }

    @Test("an AuthorizationPolicy's fields are told apart")
    func authorizationPolicy() throws {
        let policy = try #require(
            around(
                """
                kind: AuthorizationPolicy
                metadata: {name: p, namespace: shop}
                spec:
                  selector: {matchLabels: {app: cart}}
                  action: DENY
                  rules:
                    - from: [{source: {principals: ["cluster.local/ns/a/sa/b"], ipBlocks: [10.0.0.0/8]}}]
                      to: [{operation: {methods: [GET], ports: ["80"], paths: []}}]
                    - when: [{key: "request.headers[x]", values: [a]}, {key: source.namespace}]
                """
            ).authorizationPolicies?.first)
        #expect(policy.action == .deny && !policy.hasTargetRefs)
        #expect(policy.selector == LabelSelector(["app": "cart"]))
        #expect(policy.identityFields == ["principals", "source.namespace"])
        #expect(policy.httpFields == ["methods", "request.headers[x]"])
    }

    @Test("a policy with targetRefs is a waypoint's")
    func targetRefs() throws {
        let policy = try around(
            """
            kind: AuthorizationPolicy
            metadata: {name: p, namespace: shop}
            spec: {targetRefs: [{kind: Service, name: cart}]}
            """
        ).authorizationPolicies?.first
        #expect(policy?.hasTargetRefs == true && policy?.action == .allow)
    }

    @Test("nodes, istiod and istio-cni with what they are set to")
    func components() throws {
        let state = try state(
            """
            kind: Node
            metadata: {name: n1}
            status: {nodeInfo: {kubeletVersion: v1.33.2}}
            ---
            kind: Deployment
            metadata: {name: istiod-canary, namespace: istio-system, labels: {app: istiod, istio.io/rev: canary}}
            spec:
              template:
                spec:
                  containers:
                    - name: discovery
                      image: registry:5000/istio/pilot:1.27.1-distroless@sha256:abc
                      env:
                        - {name: PILOT_ENABLE_AMBIENT, value: "true"}
                        - {name: ENABLE_NATIVE_SIDECARS, value: "auto"}
            status: {availableReplicas: 0}
            ---
            kind: Deployment
            metadata: {name: cart, namespace: shop}
            ---
            kind: ConfigMap
            metadata: {name: istio-cni-config, namespace: istio-system}
            data: {EXCLUDE_NAMESPACES: "kube-system,legacy"}
            """)
        let around = state.surroundings
        #expect(around.nodes == [ClusterNode(name: "n1", kubeletVersion: "v1.33.2")])
        let istiod = try #require(around.controlPlanes?.first)
        #expect(around.controlPlanes?.count == 1)
        #expect(istiod.revision == "canary" && istiod.version == "1.27.1-distroless")
        #expect(istiod.nativeSidecars == "auto" && istiod.enablesAmbient == true)
        #expect(!istiod.isAvailable)
        #expect(around.cni?.excludeNamespaces == ["kube-system", "legacy"])
        #expect(state.workloads.count == 2)
    }

    @Test("probes over the network are read, exec is not")
    func probes() throws {
        let pod = try #require(
            state(
                """
                kind: Pod
                metadata: {name: p, namespace: shop}
                spec:
                  containers:
                    - name: app
                      livenessProbe: {httpGet: {port: web, path: /live}}
                      readinessProbe: {tcpSocket: {port: 8080}}
                      startupProbe: {exec: {command: [true]}}
                    - name: other
                      livenessProbe: {grpc: {port: 9000}}
                """
            ).pods.first)
        #expect(
            pod.containers.map(\.probes) == [
                [
                    Container.Probe(port: .name("web"), path: "/live"),
                    Container.Probe(port: .number(8080)),
                ], [Container.Probe(port: .number(9000))],
            ])
    }

    @Test("what does not fit is an error that names the object")
    func hostile() {
        let texts = [
            "kind: Node\nmetadata: {name: n1}\nstatus: {nodeInfo: {kubeletVersion: [1]}}",
            "kind: NetworkPolicy\nmetadata: {name: n1}\nspec: {ingress: 1}",
            "kind: AuthorizationPolicy\nmetadata: {name: n1}\nspec: {rules: {a: b}}",
            "kind: ConfigMap\nmetadata: {name: istio-cni-config}\ndata: {a: [b]}",
        ]
        for text in texts {
            #expect(throws: ManifestReader.ReadError.self) { try state(text) }
        }
        #expect(throws: Never.self) {
            try state(
                """
                kind: NetworkPolicy
                metadata: {name: n1}
                spec: {ingress: [{ports: [{port: 9, endPort: -5}]}]}
                """)
        }
    }
}
