import Diagnostics
import Foundation
import MeshModel
import Testing

@testable import MeshCluster

@Suite("Reading manifests")
struct ManifestReaderTests {
    private func state(_ text: String, rootNamespace: String? = nil) throws -> MeshState {
        try ManifestReader.observe(
            sources: [SourceText(name: "cluster.yaml", text: text)], rootNamespace: rootNamespace
        ).state
    }

    @Test("a namespace that is only referred to exists, without labels")
    func namespaceByReference() throws {
        let state = try state(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web-0, namespace: shop}
            """)
        #expect(state.namespaces.map(\.name) == ["shop"])
        #expect(state.namespaces.first?.meta.labels.isEmpty == true)
    }

    @Test(
        "of several labels that are no text always the first by name is told",
        arguments: [
            ("{kind: Pod, metadata: {name: web-0, labels: LABELS}}", "metadata.labels"),
            (
                "{kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: LABELS}}",
                "spec.selector"
            ),
            ("{kind: PeerAuthentication, SPEC: {selector: {matchLabels: LABELS}}}", "matchLabels"),
            ("{kind: PeerAuthentication, SPEC: {portLevelMtls: LABELS}}", "portLevelMtls"),
            ("{kind: Sidecar, SPEC: {workloadSelector: {labels: LABELS}}}", "labels"),
            (
                "{kind: DestinationRule, SPEC: {workloadSelector: {matchLabels: LABELS}}}",
                "matchLabels"
            ),
            ("{kind: ServiceEntry, SPEC: {workloadSelector: {labels: LABELS}}}", "labels"),
            ("{kind: ServiceEntry, SPEC: {endpoints: [{ports: LABELS}]}}", "ports"),
        ])
    func labelsThatAreNoText(manifest: String, place: String) throws {
        let labels = "{\((1...9).map { "l\($0): [\($0)]" }.joined(separator: ", "))}"
        let text = manifest.replacingOccurrences(of: "LABELS", with: labels)
            .replacingOccurrences(
                of: "SPEC:", with: "metadata: {name: web, namespace: shop}, spec:")
        for _ in 0..<20 {
            let error = #expect(throws: ManifestReader.ReadError.self) { try state(text) }
            let told = error?.diagnostics.first?.message ?? ""
            #expect(told.contains("\(place).l1"), "\(told)")
        }
    }

    @Test("a pod without status is judged as running and ready")
    func podWithoutStatus() throws {
        let state = try state(
            """
            kind: Pod
            metadata: {name: web-0, namespace: shop}
            spec: {containers: [{name: app}, {name: istio-proxy}]}
            """)
        let pod = try #require(state.pods.first)
        #expect(pod.isBoundAndStarted && pod.isReady && pod.dataplane == .sidecar)
    }

    @Test("List objects, several documents and unknown kinds are taken as kubectl writes them")
    func lists() throws {
        let state = try state(
            """
            apiVersion: v1
            kind: List
            items:
              - kind: Namespace
                metadata: {name: shop, labels: {istio-injection: enabled}}
              - kind: Widget
                metadata: {name: x}
            ---
            kind: PeerAuthenticationList
            items:
              - metadata: {name: default, namespace: shop}
                spec: {mtls: {mode: STRICT}}
            """)
        #expect(state.namespaces.first?.meta.labels == ["istio-injection": "enabled"])
        #expect(state.peerAuthentications.first?.mode == .strict)
    }

    @Test("the root namespace is the mesh configuration's, unless it is given")
    func rootNamespace() throws {
        let text = """
            kind: ConfigMap
            metadata: {name: istio, namespace: mesh-root}
            data: {mesh: "rootNamespace: mesh-root"}
            """
        #expect(try state(text).rootNamespace == "mesh-root")
        #expect(try state(text, rootNamespace: "other").rootNamespace == "other")
        #expect(try state("kind: Widget").rootNamespace == "istio-system")
    }

    @Test(
        "a Deployment's surge and unavailable pods are those of its strategy, by default 25 % each")
    func podsAtOnce() throws {
        let state = try state(
            """
            kind: Deployment
            metadata: {name: ten, namespace: shop}
            spec: {replicas: 10}
            ---
            kind: Deployment
            metadata: {name: two, namespace: shop}
            spec:
              replicas: 2
              strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
            """)
        // 25 % of 10: a surge of 3 (rounded up) and 2 unavailable (rounded down).
        #expect(state.workloads.map(\.podsAtOnce) == [5, 1])
    }

    @Test("a pod belongs to the Deployment above its ReplicaSet")
    func ownerChain() throws {
        let state = try state(
            """
            kind: ReplicaSet
            metadata:
              name: web-abc
              namespace: shop
              ownerReferences: [{kind: Deployment, name: web, controller: true}]
            ---
            kind: Pod
            metadata:
              name: web-abc-1
              namespace: shop
              ownerReferences: [{kind: ReplicaSet, name: web-abc, controller: true}]
            """)
        let pod = try #require(state.pods.first)
        #expect(WorkloadIndex(state).controller(of: pod)?.text == "shop/Deployment/web")
    }

    @Test("a tag's webhook serves the tag, and other webhooks serve no revision")
    func revisions() throws {
        let state = try state(
            """
            kind: MutatingWebhookConfiguration
            metadata:
              name: istio-revision-tag-prod
              labels: {app: sidecar-injector, istio.io/tag: prod, istio.io/rev: v1-29}
            ---
            kind: MutatingWebhookConfiguration
            metadata: {name: cert-manager, labels: {app: webhook}}
            """)
        #expect(state.revisions == ["prod"])
    }

    @Test("an object of the wrong shape is named, with its file")
    func wrongShape() throws {
        let error = #expect(throws: ManifestReader.ReadError.self) {
            try state("kind: Pod\nmetadata: {name: web-0, labels: [1]}")
        }
        #expect(error?.diagnostics.first?.message.contains("cluster.yaml: Pod web-0") == true)
    }

    @Test("percentages beyond any sense do not overflow")
    func hugePercent() throws {
        let state = try state(
            """
            kind: Deployment
            metadata: {name: ten, namespace: shop}
            spec: {replicas: 9000000000000000000, strategy: {rollingUpdate: {maxSurge: 9000000000000000000%}}}
            """)
        #expect(state.workloads.count == 1)
    }
}
