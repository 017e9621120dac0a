/// Why a call gave no result.
package enum KubernetesError: Error, Sendable {
    /// The server refused or failed.
    case status(APIStatus)
    /// No whole answer.
    case transport(TransportError, APICall)
    /// An answer that is not what the call asks for. The text says what is wrong with it.
    case malformed(String, APICall)
    /// A namespace or name that no object can have, so nothing was sent.
    case unusableName(APICall)
    /// A credential could not be had, so nothing was sent.
    case credentials(KubeconfigError)
    /// The task was cancelled. A write that had begun is never reported so.
    case cancelled

    package var call: APICall? {
        switch self {
        case .status(let status): status.call
        case .transport(_, let call), .malformed(_, let call), .unusableName(let call): call
        case .credentials, .cancelled: nil
        }
    }

    package var status: APIStatus? {
        if case .status(let status) = self { status } else { nil }
    }

    /// A write that may have been done: read the object back before anything else.
    package var isInDoubt: Bool {
        guard let call, call.mayChange else { return false }
        return switch self {
        case .status(let status): status.leavesInDoubt
        case .transport(let error, _): error.mayHaveReachedServer
        case .malformed: true
        case .unusableName, .credentials, .cancelled: false
        }
    }
    /// The server cannot be had, at this time: the request is not at fault.
    package var isOutage: Bool {
        switch self {
        case .status(let status): status.isTransient && !status.call.isPassedOn
        case .transport(let error, _): error.isTransient
        case .malformed, .unusableName, .credentials, .cancelled: false
        }
    }
}
