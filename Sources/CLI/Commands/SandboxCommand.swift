import ArgumentParser
import Foundation
import KubernetesSandbox
import SandboxServer

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract:
            "The embedded cluster: list its scenarios, start one again, serve one to kubectl, break one.",
        discussion: """
            --sandbox NAME on any command runs it against an embedded cluster that behaves as one with Istio \
            does; its contents are kept beside the state file.

            EXAMPLES
              meshctl sandbox list
              meshctl plan --sandbox home-cluster -f plans/home-cluster.yaml
              meshctl sandbox serve home-cluster --port 8001
              meshctl sandbox fault home-cluster dns-down
              meshctl sandbox reset home-cluster
            """,
        subcommands: [List.self, Reset.self, Serve.self, FaultSwitch.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the scenarios.",
            discussion: """
                EXAMPLES
                  meshctl sandbox list
                """)

        @OptionGroup var stateFile: StateOptions

        func run() async throws {
            let context = try CommandContext.required()
            for entry in try SandboxCatalogue.list(directory: stateFile.directory(context)) {
                context.print("\(entry.name)\t\(entry.summary)")
            }
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Throw a sandbox's contents away; it starts again as its scenario says.",
            discussion: """
                The next command on it finds another cluster: runs of the old one do not apply to it.

                EXAMPLES
                  meshctl sandbox reset home-cluster
                """)

        @Argument(help: "The sandbox's name.")
        var name: String

        @OptionGroup var stateFile: StateOptions

        func run() async throws {
            let context = try CommandContext.required()
            try SandboxCatalogue.reset(name: name, directory: stateFile.directory(context))
            context.note("Sandbox \(name) will start again as its scenario says.")
        }
    }

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Serve a sandbox on loopback, for kubectl and others, at wall speed.",
            discussion: """
                Prints the kubeconfig to use and goes on until Ctrl-C.

                EXAMPLES
                  meshctl sandbox serve home-cluster --kubeconfig-out sandbox.yaml &
                  kubectl --kubeconfig sandbox.yaml get pods -A
                """)

        @Argument(help: "The sandbox's name.")
        var name: String

        @OptionGroup var stateFile: StateOptions

        @Option(help: "The port to listen on; any free one by default.")
        var port: Int?

        @Option(help: "Write the kubeconfig here instead of to standard output.")
        var kubeconfigOut: String?

        func validate() throws {
            if let port, !(0...65_535).contains(port) {
                throw ValidationError(
                    "--port takes a number from 1 to 65535, or 0 for any free one")
            }
        }

        func run() async throws {
            let context = try CommandContext.required()
            let session = try await SandboxSession.open(
                name: name, directory: stateFile.directory(context), realTime: true, port: port)
            let kubeconfig = session.kubeconfigText()
            if let kubeconfigOut {
                try PrivateFile.write(
                    kubeconfig, to: context.resolve(kubeconfigOut), named: kubeconfigOut)
            } else {
                context.print(kubeconfig)
            }
            context.note("Serving sandbox \(name) at \(session.url); stop with Ctrl-C.")
            for await _ in context.stopRequests() { break }
            await session.close()
        }
    }
}

extension StateOptions {
    func directory(_ context: CommandContext) -> String {
        (path(context) as NSString).deletingLastPathComponent
    }
}
