package import MeshPlanning

extension StepFailure {
    /// The closed set of names in JSON.
    var reason: String {
        switch self {
        case .moved: "moved"
        case .refused: "refused"
        case .unreachable: "unreachable"
        case .unconfirmed: "unconfirmed"
        }
    }

    /// What happened.
    var message: String {
        switch self {
        case .moved(let detail): "it is not as it was planned: \(detail)"
        case .refused(let status, let reason, let message):
            if isWebhookSilent {
                "istiod is down: its validation did not answer (\(message))"
            } else {
                "the API server refused it with \(status)\(reason.isEmpty ? "" : " \(reason)"): "
                    + message
            }
        case .unreachable(let message): "the API server did not answer: \(message)"
        case .unconfirmed(let missing): "it is written, but its effect did not show: \(missing)"
        }
    }

    /// What to do about it.
    var advice: String {
        switch self {
        case .moved:
            "Somebody changed it meanwhile. Put it back, or plan again from what is there now."
        case .refused(let status, _, _):
            switch status {
            case _ where isWebhookSilent: "Bring istiod back, then go on with the run."
            case 401: "Renew the credentials of this kubeconfig context, then go on with the run."
            case 403: "Ask for the permission that it names, then go on with the run."
            default: "Nothing was written by this step. Go on with the run once it is resolved."
            }
        case .unreachable:
            "When the run goes on it reads the object first, so that nothing is written twice."
        case .unconfirmed:
            "It is not written again: when the run goes on, it is looked at once more."
        }
    }

    /// The API server says so when a webhook with `failurePolicy: Fail` cannot be reached
    /// (Kubernetes `apiserver/pkg/admission/plugin/webhook/errors/statuserror.go`, `failed calling webhook`).
    package var isWebhookSilent: Bool {
        guard case .refused(_, _, let message) = self else { return false }
        return message.contains("failed calling webhook") && message.contains("istio")
    }
}
