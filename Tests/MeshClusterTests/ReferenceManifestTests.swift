import Diagnostics
import MeshCluster
import MeshModel
import Testing

@Suite("Reading whom containers name")
struct ReferenceManifestTests {
    private func state(_ text: String) throws -> MeshState {
        try ManifestReader.observe(sources: [SourceText(name: "mesh.yaml", text: text)]).state
    }

    private let services = """
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: shop}
        spec: {ports: [{port: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: db, namespace: data}
        spec: {ports: [{port: 5432}]}
        ---

        """

    private let containers = """
        initContainers:
          - {name: wait, command: [sh, -c, "until nc -z db.data 5432; do sleep 1; done"]}
        containers:
          - name: web
            args: ["--cart=cart:80", "--verbose"]
            env:
              - {name: DATABASE_URL, value: "postgres://admin:hunter2@db.data.svc:5432/cart"}
              - {name: PASSWORD, value: "s3cr3t.hunter2"}
              - {name: OTHER, valueFrom: {secretKeyRef: {name: s, key: k}}}
              - {name: FAR, value: "https://hunter2.example.com"}

        """

    private func indented(_ text: String, _ columns: Int) -> String {
        text.split(separator: "\n").map { String(repeating: " ", count: columns) + $0 }
            .joined(separator: "\n")
    }

    private let expected: Set<String> = [
        "db.data — command of container wait", "cart:80 — args of container web",
        "db.data.svc:5432 — env DATABASE_URL of container web",
    ]

    private func texts(_ references: [HostReference]) -> Set<String> {
        Set(references.map { "\($0.text) — \($0.place)" })
    }

    @Test("a template's environment, command and arguments name Services, and nothing else is kept")
    func template() throws {
        let state = try state(
            services + """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web, namespace: shop}
                spec:
                  template:
                    spec:
                \(indented(containers, 6))
                """)
        let found = try #require(state.workloads.first).template.references
        #expect(texts(found) == expected)
        #expect(!"\(state)".contains("hunter2") && !"\(state)".contains("s3cr3t"))
    }

    @Test("a CronJob's template is a level deeper, and a bare pod has its own")
    func others() throws {
        let job = try state(
            services + """
                apiVersion: batch/v1
                kind: CronJob
                metadata: {name: web, namespace: shop}
                spec:
                  jobTemplate:
                    spec:
                      template:
                        spec:
                \(indented(containers, 10))
                """)
        #expect(texts(try #require(job.workloads.first).template.references) == expected)
        let pod = try state(
            services + """
                apiVersion: v1
                kind: Pod
                metadata: {name: web, namespace: shop}
                spec:
                \(indented(containers, 2))
                """)
        #expect(texts(try #require(pod.pods.first).references) == expected)
        #expect(!"\(pod)".contains("hunter2"))
    }

    @Test("what names no Service that is there is forgotten")
    func unknown() throws {
        let state = try state(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, namespace: shop}
            spec:
              containers:
                - {name: web, env: [{name: A, value: "http://token.secret.svc:80"}]}
            """)
        #expect(state.pods.first?.references == [])
        #expect(!"\(state)".contains("token"))
    }
}
