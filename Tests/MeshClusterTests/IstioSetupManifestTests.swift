import Diagnostics
import MeshCluster
import MeshModel
import Testing

@Suite("Reading how Istio is set up")
struct IstioSetupManifestTests {
    private func state(_ text: String) throws -> MeshState {
        try ManifestReader.observe(sources: [SourceText(name: "mesh.yaml", text: text)]).state
    }

    @Test("an injector's policy and selectors, and its chart's values")
    func injector() throws {
        let injectors = try state(
            """
            kind: ConfigMap
            metadata: {name: istio-sidecar-injector, namespace: istio-system}
            data:
              config: |
                policy: disabled
                neverInjectSelector:
                  - matchExpressions: [{key: openshift.io/build.name, operator: Exists}]
                alwaysInjectSelector:
                  - matchLabels: {mesh: "yes"}
                templates:
                  sidecar: |
                    metadata: {{ .Values }}
              values: '{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}'
            ---
            kind: ConfigMap
            metadata: {name: istio-sidecar-injector-canary, namespace: istio-system}
            data: {config: "policy: wrong"}
            """
        ).injectors
        let found = try #require(injectors.settings["default"])
        #expect(!found.policyEnabled && found.enableNamespacesByDefault)
        #expect(
            found.neverInjectSelector
                == [InjectionSelector(matchExpressions: [.exists(key: "openshift.io/build.name")])])
        #expect(found.alwaysInjectSelector == [InjectionSelector(matchLabels: ["mesh": "yes"])])
        let canary = try #require(injectors.settings["canary"])
        #expect(!canary.policyEnabled && !canary.hasKnownPolicy && found.hasKnownPolicy)
    }

    @Test("webhooks with their selectors, for a tag and the revision behind it")
    func webhooks() throws {
        let state = try state(
            """
            kind: MutatingWebhookConfiguration
            metadata:
              name: istio-revision-tag-prod
              labels: {app: sidecar-injector, istio.io/tag: prod, istio.io/rev: 1-29}
            webhooks:
              - name: rev.namespace.sidecar-injector.istio.io
                namespaceSelector:
                  matchExpressions: [{key: istio.io/rev, operator: In, values: [prod]}]
                objectSelector: {matchLabels: {a: b}}
            ---
            kind: MutatingWebhookConfiguration
            metadata: {name: bare, labels: {app: sidecar-injector}}
            ---
            kind: MutatingWebhookConfiguration
            metadata: {name: other}
            webhooks: [{name: x}]
            """)
        #expect(state.revisions == ["prod", "default"])
        let read = try #require(state.injectors.webhooks.first)
        #expect(state.injectors.webhooks.count == 1)
        #expect(read.served == "prod" && read.revision == "1-29")
        let hook = try #require(read.webhooks.first)
        #expect(
            hook.selects(
                namespace: "shop", namespaceLabels: ["istio.io/rev": "prod"],
                podLabels: ["a": "b"]))
        #expect(
            !hook.selects(
                namespace: "shop", namespaceLabels: ["istio.io/rev": "prod"], podLabels: [:]))
    }

    @Test("istiod's version and variables")
    func istiod() throws {
        let settings = try state(
            """
            kind: Deployment
            metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
            spec:
              template:
                spec:
                  containers:
                    - {name: other, image: "x:9.9.9"}
                    - name: discovery
                      image: registry:5000/istio/pilot:1.24.2-distroless@sha256:00
                      env:
                        - {name: PILOT_ENABLE_AMBIENT, value: "true"}
                        - {name: PILOT_PREFER_SENDING_HBONE, value: "true"}
                        - {name: PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES, value: "1"}
            """
        ).flows.settings
        #expect(settings.version == IstioVersion(1, 24, 2))
        #expect(settings.supportsAmbient && settings.prefersHBONE && settings.headlessByEndpoint)
    }

    @Test("an istiod whose variables were read, without ambient among them, sends no HBONE")
    func withoutAmbient() throws {
        func supports(_ container: String) throws -> Bool {
            try state(
                """
                kind: Deployment
                metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
                spec: {template: {spec: {containers: [\(container)]}}}
                """
            ).flows.settings.supportsAmbient
        }
        #expect(try !supports("{name: discovery, env: [{name: REVISION, value: default}]}"))
        #expect(try supports("{name: discovery}"))
        #expect(
            try !supports(
                """
                {name: discovery, env: [{name: PILOT_ENABLE_AMBIENT, value: "true"},
                {name: PILOT_ENABLE_SENDING_HBONE, value: "false"}]}
                """))
    }

    @Test("each revision has its mesh configuration, and its istiod")
    func revisions() throws {
        let state = try state(
            """
            kind: ConfigMap
            metadata: {name: istio-canary, namespace: istio-system}
            data: {mesh: "enableAutoMtls: false\\nrootNamespace: other"}
            ---
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data: {mesh: "rootNamespace: mesh-root"}
            ---
            kind: ConfigMap
            metadata: {name: istio-ca-root-cert, namespace: shop}
            data: {root-cert.pem: ""}
            ---
            kind: Deployment
            metadata: {name: istiod-canary, namespace: istio-system, labels: {app: istiod, istio.io/rev: canary}}
            spec: {template: {spec: {containers: [{name: discovery, image: "pilot:1.30.0"}]}}}
            ---
            kind: Deployment
            metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
            spec: {template: {spec: {containers: [{name: discovery, image: "pilot:1.29.1"}]}}}
            """)
        #expect(state.rootNamespace == "mesh-root")
        #expect(state.flows.settings.autoMTLS)
        #expect(state.flows.settings.version == IstioVersion(1, 29, 1))
        #expect(state.flows.revisedSettings.keys.sorted() == ["canary", "default"])
        #expect(state.flows.revisedSettings["canary"]?.autoMTLS == false)
        #expect(state.flows.revisedSettings["canary"]?.version == IstioVersion(1, 30, 0))
    }

    @Test("a revision that is alone is everybody's")
    func onlyRevision() throws {
        let state = try state(
            """
            kind: ConfigMap
            metadata: {name: istio-1-29, namespace: istio-system}
            data: {mesh: "enableAutoMtls: false"}
            ---
            kind: ConfigMap
            metadata: {name: istio-sidecar-injector-1-29, namespace: istio-system}
            data: {config: "policy: disabled"}
            """)
        #expect(!state.flows.settings.autoMTLS && state.flows.revisedSettings.isEmpty)
        #expect(!state.injection.injectors.settings.isEmpty)
    }

    @Test("istio-cni's selectors, exclusions and kind of rules")
    func cni() throws {
        let cni = try #require(
            state(
                """
                kind: ConfigMap
                metadata: {name: istio-cni-config, namespace: istio-system}
                data:
                  EXCLUDE_NAMESPACES: "kube-system,ops"
                  NATIVE_NFTABLES: "true"
                  AMBIENT_ENABLEMENT_SELECTOR: |
                    - podSelector: {matchLabels: {mesh: ambient}}
                    - namespaceSelector: {matchLabels: {mesh: all}}
                """
            ).surroundings.cni)
        #expect(cni.excludeNamespaces == ["kube-system", "ops"] && cni.usesNFTables)
        #expect(
            cni.enablementSelectors == [
                EnablementSelector(pods: PodSelector(matchLabels: ["mesh": "ambient"])),
                EnablementSelector(namespaces: PodSelector(matchLabels: ["mesh": "all"])),
            ])
    }

    @Test("broken text in a ConfigMap is as none")
    func broken() throws {
        let state = try state(
            """
            kind: ConfigMap
            metadata: {name: istio-sidecar-injector}
            data: {config: "{{{", values: "[", }
            ---
            kind: ConfigMap
            metadata: {name: istio-cni-config}
            data: {AMBIENT_ENABLEMENT_SELECTOR: "a: b"}
            """)
        #expect(state.injectors.settings["default"] == InjectorSettings())
        #expect(state.surroundings.cni?.enablementSelectors == nil)
    }
}
