import Foundation
import Synchronization
import Timing

/// The `Authorization` header of one client, renewed when it is old or was refused.
final class CredentialStore: Sendable {
    private struct State {
        var plugin: PluginCredential?
        var header: Secret?
        var readAt: Timestamp?
        var wasRefused = false
    }

    private let credentials: ClusterCredentials
    private let state: Mutex<State>

    /// As client-go: a token file is read again when it was read a minute ago.
    private static let tokenFileAge = Duration.seconds(60)
    /// A plugin's token is renewed this long before it ends, so that none ends on its way.
    private static let expiryMargin = Duration.seconds(10)

    init(_ credentials: ClusterCredentials) {
        self.credentials = credentials
        var first = State()
        if case .plugin(_, let credential) = credentials { first.plugin = credential }
        state = Mutex(first)
    }

    /// The header's value; nil where requests carry none.
    func authorization(now: Timestamp) throws(KubeconfigError) -> Secret? {
        switch credentials {
        case .none: return nil
        case .token(let token): return Self.bearer(token)
        case .basic(let user, let password):
            return password.withText {
                Secret("Basic " + Data("\(user):\($0)".utf8).base64EncodedString())
            }
        case .tokenFile(let path, let fallback):
            return try tokenFromFile(path, fallback, now)
        case .plugin(let plugin, _):
            return try tokenFromPlugin(plugin, now)
        }
    }

    /// The server answered 401. True when asking again may give a credential that it takes.
    func refused() -> Bool {
        switch credentials {
        case .none, .token, .basic: false
        case .tokenFile, .plugin:
            state.withLock {
                $0.wasRefused = true; return true
            }
        }
    }

    private func tokenFromFile(
        _ path: String, _ fallback: Secret?, _ now: Timestamp
    ) throws(KubeconfigError) -> Secret? {
        let known = state.withLock { state -> Secret? in
            guard !state.wasRefused, let readAt = state.readAt, now >= readAt,
                now - readAt < Self.tokenFileAge
            else { return nil }
            return state.header
        }
        if let known { return known }
        let header: Secret
        do throws(FileContents.Failure) {
            let text = String(decoding: try FileContents.read(path), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            guard !text.isEmpty else { throw FileContents.Failure(reason: "it is empty") }
            header = Self.bearer(Secret(text))
        } catch {
            let last = state.withLock(\.header) ?? fallback.map(Self.bearer)
            guard let last else {
                throw KubeconfigError(.tokenFileUnreadable(path: path, reason: error.reason))
            }
            return last
        }
        state.withLock {
            $0.header = header
            $0.readAt = now
            $0.wasRefused = false
        }
        return header
    }

    private func tokenFromPlugin(
        _ plugin: CredentialPlugin, _ now: Timestamp
    ) throws(KubeconfigError) -> Secret? {
        let known = state.withLock { state -> PluginCredential? in
            guard !state.wasRefused, let credential = state.plugin else { return nil }
            if let expires = credential.expires, expires < now + Self.expiryMargin { return nil }
            return credential
        }
        if let known { return known.token.map(Self.bearer) }
        let renewed = try plugin.run()
        state.withLock {
            $0.plugin = renewed
            $0.wasRefused = false
        }
        return renewed.token.map(Self.bearer)
    }

    private static func bearer(_ token: Secret) -> Secret {
        token.withText { Secret("Bearer \($0)") }
    }
}
