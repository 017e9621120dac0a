package import Diagnostics
import MeshModel

/// Exceptions that were to be gone by now. The day of `expires` is the last one on which they hold.
package enum ExpiredExceptions: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        guard let today = context.today else { return [] }
        return context.namespaces.flatMap { resolved in
            resolved.entry.exceptions.compactMap { exception in
                guard let expires = exception.expires, expires < today else { return nil }
                let owner = exception.owner.map { " Ask \($0)." } ?? ""
                return Diagnostic(
                    .expiredException, context.strictExpiry ? .error : .warning,
                    "exception \(exception.name) of namespace \(resolved.name) expired on "
                        + "\(expires.text)",
                    detail:
                        "Its reason was: \(exception.reason).\(owner) Remove the exception, or give "
                        + "it a new date.", at: exception.range)
            }
        }
    }
}
