package import KubernetesClient

extension KubernetesError {
    /// What went wrong, on one line, for journals and progress; the CLI adds why and what to do.
    package var sentence: String {
        switch self {
        case .status(let status):
            let conflicts = status.fieldManagerConflicts.map(\.message)
            let message = conflicts.isEmpty ? status.message : conflicts.joined(separator: "; ")
            return "\(status.call.verb.rawValue) \(status.call.target): "
                + "\(status.code) \(status.reason): \(message)"
        case .transport(let error, let call):
            return "\(call.verb.rawValue) \(call.target) at \(call.server): \(error.message)"
        case .malformed(let what, let call):
            return "\(call.verb.rawValue) \(call.target) at \(call.server): "
                + "the answer cannot be read: \(what)"
        case .unusableName(let call):
            return "\(call.verb.rawValue) \(call.target): not a possible name"
        case .credentials:
            return "the credentials cannot be read"
        case .cancelled:
            return "interrupted"
        }
    }
}
