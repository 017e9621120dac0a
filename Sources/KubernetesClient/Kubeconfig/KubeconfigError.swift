/// Why there are no settings, or no credential, for a cluster. Holds names and paths, never a
/// credential and never a line of a kubeconfig.
package struct KubeconfigError: Error, Sendable, Hashable {
    /// What of a kubeconfig is meant.
    package enum Subject: Sendable, Hashable {
        case cluster(String)
        case user(String)
        case context(String)
        case file
    }

    package enum Problem: Sendable, Hashable {
        /// No kubeconfig anywhere, and not inside a cluster.
        case noConfiguration(searched: [String])
        case unreadable(reason: String)
        /// Not YAML or JSON. The text names no value of the file.
        case syntax(line: Int?, column: Int?, reason: String)
        case wrongType(field: String, expected: String)
        case duplicateName
        case noCurrentContext(available: [String])
        case unknownContext(available: [String])
        /// The context names a cluster or user that no file defines.
        case undefined(by: String)
        case missingField(String)
        case invalidServer(ServerURL.ParseError)
        /// Not base64.
        case invalidData(field: String)
        case invalidPEM(field: String, expected: String)
        case encryptedKey(field: String)
        case fileUnreadable(field: String, path: String, reason: String)
        /// Fields that exclude each other.
        case conflictingFields([String])
        case notSupported(field: String, advice: String)
        case tokenFileUnreadable(path: String, reason: String)
        case plugin(command: String, PluginFailure, installHint: String?)
    }

    package enum PluginFailure: Error, Sendable, Hashable {
        case notFound
        case couldNotStart(String)
        case failed(exitCode: Int32)
        /// What it printed is no `ExecCredential`, or not the version asked for.
        case unusableAnswer(String)
    }

    package var problem: Problem
    /// The kubeconfig concerned.
    package var file: String?
    package var subject: Subject

    package init(_ problem: Problem, file: String? = nil, subject: Subject = .file) {
        self.problem = problem
        self.file = file
        self.subject = subject
    }
}
