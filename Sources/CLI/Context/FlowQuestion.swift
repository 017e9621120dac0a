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

    enum Server: Equatable {
        case object(ObjectName)
        /// A name with dots, or an address.
        case host(String)
    }

    /// The words of the command line.
    let from: String
    let to: String
    private let client: Client
    private let server: Server
    private let port: Int

    init(from: String, to: String) throws {
        self.from = from
        self.to = to
        client = try Self.client(from)
        (server, port) = try Self.server(to)
    }

    /// - Parameter configure: what `--send` and `--protocol` make of the judge.
    func explanation(
        in state: MeshState, configure: (inout FlowJudge) -> Void = { _ in }
    ) throws -> FlowExplanationReport {
        let server = Self.meaning(of: server, in: state)
        let found = FoundObjects(
            state, awaiting: [client.object, server.object].compactMap(\.self))
        var judge = FlowJudge(found.index)
        configure(&judge)
        return FlowExplanationReport(
            from: from, to: to, clients: try clients(found), targets: try targets(server, found),
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

    private func targets(_ server: Server, _ found: FoundObjects) throws -> [FlowTarget] {
        switch server {
        case .host(let host): return [.host(host, port: port)]
        case .object(let name) where name.kind == .service:
            let service = try found.service(name)
            return [.service(service, try found.port(port, of: service))]
        case .object(let name): return try found.pods(name).map { .pod($0, port: port) }
        }
    }

    /// A host may be the cluster's own: a Service by its full name, a Service or a pod by its address.
    private static func meaning(of server: Server, in state: MeshState) -> Server {
        guard case .host(let host) = server else { return server }
        switch state.holder(ofAddress: host) {
        case .service(let service): return .object(ObjectName(service))
        case .pod(let pod): return .object(ObjectName(pod))
        case nil: break
        }
        guard let named = ServiceHost(host) else { return server }
        return state.flows.services.first {
            $0.meta.namespace == named.namespace && $0.meta.name == named.name
        }.map { .object(ObjectName($0)) } ?? server
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
    /// `NAMESPACE/deployment/NAME:PORT`, by the pods' own; or a host, `host/NAME:PORT` or `NAME.DOMAIN:PORT`.
    private static func server(_ text: String) throws -> (Server, port: Int) {
        if let host = host(text) { return (.host(host.name), host.port) }
        guard let name = try object(text, option: "--to", role: "server"), let port = name.port
        else {
            throw CommandFailure(
                .usage,
                "--to: '\(TerminalText.sanitized(text))' names no server; "
                    + "write NAMESPACE/service/NAME:PORT, NAMESPACE/pod/NAME:PORT, "
                    + "NAMESPACE/deployment/NAME:PORT or host/NAME:PORT")
        }
        return (.object(name), port)
    }

    /// Without `host/` a name needs a dot: a mere word is more likely an object written too short.
    private static func host(_ text: String) -> (name: String, port: Int)? {
        let prefix = "host/"
        let isNamed = text.hasPrefix(prefix)
        let halves = (isNamed ? text.dropFirst(prefix.count) : text[...])
            .split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, let port = Int(halves[1]), (1...65535).contains(port) else {
            return nil
        }
        let labels = halves[0].lowercased().split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.unicodeScalars.allSatisfy {
                    ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-"
                }
        }
        guard isName, isNamed || labels.count > 1 else { return nil }
        return (labels.joined(separator: "."), port)
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

extension FlowQuestion.Server {
    fileprivate var object: ObjectName? {
        if case .object(let name) = self { name } else { nil }
    }
}
