import ArgumentParser
import Foundation

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "The tour: plan, apply to STRICT, nothing left to do, and back, on an embedded cluster.",
        discussion: """
            Runs meshctl's own commands on the sandbox home-cluster, in a folder of its own that is deleted
            at the end. Needs no cluster and no network.

            EXAMPLES
              meshctl demo
              meshctl demo --keep ./demo           # keep its state to look around
            """)

    @Option(help: "Keep the demo's state in this folder.", completion: .directory)
    var keep: String?

    func run() async throws {
        let context = try CommandContext.required()
        let folder = try keep.map(context.resolve) ?? Self.temporaryFolder(context)
        defer { if keep == nil { try? FileManager.default.removeItem(atPath: folder) } }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let planFile = folder + "/home-cluster.yaml"
        try Data(DemoPlan.text.utf8).write(to: URL(fileURLWithPath: planFile))
        for scene in DemoScene.all { try await play(scene, folder: folder, context) }
        context.print(
            """

            That is the whole job. Next: write a plan for your own cluster and look at it with
              meshctl plan
            """)
    }

    private func play(_ scene: DemoScene, folder: String, _ context: CommandContext) async throws {
        let shown = "meshctl " + scene.arguments.joined(separator: " ")
        context.print("\n\(scene.story)\n\n$ \(shown)\n")
        var inner = context
        inner.workingDirectory = folder
        inner.environment["MESHCTL_STATE"] = folder + "/meshctl.db"
        // One stream, so that a log keeps what happened in its order.
        inner.standardError = context.standardOutput
        inner.isInteractive = false
        let code = await MeshctlMain.run(scene.arguments, inner)
        guard code == scene.expected.rawValue else {
            throw CommandFailure(
                .failure, "the demo expected exit code \(scene.expected.rawValue) and got \(code)")
        }
    }

    private static func temporaryFolder(_ context: CommandContext) throws -> String {
        let name = "meshctl-demo-" + String(context.randomBits(), radix: 36)
        return FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    }
}

/// One command of the tour, with what it is there to show.
struct DemoScene {
    var story: String
    var arguments: [String]
    var expected: ExitStatus = .success

    private static let here = ["--sandbox", "home-cluster", "-f", "home-cluster.yaml"]

    static let all = [
        DemoScene(
            story: """
                # A home cluster with Istio ambient. Everything accepts plaintext. cloudflared stays outside
                # the mesh by design, so the port that it calls keeps a written exception.
                """,
            arguments: ["plan"] + here),
        DemoScene(
            story: "# Step by step to STRICT. Each step is journaled before it is written.",
            arguments: ["apply"] + here + ["--stage", "strict", "--yes"]),
        DemoScene(
            story: "# The cluster is as the plan says, so there is nothing left to do.",
            arguments: ["plan"] + here),
        DemoScene(
            story: "# Something resets? Back: policies are relaxed at once, then all is as before.",
            arguments: ["rollback", "--sandbox", "home-cluster", "--yes"]),
        DemoScene(
            story: "# What happened, from the state file.",
            arguments: ["history"]),
    ]
}
