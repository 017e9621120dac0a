package import KubernetesClient

extension KubernetesError {
    /// What went wrong, on one line, for journals and progress; the CLI adds why and what to do.
    package var sentence: String {
        switch self {
        case .status(let status):
            let conflicts = status.fieldManagerConflicts.map(\.message)
            let message = conflicts.isEmpty ? status.message : conflicts.joined(separator: "; ")
            // Istio validates its own resources through istiod, and refuses them while it is down.
            let cause =
                status.isWebhookFailure
                ? "an admission webhook did not answer; for Istio's resources that is istiod: " : ""
            return "\(status.call.verb.rawValue) \(status.call.target): "
                + "\(status.code) \(status.reason): \(cause)\(message)"
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
