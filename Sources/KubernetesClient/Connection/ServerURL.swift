import Foundation

/// The address of an API server: `https://HOST:PORT/BASE`.
package struct ServerURL: Sendable, Hashable, CustomStringConvertible {
    package enum Scheme: String, Sendable {
        case http, https
    }

    package enum ParseError: Error, Sendable, Hashable {
        case empty
        case notAURL
        case unsupportedScheme(String)
        case noHost
        /// A user name or password inside the URL, which no message may repeat.
        case holdsCredentials
        case hasQuery
    }

    package let scheme: Scheme
    /// Without the brackets of an IPv6 address.
    package let host: String
    package let port: Int
    /// Percent-encoded, `""` or `/like/this`: what a proxy such as Rancher puts before `/api`.
    package let basePath: String

    /// `HOST`, `HOST:PORT` or `[HOST]:PORT`; the port is left out where it is the scheme's own.
    package var authority: String {
        let bracketed = host.contains(":") ? "[\(host)]" : host
        let standard = scheme == .https ? 443 : 80
        return port == standard ? bracketed : "\(bracketed):\(port)"
    }

    package var description: String { "\(scheme.rawValue)://\(authority)\(basePath)" }

    package var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// - Parameter defaultScheme: for a text such as `127.0.0.1:8080`, which kubectl accepts as well.
    package init(_ text: String, defaultScheme: Scheme = .https) throws(ParseError) {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        guard !trimmed.isEmpty else { throw .empty }
        let full = trimmed.contains("://") ? trimmed : "\(defaultScheme.rawValue)://\(trimmed)"
        guard let parts = URLComponents(string: full) else { throw .notAURL }
        guard parts.user == nil, parts.password == nil else { throw .holdsCredentials }
        guard let schemeName = parts.scheme?.lowercased() else { throw .notAURL }
        guard let scheme = Scheme(rawValue: schemeName) else {
            throw .unsupportedScheme(schemeName)
        }
        guard parts.query == nil, parts.fragment == nil else { throw .hasQuery }
        let bracketed = parts.host ?? ""
        let host =
            bracketed.hasPrefix("[") && bracketed.hasSuffix("]")
            ? String(bracketed.dropFirst().dropLast()) : bracketed
        guard !host.isEmpty else { throw .noHost }
        let port = parts.port ?? (scheme == .https ? 443 : 80)
        guard (1...65_535).contains(port) else { throw .notAURL }
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
        var path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        basePath = path
    }
}
