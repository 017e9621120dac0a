import ArgumentParser
import KubernetesSandbox
import Reporting

extension SandboxCommand {
    struct FaultSwitch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fault",
            abstract: "Switch on what goes wrong in a sandbox, or off; or list what is on.",
            discussion: """
                A fault is kept with the sandbox's contents until it is cleared. Afterwards what is on is printed.

                FAULTS
                \(faults)

                COUNT is how many requests a fault meets before it is used up, METHOD and /PATH which ones.

                EXAMPLES
                  meshctl sandbox fault home-cluster ztunnel-not-ready kube-1
                  meshctl sandbox fault home-cluster resets ingress/cloudflared default/mirai-frontend
                  meshctl sandbox fault home-cluster api-status 429 3 PATCH /apis/security.istio.io
                  meshctl sandbox fault home-cluster -o json
                  meshctl sandbox fault home-cluster --clear dns-down
                  meshctl sandbox fault home-cluster --clear
                """)

        private static var faults: String {
            Fault.Kind.allCases.map { "  \($0.rawValue) \($0.usage)" }.joined(separator: "\n")
        }

        @Argument(help: "The sandbox's name.")
        var name: String

        @Argument(
            help: "The fault and what it takes; without one the faults that are on are listed.")
        var fault: [String] = []

        @Flag(
            help:
                "Switch the fault off: with these arguments, or whatever its arguments, or all faults."
        )
        var clear = false

        @Flag(help: "Only list what is on.")
        var list = false

        @OptionGroup var stateFile: StateOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if list, clear || !fault.isEmpty {
                throw ValidationError("--list takes neither a fault nor --clear")
            }
        }

        func run() async throws {
            let context = try CommandContext.required()
            let present = try SandboxCatalogue.withCluster(
                name: name, directory: stateFile.directory(context)
            ) { cluster in
                if clear {
                    let wanted = try fault.isEmpty ? nil : Fault(clearing: fault)
                    let count = cluster.switchOff(wanted)
                    context.note("Switched off: \(count).")
                } else if !fault.isEmpty {
                    try cluster.switchOn(Fault(fault))
                }
                return cluster.presentFaults
            }
            let entries = present.map {
                FaultReport.Entry(fault: $0.kind.rawValue, arguments: $0.arguments)
            }
            context.printReport(FaultReport(sandbox: name, faults: entries), output)
        }
    }
}
