import Foundation
import ProcessSupport
import KubernetesSandbox
import SandboxServer
import Testing
import Timing

/// The real kubectl against a served sandbox.
@Suite(.enabled(if: Kubectl.path != nil, "kubectl is not installed"))
struct KubectlTests {
    @Test("get shows tables of namespaces, pods and policies")
    func get() async throws {
        try await Kubectl.session("resilient-platform") { kubectl in
            let namespaces = try await kubectl.run("get", "namespaces")
            #expect(namespaces.status == 0, "\(namespaces.errors)")
            #expect(namespaces.output.contains("resilient-platform"))
            #expect(namespaces.output.contains("STATUS"))
            let pods = try await kubectl.run("get", "pods", "-n", "resilient-platform")
            #expect(pods.output.split(separator: "\n").count == 6)
            #expect(pods.output.contains("1/1"))
            #expect(pods.output.contains("Running"))
            let policies = try await kubectl.run("get", "peerauthentications", "-A")
            #expect(policies.status == 0)
            #expect(policies.errors.contains("No resources found"))
            let named = try await kubectl.run(
                "get", "deploy", "frontend", "-n", "resilient-platform", "-o",
                "jsonpath={.status.readyReplicas}")
            #expect(named.output == "2")
            let all = try await kubectl.run("get", "all", "-n", "default")
            #expect(all.status == 0, "\(all.errors)")
            let missing = try await kubectl.run("get", "namespace", "nope")
            #expect(missing.status == 1)
            #expect(missing.errors.contains("NotFound"))
        }
    }

    @Test("label sets and removes a label, and says what it did")
    func label() async throws {
        try await Kubectl.session("home-cluster") { kubectl in
            let set = try await kubectl.run(
                "label", "namespace", "media", "istio.io/dataplane-mode=ambient")
            #expect(set.output == "namespace/media labeled\n", "\(set.errors)")
            let selected = try await kubectl.run(
                "get", "ns", "-l", "istio.io/dataplane-mode=ambient", "-o", "name")
            #expect(selected.output == "namespace/default\nnamespace/media\nnamespace/monitoring\n")
            let removed = try await kubectl.run(
                "label", "namespace", "media", "istio.io/dataplane-mode-")
            #expect(removed.output == "namespace/media unlabeled\n", "\(removed.errors)")
        }
    }

    @Test("apply creates, changes and leaves alone; delete deletes")
    func apply() async throws {
        try await Kubectl.session("home-cluster") { kubectl in
            func policy(_ mode: String) -> String {
                "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n"
                    + "metadata: {name: default, namespace: media}\nspec: {mtls: {mode: \(mode)}}\n"
            }
            for (mode, verb) in [
                ("PERMISSIVE", "created"), ("STRICT", "configured"), ("STRICT", "unchanged"),
            ] {
                let applied = try await kubectl.run(
                    "apply", "--validate=false", "-f", "-", input: policy(mode))
                #expect(
                    applied.output
                        == "peerauthentication.security.istio.io/default \(verb)\n",
                    "\(applied.errors)")
            }
            let wrong = try await kubectl.run(
                "apply", "--validate=false", "-f", "-", input: policy("STRCT"))
            #expect(wrong.status == 1)
            #expect(wrong.errors.contains("Unsupported value: \"STRCT\""))
            let shown = try await kubectl.run("get", "pa", "-n", "media")
            #expect(shown.output.contains("STRICT"), "\(shown.output)")
            let deployment = """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web, namespace: media}
                spec:
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: web, image: "web:1", ports: [{containerPort: 80}]}]}
                """
            for (text, verb) in [
                (deployment, "created"),
                (deployment.replacing("web:1", with: "web:2"), "configured"),
                (deployment.replacing("web:1", with: "web:2"), "unchanged"),
            ] {
                let applied = try await kubectl.run(
                    "apply", "--validate=false", "-f", "-", input: text)
                #expect(applied.output == "deployment.apps/web \(verb)\n", "\(applied.errors)")
            }
            let deleted = try await kubectl.run("delete", "pa", "default", "-n", "media")
            #expect(deleted.status == 0, "\(deleted.errors)")
            #expect(deleted.output.contains("\"default\" deleted"))
        }
    }

    @Test("rollout restart rolls the pods, and rollout status waits for them")
    func rollout() async throws {
        try await Kubectl.session("resilient-platform", timePasses: true) { kubectl in
            let before = try await kubectl.run(
                "get", "pods", "-n", "resilient-platform", "-o", "name")
            for workload in ["deployment/frontend", "statefulset/postgres"] {
                let restarted = try await kubectl.run(
                    "rollout", "restart", workload, "-n", "resilient-platform")
                #expect(restarted.status == 0, "\(restarted.errors)")
                let status = try await kubectl.run(
                    "rollout", "status", workload, "-n", "resilient-platform", "--timeout=300s")
                #expect(status.status == 0, "\(status.errors)")
                // For a StatefulSet with its default partition kubectl says it in other words.
                let isDone =
                    status.output.contains("successfully rolled out")
                    || status.output.contains("roll out complete")
                #expect(isDone, "\(status.output)")
            }
            let after = try await kubectl.run(
                "get", "pods", "-n", "resilient-platform", "-o", "name")
            #expect(before.output != after.output)
            #expect(after.output.split(separator: "\n").count >= 5)
        }
    }

    @Test("watch shows a change as it comes, and delete waits until a namespace is gone")
    func watch() async throws {
        try await Kubectl.session("home-cluster", timePasses: true) { kubectl in
            async let watched = kubectl.run(
                "get", "ns", "media", "--watch", "-o", "name", "--request-timeout=20s")
            // On a busy machine the watch may begin late: one of the changes comes after that.
            for change in 1...8 {
                try await Task.sleep(for: .milliseconds(1500))
                let labelled = try await kubectl.run(
                    "label", "ns", "media", "--overwrite", "team=x\(change)")
                #expect(labelled.status == 0)
            }
            let lines = try await watched.output.split(separator: "\n")
            #expect(lines.count >= 2, "\(lines)")
            let deleted = try await kubectl.run("delete", "ns", "media", "--timeout=300s")
            #expect(deleted.status == 0, "\(deleted.errors)")
            let gone = try await kubectl.run("get", "ns", "media")
            #expect(gone.status == 1)
        }
    }
}

/// kubectl with a kubeconfig and a cache of its own.
struct Kubectl: Sendable {
    struct Result: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/kubectl" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    private let directory: String

    /// A fresh sandbox for `body`; with `timePasses` its clock runs fifty times as fast as the wall's.
    static func session(
        _ name: String, timePasses: Bool = false, _ body: (Kubectl) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let session = try await SandboxSession.open(
            name: name, directory: directory.path, realTime: false)
        try session.kubeconfigText().write(
            toFile: directory.path + "/kubeconfig", atomically: true, encoding: .utf8)
        let ticking = Task {
            while timePasses, !Task.isCancelled {
                try await Task.sleep(for: .milliseconds(10))
                try await session.clock.sleep(for: .milliseconds(500))
            }
        }
        do {
            try await body(Kubectl(directory: directory.path))
        } catch {
            ticking.cancel()
            await session.close()
            throw error
        }
        ticking.cancel()
        await session.close()
        withExtendedLifetime(directory) {}
    }

    func run(_ arguments: String..., input: String = "") async throws -> Result {
        var environment = ProcessInfo.processInfo.environment
        environment["KUBECONFIG"] = directory + "/kubeconfig"
        environment["HOME"] = directory
        let name = directory + "/" + UUID().uuidString
        for suffix in [".in", ".out", ".err"] {
            try Data(input.utf8).write(to: URL(fileURLWithPath: name + suffix))
        }
        let streams = (
            try FileHandle(forReadingFrom: URL(fileURLWithPath: name + ".in")),
            try Self.emptied(name + ".out"), try Self.emptied(name + ".err")
        )
        let process = try ChildProcess(
            Self.path ?? "/usr/bin/kubectl", arguments + ["--cache-dir", directory + "/cache"],
            environment: environment, input: streams.0.fileDescriptor,
            output: streams.1.fileDescriptor, errors: streams.2.fileDescriptor)
        let status = try await process.ended()
        withExtendedLifetime(streams) {}
        return Result(
            status: status,
            output: try String(contentsOfFile: name + ".out", encoding: .utf8),
            errors: try String(contentsOfFile: name + ".err", encoding: .utf8))
    }

    private static func emptied(_ path: String) throws -> FileHandle {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: 0)
        return handle
    }
}
