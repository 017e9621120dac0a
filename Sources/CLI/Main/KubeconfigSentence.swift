import KubernetesClient

/// What is wrong with a kubeconfig, where, and what to do. Names and paths only, never a credential.
enum KubeconfigSentence {
    static func of(_ error: KubeconfigError) -> String {
        let file = error.file.map { "kubeconfig \($0)" } ?? "kubeconfig"
        return "\(file): \(subject(error.subject))\(problem(error.problem))"
    }

    private static func subject(_ subject: KubeconfigError.Subject) -> String {
        switch subject {
        case .cluster(let name): "cluster \(name): "
        case .user(let name): "user \(name): "
        case .context(let name): "context \(name): "
        case .file: ""
        }
    }

    private static func problem(_ problem: KubeconfigError.Problem) -> String {
        switch problem {
        case .noConfiguration(let searched):
            "there is none (looked for \(searched.joined(separator: ", ")))\n"
                + "Name one with --kubeconfig, or try an embedded cluster with --sandbox home-cluster."
        case .unreadable(let reason):
            "cannot be read: \(reason)"
        case .syntax(let line, let column, let reason):
            "line \(line ?? 0), column \(column ?? 0): \(reason)"
        case .wrongType(let field, let expected):
            "\(field) should be \(expected)"
        case .duplicateName:
            "the name is there twice"
        case .noCurrentContext(let available):
            "has no current-context\nChoose one with --context: \(list(available))"
        case .unknownContext(let available):
            "no such context\nChoose one with --context: \(list(available))"
        case .undefined(let context):
            "not defined, but context \(context) names it"
        case .missingField(let field):
            "\(field) is missing"
        case .invalidServer(let reason):
            "server is no usable URL (\(reason))"
        case .invalidData(let field):
            "\(field) is not base64"
        case .invalidPEM(let field, let expected):
            "\(field) holds no PEM \(expected)"
        case .encryptedKey(let field):
            "\(field) is encrypted, which is not supported"
        case .fileUnreadable(let field, let path, let reason):
            "\(field): cannot read \(place(path)): \(reason)"
        case .conflictingFields(let fields):
            "\(fields.joined(separator: " and ")) exclude each other"
        case .notSupported(let field, let advice):
            "\(field) is not supported\n\(advice)"
        case .tokenFileUnreadable(let path, let reason):
            "cannot read the token file \(place(path)): \(reason)"
        case .plugin(let command, let failure, let hint):
            "credential plugin \(command): \(plugin(failure))" + (hint.map { "\n\($0)" } ?? "")
        }
    }

    /// A path, unless somebody wrote the key or the token itself where its path belongs.
    private static func place(_ path: String) -> String {
        let isContent =
            path.contains(where: \.isNewline) || path.contains("-----BEGIN")
            || path.split(separator: "/").contains { part in
                // PEM in base64, a JSON web token, and what is as long as either.
                part.hasPrefix("LS0t") || part.hasPrefix("eyJ") || part.utf8.count > 64
            }
        return isContent ? "what stands there, which is no path" : path
    }

    private static func plugin(_ failure: KubeconfigError.PluginFailure) -> String {
        switch failure {
        case .notFound: "not found"
        case .couldNotStart(let reason): "could not be started: \(reason)"
        case .failed(let code): "ended with exit code \(code)"
        case .unusableAnswer(let reason): "gave no usable credential: \(reason)"
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "(there are none)" : names.joined(separator: ", ")
    }
}
