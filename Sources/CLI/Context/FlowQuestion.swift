import Diagnostics
import MeshModel
import Reporting

/// Who calls whom, as the command line names them: to be found in a mesh state, or in several.
struct FlowQuestion {
    enum Client: Equatable {
        case external, apiServer
        case node(String)
        case object(ObjectName)
    }

    /// The words of the command line.
    let from: String
    let to: String
    private let client: Client
    private let server: ObjectName
    private let port: Int

    init(from: String, to: String) throws {
        self.from = from
        self.to = to
        client = try Self.client(from)
        server = try Self.server(to)
        port = server.port ?? 0
    }

    /// - Parameter configure: what `--send` and `--protocol` make of the judge.
    func explanation(
        in state: MeshState, configure: (inout FlowJudge) -> Void = { _ in }
    ) throws -> FlowExplanationReport {
        let found = FoundObjects(state, awaiting: [client.object, server].compactMap(\.self))
        var judge = FlowJudge(found.index)
        configure(&judge)
        return FlowExplanationReport(
            from: from, to: to, clients: try clients(found), targets: try targets(found),
            judge: judge)
    }

    private func clients(_ found: FoundObjects) throws -> [FlowClient] {
        switch client {
        case .external: [.external]
        case .apiServer: [.apiServer(nodes: found.index.apiServerNodes)]
        case .node(let name): [.node(name)]
        case .object(let name): try found.pods(name).map(FlowClient.pod)
        }
    }

    private func targets(_ found: FoundObjects) throws -> [FlowTarget] {
        guard server.kind == .service else {
            return try found.pods(server).map { .pod($0, port: port) }
        }
        let service = try found.service(server)
        return [.service(service, try found.port(port, of: service))]
    }

    // MARK: - The words

    /// `external`, `apiserver`, `node/NAME`, `NAMESPACE/KIND/NAME`: the pods of a workload are one client each.
    private static func client(_ text: String) throws -> Client {
        let mistake = CommandFailure(
            .usage,
            "--from: '\(TerminalText.sanitized(text))' names no client; write NAMESPACE/pod/NAME, "
                + "NAMESPACE/deployment/NAME, external, apiserver or node/NAME")
        switch text {
        case "external": return .external
        case "apiserver": return .apiServer
        default: break
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, parts[0] == "node", !parts[1].isEmpty {
            return .node(String(parts[1]))
        }
        guard let name = try object(text, option: "--from", role: "client"), name.port == nil,
            name.kind != .service
        else { throw mistake }
        return .object(name)
    }

    /// `NAMESPACE/service/NAME:PORT`, by the Service's port, or `NAMESPACE/pod/NAME:PORT` and
    /// `NAMESPACE/deployment/NAME:PORT`, by the pods' own.
    private static func server(_ text: String) throws -> ObjectName {
        guard let name = try object(text, option: "--to", role: "server"), name.port != nil else {
            throw CommandFailure(
                .usage,
                "--to: '\(TerminalText.sanitized(text))' names no server; "
                    + "write NAMESPACE/service/NAME:PORT, NAMESPACE/pod/NAME:PORT "
                    + "or NAMESPACE/deployment/NAME:PORT")
        }
        return name
    }

    private static func object(
        _ text: String, option: String, role: String
    ) throws -> ObjectName? {
        do throws(ObjectName.KindMistake) {
            return try ObjectName(text)
        } catch {
            throw CommandFailure(
                .usage,
                "\(option): '\(TerminalText.sanitized(error.kind))' is no kind of \(role)"
                    + error.hint)
        }
    }
}

extension FlowQuestion.Client {
    fileprivate var object: ObjectName? {
        if case .object(let name) = self { name } else { nil }
    }
}
