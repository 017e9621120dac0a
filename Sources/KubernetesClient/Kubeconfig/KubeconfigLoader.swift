import Diagnostics
import JSON
import YAML

/// Finds and reads kubeconfig files, and makes the settings of a context from them.
package struct KubeconfigLoader: Sendable {
    /// The process's environment: `KUBECONFIG`, `PATH`, proxies, and what plugins inherit.
    package var environment: [String: String]
    package var homeDirectory: String
    /// Where a pod finds its service account.
    package var serviceAccountDirectory: String
    /// Gets what a credential plugin says on standard error, line by line.
    package var tell: @Sendable (String) -> Void

    package init(
        environment: [String: String], homeDirectory: String,
        serviceAccountDirectory: String = "/var/run/secrets/kubernetes.io/serviceaccount",
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.environment = environment
        self.homeDirectory = homeDirectory
        self.serviceAccountDirectory = serviceAccountDirectory
        self.tell = tell
    }

    /// What the command line chooses.
    package struct Choice: Sendable {
        /// `--kubeconfig`: only this file, which may be a pipe.
        package var file: String?
        package var context: String?
        package var namespace: String?
        /// `--as`.
        package var impersonatedUser: String?
        package var requestTimeout: Duration?

        package init(
            file: String? = nil, context: String? = nil, namespace: String? = nil,
            impersonatedUser: String? = nil, requestTimeout: Duration? = nil
        ) {
            self.file = file
            self.context = context
            self.namespace = namespace
            self.impersonatedUser = impersonatedUser
            self.requestTimeout = requestTimeout
        }
    }

    /// The settings of the chosen context; inside a pod without a kubeconfig, those of its service account.
    ///
    /// Runs the user's credential plugin, if there is one.
    package func settings(_ choice: Choice = Choice()) throws(KubeconfigError) -> ConnectionSettings
    {
        let config = try load(file: choice.file)
        var settings: ConnectionSettings
        if config.contexts.isEmpty, config.currentContext == nil, choice.file == nil,
            choice.context == nil, let inCluster = try inClusterSettings()
        {
            settings = inCluster
        } else {
            guard !config.files.isEmpty else {
                throw KubeconfigError(.noConfiguration(searched: paths(file: choice.file)))
            }
            settings = try config.settings(
                context: choice.context, environment: environment, tell: tell)
        }
        if let namespace = choice.namespace { settings.namespace = namespace }
        if let user = choice.impersonatedUser {
            settings.impersonation = Impersonation(user: user)
        }
        if let timeout = choice.requestTimeout { settings.requestTimeout = timeout }
        return settings
    }

    /// Reads and merges the files. One named on the command line has to be there; of the others, any
    /// may be missing.
    package func load(file: String? = nil) throws(KubeconfigError) -> Kubeconfig {
        var config = Kubeconfig()
        for path in paths(file: file) {
            let contents: [UInt8]
            do {
                contents = try FileContents.read(path)
            } catch {
                if error.isMissing, file == nil { continue }
                throw KubeconfigError(.unreadable(reason: error.reason), file: path)
            }
            config.merge(try Self.parse(contents, file: path))
        }
        return config
    }

    private func paths(file: String?) -> [String] {
        if let file { return [file] }
        let listed = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        return listed.isEmpty ? ["\(homeDirectory)/.kube/config"] : listed
    }

    /// One file's contents. Reads no other file and runs nothing: that is left to `Kubeconfig.settings`.
    package static func parse(
        _ contents: [UInt8], file: String
    ) throws(KubeconfigError) -> Kubeconfig {
        let documents: [YAMLNode]
        do {
            documents = try YAMLReader.documents(in: contents, name: file)
        } catch {
            throw syntaxError(error.diagnostics.first, file: file)
        }
        guard documents.count <= 1 else {
            throw KubeconfigError(
                .syntax(line: nil, column: nil, reason: "it holds more than one document"),
                file: file)
        }
        return try Kubeconfig(documents.first?.json() ?? .null, file: file)
    }

    /// The reader quotes names in backticks, and in a damaged file a token may stand where a name was.
    private static func syntaxError(_ first: Diagnostic?, file: String) -> KubeconfigError {
        let quoted = (first?.message ?? "not valid YAML")
            .split(separator: "`", omittingEmptySubsequences: false).enumerated()
        let reason = quoted.map { $0.offset.isMultiple(of: 2) ? String($0.element) : "…" }.joined()
        return KubeconfigError(
            .syntax(
                line: first?.range?.start.line, column: first?.range?.start.column, reason: reason),
            file: file)
    }
}
