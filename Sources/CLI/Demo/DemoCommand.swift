import ArgumentParser
import Foundation

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract:
            "The tour: a blocked plan, an apply that resets end, and the way to STRICT and back, on an embedded cluster.",
        discussion: """
            Runs meshctl's own commands on the sandbox home-cluster, in a folder of its own that is deleted \
            at the end. Needs no cluster and no network, and takes seconds: the sandbox's clock jumps.

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
        for scene in DemoScene.all { try await play(scene, folder: folder, context) }
        context.print(
            """

            That is the whole job. Next: write a plan for your own cluster and look at it with
              meshctl plan
            """)
    }

    private func play(_ scene: DemoScene, folder: String, _ context: CommandContext) async throws {
        if let plan = scene.plan {
            let file = URL(fileURLWithPath: folder + "/home-cluster.yaml")
            try Data(plan.utf8).write(to: file)
        }
        let shown = "meshctl " + scene.arguments.joined(separator: " ")
        context.print("\n\(scene.story)\n\n$ \(shown)\n")
        var inner = context
        inner.workingDirectory = folder
        inner.environment["MESHCTL_STATE"] = folder + "/meshctl.db"
        // One stream, so that a log keeps what happened in its order.
        inner.standardError = context.standardOutput
        inner.isInteractive = false
        let code = await MeshctlMain.run(scene.arguments, inner)
        if code == ExitStatus.interrupted.rawValue { throw CommandFailure(.interrupted) }
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
