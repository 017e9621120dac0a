import ArgumentParser
import MeshPlanning
import Reporting

struct StateShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "Show an object of 'state list': what it was, what was written, and by which run.",
        discussion: """
            EXAMPLES
              meshctl state show PeerAuthentication shop/default
              meshctl state show deploy/cart
              meshctl state show namespace shop -o json

            EXIT CODES
              0 done · 1 no such object, several, or an error · 64 usage
            """)

    @Argument(
        help: ArgumentHelp(
            "The object: KIND NAMESPACE/NAME as 'state list' names it, or KIND/NAME as kubectl does.",
            valueName: "object"))
    var words: [String]

    @OptionGroup var choice: StateClusterOption
    @OptionGroup var stateFile: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let context = try CommandContext.required()
        let asked = words.joined(separator: " ")
        guard let name = StateObjectName(asked) else {
            throw CommandFailure(
                .usage, "'\(asked)' names no object; write KIND NAMESPACE/NAME, or KIND/NAME")
        }
        let clusters = try choice.choose(from: StateReader(stateFile, context).clusters())
        let found = clusters.flatMap { cluster in
            cluster.objects.filter { name.matches($0.object) }.map { (cluster, $0) }
        }
        guard let (cluster, object) = found.first else {
            throw CommandFailure(
                .failure,
                "the state file has no \(asked) that a run changed and no rollback undid\n"
                    + "List those that it has with: meshctl state list")
        }
        guard found.count == 1 else {
            let lines = found.map { "  \($0.1.object.text)  --cluster \($0.0.clusterUID)" }
            throw CommandFailure(
                .failure,
                "\(asked) may be one of:\n\(lines.joined(separator: "\n"))\n"
                    + "Name the namespace, or the cluster with --cluster.")
        }
        context.printReport(StateObjectReport(object, in: cluster), output)
    }
}

/// An object that meshctl writes, as a person names it: `PeerAuthentication shop/default`, `deploy/cart`, `ns shop`.
struct StateObjectName: Equatable {
    /// In lower case, without plural and short names.
    var kind: String
    /// nil where it is not said.
    var namespace: String?
    var name: String

    /// nil for a text of another shape.
    init?(_ text: String) {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        var parts = words.flatMap {
            $0.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        }
        guard words.count == 1 || words.count == 2, (2...3).contains(parts.count),
            !parts.contains("")
        else { return nil }
        // As `explain` names objects: NAMESPACE/KIND/NAME.
        if words.count == 1, parts.count == 3 { parts.swapAt(0, 1) }
        kind = Self.kind(parts[0])
        namespace = parts.count == 3 ? parts[1] : nil
        name = parts[parts.count - 1]
    }

    func matches(_ object: ObjectReference) -> Bool {
        object.kind.lowercased() == kind && object.name == name
            && (namespace == nil || object.namespace == namespace)
    }

    /// As kubectl takes them.
    private static let shortNames = [
        "ns": "namespace", "pa": "peerauthentication", "dr": "destinationrule",
        "se": "serviceentry", "deploy": "deployment", "sts": "statefulset", "ds": "daemonset",
        "rs": "replicaset", "cj": "cronjob", "serviceentries": "serviceentry",
    ]

    private static func kind(_ word: String) -> String {
        let word = word.lowercased()
        return shortNames[word] ?? (word.hasSuffix("s") ? String(word.dropLast()) : word)
    }
}
