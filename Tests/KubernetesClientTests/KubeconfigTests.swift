import Foundation
import Testing

@testable import KubernetesClient

@Suite("kubeconfig")
struct KubeconfigTests {
    static let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    static let key = "-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----\n"
    static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A file with one context `c` of cluster `k` and user `u`.
    func file(
        _ name: String = "config", cluster: String = "server: https://api.example.com:6443",
        user: String = "token: hunter2", context: String = "cluster: k, user: u",
        rest: String = "current-context: c"
    ) throws -> String {
        try folder.write(
            name,
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: k, cluster: {\(cluster)}}]
            users: [{name: u, user: {\(user)}}]
            contexts: [{name: c, context: {\(context)}}]
            \(rest)
            """)
    }

    func loader(_ environment: [String: String] = [:]) -> KubeconfigLoader {
        KubeconfigLoader(
            environment: environment, homeDirectory: folder.path,
            serviceAccountDirectory: "\(folder.path)/serviceaccount")
    }

    func settings(
        _ path: String, _ environment: [String: String] = [:],
        change: (inout KubeconfigLoader.Choice) -> Void = { _ in }
    ) throws -> ConnectionSettings {
        var choice = KubeconfigLoader.Choice(file: path)
        change(&choice)
        return try loader(environment).settings(choice)
    }

    func problem(
        _ path: String, context: String? = nil
    ) -> KubeconfigError? {
        do {
            _ = try settings(path) { $0.context = context }
            return nil
        } catch {
            return error as? KubeconfigError
        }
    }

    func token(_ settings: ConnectionSettings) -> String? {
        guard case .token(let token) = settings.credentials else { return nil }
        return token.withText { $0 }
    }

    @Test("the current context gives server, token and namespace")
    func currentContext() throws {
        let settings = try settings(try file(context: "cluster: k, user: u, namespace: shop"))
        #expect(settings.server.description == "https://api.example.com:6443")
        #expect(token(settings) == "hunter2")
        #expect(settings.namespace == "shop")
        #expect(settings.origin?.context == "c")
        #expect(settings.origin?.cluster == "k")
        #expect(settings.origin?.user == "u")
        #expect(settings.compresses)
    }

    @Test("JSON is a kubeconfig too")
    func json() throws {
        let path = try folder.write(
            "config.json",
            """
            {"clusters":[{"name":"k","cluster":{"server":"https://h"}}],
             "contexts":[{"name":"c","context":{"cluster":"k"}}],"current-context":"c"}
            """)
        #expect(try settings(path).server.description == "https://h")
    }

    @Test("the command line's choices win")
    func choices() throws {
        let settings = try settings(try file()) {
            $0.namespace = "other"
            $0.impersonatedUser = "jane"
            $0.requestTimeout = .seconds(3)
        }
        #expect(settings.namespace == "other")
        #expect(settings.impersonation == Impersonation(user: "jane"))
        #expect(settings.requestTimeout == .seconds(3))
    }

    @Test(
        "certificates and keys come from data, which beats files, and from files beside the kubeconfig"
    )
    func material() throws {
        try folder.write("pki/ca.crt", Self.certificate)
        try folder.write("pki/client.crt", Self.certificate)
        try folder.write("pki/client.key", Self.key)
        let relative = try settings(
            try file(
                cluster: "server: https://h, certificate-authority: pki/ca.crt",
                user:
                    "client-certificate: pki/client.crt, client-key: \(folder.path)/pki/client.key")
        )
        #expect(relative.tls.certificateAuthorities == Array(Self.certificate.utf8))
        #expect(relative.tls.clientCertificate == Array(Self.certificate.utf8))
        #expect(relative.tls.clientKey == Secret(Self.key))
        let data = try settings(
            try file(
                cluster: "server: https://h, certificate-authority: /nowhere, "
                    + "certificate-authority-data: \(Self.base64(Self.certificate))",
                user: "client-certificate-data: \(Self.base64(Self.certificate)), "
                    + "client-key-data: \(Self.base64(Self.key))"))
        #expect(data.tls == relative.tls)
    }

    @Test("a token file is renewed, with the token beside it to begin with")
    func tokenFile() throws {
        let settings = try settings(try file(user: "tokenFile: run/token, token: hunter2"))
        guard case .tokenFile(let path, let fallback) = settings.credentials else {
            Issue.record("\(settings.credentials)")
            return
        }
        #expect(path == "\(folder.path)/run/token")
        #expect(fallback == Secret("hunter2"))
    }

    @Test("server name, skipped verification, proxy and impersonation are taken over")
    func otherFields() throws {
        let settings = try settings(
            try file(
                cluster: "server: https://h, tls-server-name: api.test, "
                    + "insecure-skip-tls-verify: true, proxy-url: 'http://me:pw@proxy:3128', "
                    + "disable-compression: true",
                user: "token: t, as: jane, as-uid: '7', as-groups: [a], as-user-extra: {x: ['1']}"))
        #expect(settings.tls.serverName == "api.test")
        #expect(settings.tls.skipsVerification)
        #expect(settings.proxy == ProxySettings(url: Secret("http://me:pw@proxy:3128")))
        #expect(!settings.compresses)
        #expect(
            settings.impersonation
                == Impersonation(user: "jane", uid: "7", groups: ["a"], extra: ["x": ["1"]]))
    }

    @Test("over plain HTTP no credential is sent")
    func plainHTTP() throws {
        let settings = try settings(try file(cluster: "server: 127.0.0.1:8080"))
        #expect(settings.server.scheme == .http)
        #expect(token(settings) == nil)
        #expect(!settings.compresses)
    }

    @Test("the environment's proxy is used, but not before loopback")
    func environmentProxy() throws {
        let environment = ["https_proxy": "http://p:1", "NO_PROXY": "internal"]
        let far = try settings(try file(), environment)
        #expect(far.proxy == ProxySettings(url: Secret("http://p:1"), exceptions: "internal"))
        let near = try settings(try file(cluster: "server: https://127.0.0.1:6443"), environment)
        #expect(near.proxy == nil)
    }

    @Test("files of KUBECONFIG are merged, the first mention wins, and missing ones are left out")
    func merging() throws {
        let first = try folder.write(
            "a/first",
            """
            contexts: [{name: c, context: {cluster: k, namespace: one}}]
            clusters: [{name: other, cluster: {server: https://unused}}]
            """)
        try folder.write("b/ca.crt", Self.certificate)
        let second = try folder.write(
            "b/second",
            """
            current-context: c
            contexts: [{name: c, context: {cluster: other, namespace: two}}]
            clusters: [{name: k, cluster: {server: https://h, certificate-authority: ca.crt}}]
            """)
        let list = "\(first)::\(folder.path)/missing:\(second)"
        let settings = try loader(["KUBECONFIG": list]).settings()
        #expect(settings.namespace == "one")
        #expect(settings.server.description == "https://h")
        #expect(settings.tls.certificateAuthorities != nil)
        #expect(settings.origin?.files == [first, second])
    }

    @Test("without anything said, the file in the home folder counts")
    func homeFile() throws {
        let path = try file(".kube/config")
        #expect(try loader().settings().origin?.files == [path])
    }

    @Test("a pipe is read once, to its end")
    func pipe() throws {
        let text = try String(contentsOfFile: try file(), encoding: .utf8)
        let pipe = "\(folder.path)/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        Thread.detachNewThread { try? Data(text.utf8).write(to: URL(fileURLWithPath: pipe)) }
        #expect(token(try settings(pipe)) == "hunter2")
    }

    @Test("inside a pod, its service account is used")
    func inCluster() throws {
        try folder.write("serviceaccount/token", "hunter2")
        try folder.write("serviceaccount/ca.crt", Self.certificate)
        try folder.write("serviceaccount/namespace", "ops\n")
        let environment = [
            "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443",
        ]
        let settings = try loader(environment).settings()
        #expect(settings.server.description == "https://[fd00::1]")
        #expect(settings.namespace == "ops")
        #expect(settings.tls.certificateAuthorities == Array(Self.certificate.utf8))
        guard case .tokenFile = settings.credentials else {
            Issue.record("\(settings.credentials)")
            return
        }
    }

    @Test("nothing anywhere says where was looked")
    func nothing() throws {
        #expect(
            throws: KubeconfigError(.noConfiguration(searched: ["\(folder.path)/.kube/config"]))
        ) {
            try loader().settings()
        }
    }

    @Test("a file that was named has to be there")
    func missingFile() {
        let path = "\(folder.path)/none"
        #expect(
            problem(path)
                == KubeconfigError(.unreadable(reason: "No such file or directory"), file: path))
    }

    @Test("contexts, clusters and users that are not defined are named")
    func undefined() throws {
        let path = try file(rest: "")
        #expect(
            problem(path) == KubeconfigError(.noCurrentContext(available: ["c"]), file: path))
        #expect(
            problem(path, context: "x")
                == KubeconfigError(
                    .unknownContext(available: ["c"]), file: path, subject: .context("x")))
        let cluster = try file("2", context: "cluster: gone")
        #expect(
            problem(cluster)
                == KubeconfigError(.undefined(by: "c"), file: cluster, subject: .cluster("gone")))
        let user = try file("3", context: "cluster: k, user: gone")
        #expect(
            problem(user)
                == KubeconfigError(.undefined(by: "c"), file: user, subject: .user("gone")))
    }

    @Test(
        "what is wrong with a cluster is said",
        arguments: [
            ("{}", KubeconfigError.Problem.missingField("server")),
            (
                "server: 7",
                .wrongType(field: "clusters[0].cluster.server", expected: "a text in quotes")
            ),
            ("server: 'https://me:hunter2@h'", .invalidServer(.holdsCredentials)),
            (
                "server: https://h, certificate-authority-data: '%%%'",
                .invalidData(field: "certificate-authority-data")
            ),
            (
                "server: https://h, certificate-authority-data: aGk=",
                .invalidPEM(field: "certificate-authority", expected: "CERTIFICATE")
            ),
            (
                "server: https://h, certificate-authority: /nowhere/ca",
                .fileUnreadable(
                    field: "certificate-authority", path: "/nowhere/ca",
                    reason: "No such file or directory")
            ),
            (
                "server: https://h, insecure-skip-tls-verify: true, certificate-authority-data: "
                    + base64(certificate),
                .conflictingFields(["certificate-authority", "insecure-skip-tls-verify"])
            ),
            (
                "server: https://h, insecure-skip-tls-verify: 'yes'",
                .wrongType(
                    field: "clusters[0].cluster.insecure-skip-tls-verify", expected: "true or false"
                )
            ),
        ])
    func badClusters(cluster: String, expected: KubeconfigError.Problem) throws {
        let path = try file(cluster: cluster == "{}" ? "" : cluster)
        #expect(
            problem(path) == KubeconfigError(expected, file: path, subject: .cluster("k")))
    }

    @Test(
        "what is wrong with a user is said, without a word of the credential",
        arguments: [
            (
                "token: t, username: hunter2",
                KubeconfigError.Problem.conflictingFields(["token", "username"])
            ),
            (
                "auth-provider: {name: gcp}",
                .notSupported(
                    field: "auth-provider: gcp",
                    advice: "kubectl no longer supports it either; use an exec plugin or a token")
            ),
            ("client-key-data: \(base64(key))", .missingField("client-certificate")),
            ("client-certificate-data: \(base64(certificate))", .missingField("client-key")),
            ("client-key-data: 'hunter2!'", .invalidData(field: "client-key-data")),
            (
                "token: [hunter2]",
                .wrongType(field: "users[0].user.token", expected: "a text in quotes")
            ),
            ("as-groups: [a]", .missingField("as")),
            (
                "exec: {command: x, apiVersion: v0}",
                .notSupported(
                    field: "exec.apiVersion: v0",
                    advice: "use client.authentication.k8s.io/v1 or /v1beta1")
            ),
            ("exec: {apiVersion: client.authentication.k8s.io/v1}", .missingField("exec.command")),
            (
                "client-certificate-data: \(base64(certificate)), client-key-data: "
                    + base64("-----BEGIN ENCRYPTED PRIVATE KEY-----\nhunter2\n"),
                .encryptedKey(field: "client-key")
            ),
        ])
    func badUsers(user: String, expected: KubeconfigError.Problem) throws {
        let path = try file(user: user)
        let found = problem(path)
        #expect(found == KubeconfigError(expected, file: path, subject: .user("u")))
        #expect(!String(reflecting: found).contains("hunter2"))
    }

    @Test(
        "a damaged file says where, and never repeats what may be a token",
        arguments: [
            "users: [{name: u, user: {token: *hunter2}}]", "token: \"hunter2", "a: b: hunter2",
            "users: [\n  hunter2: {", "hunter2: 1\nhunter2: 2", "- hunter2\n- b", "hunter2",
            "users: {hunter2: x}", "clusters: [hunter2]", "clusters: [{}]", "a: 1\n---\nb: hunter2",
        ])
    func damaged(text: String) throws {
        let path = try folder.write("damaged", text)
        let found = try #require(problem(path))
        #expect(found.file == path)
        #expect(!String(reflecting: found).contains("hunter2"), "\(found)")
    }

    @Test("a name that stands twice is refused")
    func duplicate() throws {
        let path = try folder.write(
            "twice", "users: [{name: u, user: {token: a}}, {name: u, user: {token: b}}]")
        #expect(
            problem(path) == KubeconfigError(.duplicateName, file: path, subject: .user("u")))
    }

    @Test("a kubeconfig in memory does not show its credentials")
    func redaction() throws {
        let config = try loader().load(
            file: try file(
                user: "username: me, password: hunter2, client-key-data: \(Self.base64("hunter2"))")
        )
        var dumped = ""
        dump(config, to: &dumped)
        for text in [dumped, String(reflecting: config)] {
            #expect(text.contains("<redacted>"))
            #expect(!text.contains("hunter2"))
            #expect(!text.contains(Self.base64("hunter2")))
        }
    }
}
