package import JSON

/// kubeconfig files, read and merged: first mention wins, as with kubectl.
///
/// Source: k8s.io/client-go `tools/clientcmd/api/v1/types.go` and `loader.go`.
package struct Kubeconfig: Sendable {
    package struct Cluster: Sendable {
        /// The file that defines it: relative paths in it are relative to that file's folder.
        var file: String
        var server: String?
        var tlsServerName: String?
        var skipsVerification = false
        var authority = Material()
        var proxyURL: Secret?
        var disablesCompression = false
    }

    package struct User: Sendable {
        var file: String
        var certificate = Material()
        var key = Material()
        var token: Secret?
        var tokenFile: String?
        var username: String?
        var password: Secret?
        var impersonation: Impersonation?
        var plugin: CredentialPlugin.Definition?
        var authProvider: String?
    }

    package struct Context: Sendable {
        var file: String
        var cluster: String?
        var user: String?
        var namespace: String?
    }

    /// A certificate or key: in the file itself, or the path of another.
    struct Material: Sendable {
        var path: String?
        /// Base64.
        var data: Secret?
    }

    var clusters: [String: Cluster] = [:]
    var users: [String: User] = [:]
    var contexts: [String: Context] = [:]
    var currentContext: String?
    /// All files that were read, in order.
    package private(set) var files: [String] = []

    package init() {}

    /// The contexts there are, for a message that has to list them.
    package var contextNames: [String] { contexts.keys.sorted() }

    /// Adds what a later file defines and no earlier one has.
    mutating func merge(_ later: Kubeconfig) {
        clusters.merge(later.clusters) { first, _ in first }
        users.merge(later.users) { first, _ in first }
        contexts.merge(later.contexts) { first, _ in first }
        currentContext = currentContext ?? later.currentContext
        files += later.files
    }

    /// Reads one document.
    package init(_ document: JSONValue, file: String) throws(KubeconfigError) {
        files = [file]
        // An empty file is an empty configuration.
        guard !document.isNull else { return }
        let root = try KubeconfigFields(document, at: "", file: file)
        currentContext = try root.text("current-context")
        clusters = try root.named(
            "clusters", "cluster", KubeconfigError.Subject.cluster, Cluster.init(_:))
        users = try root.named("users", "user", KubeconfigError.Subject.user, User.init(_:))
        contexts = try root.named(
            "contexts", "context", KubeconfigError.Subject.context, Context.init(_:))
    }
}

extension Kubeconfig.Cluster {
    init(_ fields: KubeconfigFields) throws(KubeconfigError) {
        file = fields.file
        server = try fields.text("server")
        tlsServerName = try fields.text("tls-server-name")
        skipsVerification = try fields.flag("insecure-skip-tls-verify")
        authority = try fields.material("certificate-authority")
        proxyURL = try fields.text("proxy-url").map { Secret($0) }
        disablesCompression = try fields.flag("disable-compression")
    }
}

extension Kubeconfig.Context {
    init(_ fields: KubeconfigFields) throws(KubeconfigError) {
        file = fields.file
        cluster = try fields.text("cluster")
        user = try fields.text("user")
        namespace = try fields.text("namespace")
    }
}

extension Kubeconfig.User {
    init(_ fields: KubeconfigFields) throws(KubeconfigError) {
        file = fields.file
        certificate = try fields.material("client-certificate")
        key = try fields.material("client-key")
        token = try fields.text("token").map { Secret($0) }
        tokenFile = try fields.text("tokenFile")
        username = try fields.text("username")
        password = try fields.text("password").map { Secret($0) }
        authProvider = try fields.child("auth-provider").map { provider throws(KubeconfigError) in
            try provider.text("name") ?? "unnamed"
        }
        plugin = try fields.child("exec").map { exec throws(KubeconfigError) in
            try CredentialPlugin.Definition(exec)
        }
        if let name = try fields.text("as") {
            let extra = try fields.child("as-user-extra")
            impersonation = Impersonation(
                user: name, uid: try fields.text("as-uid"),
                groups: try fields.texts("as-groups"), extra: try extra?.listsOfTexts() ?? [:])
        } else if fields.has("as-groups") || fields.has("as-uid") || fields.has("as-user-extra") {
            throw fields.error(.missingField("as"))
        }
    }
}
