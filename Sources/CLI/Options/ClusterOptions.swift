import ArgumentParser
import Foundation
import MeshCluster
import Reporting

/// Which cluster, and where the state is: as kubectl names them.
struct ClusterOptions: ParsableArguments {
    @Option(help: "Path of the kubeconfig.", completion: .file())
    var kubeconfig: String?

    @Option(help: "The kubeconfig context to use.")
    var context: String?

    @Option(name: .customLong("as"), help: "The user to impersonate.")
    var impersonate: String?

    @Option(help: "How long one request may take, such as 30s. 0 means no limit.")
    var requestTimeout: String?

    @Option(help: "Use the embedded cluster of this name instead of a real one.")
    var sandbox: String?

    @Flag(help: "Let a sandbox's clock run at wall speed instead of jumping over waits.")
    var realTime = false

    @Option(help: "The namespace for what meshctl keeps in the cluster.")
    var stateNamespace = StateNamespace.usual

    @OptionGroup var stateFile: StateOptions

    func stateDirectory(_ context: CommandContext) -> String {
        stateFile.directory(context)
    }

    /// The options as they were given, to be repeated in a command that the user is told to run.
    var asGiven: String {
        let values = [
            ("--kubeconfig", kubeconfig), ("--context", context), ("--as", impersonate),
            ("--sandbox", sandbox), ("--state", stateFile.state),
            (
                "--state-namespace",
                stateNamespace == StateNamespace.usual ? nil : stateNamespace
            ),
        ]
        return values.compactMap { name, value in value.map { " \(name) \(Self.quoted($0))" } }
            .joined() + (realTime ? " --real-time" : "")
    }

    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy {
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
                    || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
                    || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "-_./:@".utf8.contains($0)
            }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }

    func timeout() throws -> Duration? {
        guard let requestTimeout else { return nil }
        guard let duration = Self.duration(requestTimeout) else {
            throw CommandFailure(
                .usage, "--request-timeout: '\(requestTimeout)' is no duration; write 30s or 2m")
        }
        return duration
    }

    /// `500ms`, `30s`, `2m`, `1h`, `1d`, or a number of seconds.
    static func duration(_ text: String, atMostDays days: Int = 1) -> Duration? {
        let units: [(String, Int)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        let unit = units.first { text.hasSuffix($0.0) } ?? ("", 1000)
        guard let number = Int(text.dropLast(unit.0.count)), number >= 0,
            number <= days * 86_400_000 / unit.1
        else { return nil }
        return .milliseconds(number * unit.1)
    }
}

/// Where the state file is.
struct StateOptions: ParsableArguments {
    @Option(
        help: "Path of the state file. (default: $MESHCTL_STATE, else state/meshctl.db)",
        completion: .file())
    var state: String?

    func path(_ context: CommandContext) -> String {
        context.resolve(state ?? context.environment["MESHCTL_STATE"] ?? "state/meshctl.db")
    }
}

struct PlanFileOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "The plan file; - for standard input. (default: the only file in plans/)",
        completion: .file(extensions: ["yaml", "yml"]))
    var file: String?
}

struct ManifestOptions: ParsableArguments {
    @Option(
        help: "Read the cluster's state from manifests instead: a file, a folder, or -.",
        completion: .file())
    var manifests: [String] = []
}

/// The output formats that every reading command has.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, yaml, markdown

    var format: ReportFormat {
        switch self {
        case .text: .text
        case .json: .json
        case .yaml: .yaml
        case .markdown: .markdown
        }
    }
}

struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Output format: text, json, yaml or markdown.")
    var output: OutputFormat = .text

    @Option(help: "Colour the output: auto, always or never.")
    var color: ColorChoice = .auto

    enum ColorChoice: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

    /// Whether a program reads it, which takes one document.
    var isForPrograms: Bool { output == .json || output == .yaml }

    func colors(_ context: CommandContext) -> Bool { Self.colors(color, context) }

    static func colors(_ choice: ColorChoice, _ context: CommandContext) -> Bool {
        switch choice {
        case .always: true
        case .never: false
        case .auto: context.outputIsTerminal && context.allowsColor
        }
    }
}

extension CommandContext {
    /// https://no-color.org
    var allowsColor: Bool {
        (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    var colorsErrors: Bool { errorIsTerminal && allowsColor }
}
