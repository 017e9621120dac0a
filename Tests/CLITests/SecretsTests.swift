import Foundation
import JSON
import SandboxServer
import Testing

/// What proves to a cluster who one is stays in memory, whatever happens.
@Suite("Credentials", .timeLimit(.minutes(20)))
struct SecretsTests {
    /// Each is nowhere else in the world, so that finding it is a leak.
    private static let canary = "c4n4ryT0kenOfTheKubeconfig"
    private static let other = "0therC4n4ryOfTheKubeconfig"

    // MARK: - The whole job

    enum Kind: String, CaseIterable, Sendable {
        case token, tokenFile, basic, keyData, plugin

        /// The user of the kubeconfig.
        fileprivate func user(_ front: TLSFront, _ meshctl: TestCommand) throws -> String {
            switch self {
            case .token:
                return "token: \(canary), as: someone, as-user-extra: {scopes: [\(other)]}"
            case .tokenFile:
                try meshctl.write("\(canary)\n", to: "front/token")
                return "tokenFile: \(front.path("token"))"
            case .basic: return "username: someone, password: \(canary)"
            case .keyData:
                let data = try ["client.crt", "client.key"].map {
                    try meshctl.bytes("front/\($0)").base64EncodedString()
                }
                return "client-certificate-data: \(data[0]), client-key-data: \(data[1])"
            case .plugin:
                try SecretsTests.makePlugin(
                    """
                    echo "your token is $EXTRA" >&2
                    cat "\(front.path("answer.json"))"
                    """, meshctl)
                try meshctl.write(
                    JSONValue.object([
                        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                        "status": [
                            "token": .string(canary),
                            "clientCertificateData": .string(
                                String(
                                    decoding: try meshctl.bytes("front/client.crt"), as: UTF8.self)),
                            "clientKeyData": .string(
                                String(
                                    decoding: try meshctl.bytes("front/client.key"), as: UTF8.self)),
                        ],
                    ]).canonicalText, to: "front/answer.json")
                return SecretsTests.exec(
                    "env: [{name: EXTRA, value: \(other)}], args: [--secret=\(other)]")
            }
        }
    }

    private static func exec(_ more: String) -> String {
        "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, \(more)}"
    }

    private static func makePlugin(_ script: String, _ meshctl: TestCommand) throws {
        try meshctl.write("#!/bin/sh\n\(script)\n", to: ".kube/plugin")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: meshctl.path(".kube/plugin"))
    }

    /// What the test writes itself, and the sandbox.
    private static let ownFiles = [".kube", "front", "cluster"]

    @Test(
        "of any kind are in no file and no output of the whole job",
        .enabled(if: TLSFront.isPossible, "nginx and openssl are needed"), arguments: Kind.allCases)
    func wholeJob(kind: Kind) async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let folder = meshctl.folder.appendingPathComponent("front")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            // The sandbox knows one token only; the front lets in who bears the canary.
            let isCertificate = kind == .keyData || kind == .plugin
            let front = try TLSFront(
                before: sandbox.session.port, in: folder,
                "proxy_set_header Authorization \"Bearer sandbox\";"
                    + (isCertificate
                        ? "ssl_client_certificate $FOLDER/ca.crt; ssl_verify_client on;" : ""))
            defer { front.stop() }
            try meshctl.write(
                front.kubeconfig(user: try kind.user(front, meshctl)), to: ".kube/config")
            // Not the kubeconfig's, but as secret: what people write into annotations of workloads.
            for name in ["metadata", "template"] {
                let annotations: JSONValue = [
                    "metadata": ["annotations": ["note": .string(Self.other)]]
                ]
                try sandbox.patch(
                    "/apis/apps/v1/namespaces/default/deployments/mirai-frontend",
                    name == "metadata" ? annotations : ["spec": ["template": annotations]])
            }
            try await sandbox.pass(.seconds(120))
            var artefacts = Artefacts()
            let formats = ["text", "json", "yaml", "markdown"].map { ["-o", $0] }
            var commands: [[String]] = [["plan", "--out", "saved.plan"]]
            commands += formats.flatMap { [["plan"] + $0, ["status"] + $0] }
            commands += [
                ["explain", "default/service/mirai-frontend:80", "-o", "json"],
                ["check", "-o", "junit"], ["observe", "--for", "1m", "-o", "json"],
                ["apply", "saved.plan", "--yes"],
            ]
            for command in commands {
                let result = await meshctl.run(command)
                #expect(result.code == 0 || command[0] == "check", "\(command): \(result.errors)")
                artefacts.add(result, of: command)
            }
            let run = try #require(try JournalReading.ids(meshctl).first)
            for command in formats.flatMap({ [["show", run] + $0, ["history"] + $0] })
                + [["rollback", "--yes"]]
            {
                let result = await meshctl.run(command)
                #expect(result.code == 0, "\(command): \(result.errors)")
                artefacts.add(result, of: command)
            }
            try artefacts.addFiles(of: meshctl.folder, except: Self.ownFiles)
            for name in ["state/meshctl.db", "saved.plan"] {
                #expect(artefacts.names.contains(name), "\(artefacts.names)")
            }
            let key = String(decoding: try meshctl.bytes("front/client.key"), as: UTF8.self)
            let keyLines = key.split(separator: "\n").filter { !$0.hasPrefix("-") && $0.count > 20 }
            #expect(!keyLines.isEmpty)
            artefacts.expectNone(of: [Self.canary, Self.other] + keyLines.map(String.init))
        }
    }

    // MARK: - Mistakes

    struct Mistake: Sendable, CustomTestStringConvertible {
        var name: String
        var cluster = "server: https://127.0.0.1:1"
        var user = "token: t"
        var environment: [String: String] = [:]
        /// Of the credential plugin.
        var script = ""

        var testDescription: String { name }
    }

    private static let syntaxMistakes = [
        "token: \(canary): x", "token: \"\(canary)", "token: '\(canary)", "token: [\(canary)",
        "token: {\(canary): \(canary)", "token: &\(canary)", "token: *\(canary)",
        "token: !!\(canary) x",
        "token: \"\\q\(canary)\"", "\(canary): a, \(canary): b",
        "token: \(canary), token: \(canary)",
        "token: @\(canary)", "token: `\(canary)`", "token: %\(canary)", "token: |\(canary)",
        "token: \t\(canary)\u{1}", "? \(canary)", "- \(canary)",
        "token: \(canary) #\n  - \(canary)\n :",
    ].map { Mistake(name: $0, user: $0) }

    private static let wrongFields = [
        "token: [\(canary)]", "token: {a: \(canary)}", "tokenFile: eyJ\(canary)",
        "client-certificate-data: \(canary)?", "client-key-data: \(canary)!",
        "client-key-data: \(Data(canary.utf8).base64EncodedString()), client-certificate-data: QQ==",
        "client-key: LS0tLS1CRUdJTi\(canary), client-certificate: /dev/null",
        "client-key: \"-----BEGIN PRIVATE KEY-----\\n\(canary)\", client-certificate: /dev/null",
        "token: \(canary), username: me, password: \(canary)",
        "username: me, password: [\(canary)]",
        "auth-provider: {name: oidc, config: {access-token: \(canary)}}",
        "token: t, as-groups: [a], as-user-extra: {scopes: [\(canary)]}",
    ].map { Mistake(name: $0, user: $0) }

    private static let addresses = [
        "server: https://me:\(canary)@127.0.0.1:1", "server: https://me:\(canary)@[bad",
        "server: \"https://127.0.0.1:1/?token=\(canary)\"",
    ].map { Mistake(name: $0, cluster: $0) }

    private static let proxies = [
        "http://me:\(canary)@127.0.0.1:1", "http://me:\(canary)@[bad",
        "ftp://me:\(canary)@127.0.0.1:1",
        "socks9://me:\(canary)@127.0.0.1:1", "http://me:\(canary)@no.such.host.invalid:1",
        "http://me:\(canary)@127.0.0.1:99999", "me:\(canary)@127.0.0.1:1", "\(canary)",
        "http://me:\(canary)%zz@127.0.0.1:1",
    ].flatMap { url in
        [
            Mistake(
                name: "proxy-url: \(url)",
                cluster: "server: https://10.0.0.1:1, proxy-url: \"\(url)\""),
            Mistake(
                name: "HTTPS_PROXY=\(url)", cluster: "server: https://10.0.0.1:1",
                environment: ["HTTPS_PROXY": url]),
        ]
    }

    private static let plugins = [
        "echo 'password=\(canary)' >&2; exit 1", "echo '{\"token\": \"\(canary)\"}' >&2; exit 1",
        "echo 'eyJhbGciOiJIUzI1NiIsInR5cCI6.\(canary).\(canary)' >&2; exit 1",
        "echo '-----BEGIN PRIVATE KEY-----' >&2; echo '\(canary)\(canary)' >&2; exit 1",
        "echo \"$EXTRA\" >&2; exit 1", "echo 'https://me:\(canary)@login.example.com/' >&2; exit 1",
        "echo '\(canary)'",
        "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"v9\",\"status\":{\"token\":\"\(canary)\"}}'",
        "printf '%s' '\(canary)'; exit 3",
    ].map { Mistake(name: $0, user: exec("env: [{name: EXTRA, value: \(canary)}]"), script: $0) }

    @Test(
        "are in no message about what is wrong with them, nor with what is beside them",
        arguments: syntaxMistakes + wrongFields + addresses + proxies + plugins)
    func mistakes(_ mistake: Mistake) async throws {
        var meshctl = try TestCommand()
        defer { meshctl.remove() }
        meshctl.environment = ["PATH": "/usr/bin:/bin"].merging(mistake.environment) { $1 }
        try meshctl.write(ExamplePlan.text("home-cluster"), to: "plans/plan.yaml")
        try meshctl.write(
            WrongInputTests.kubeconfig(mistake.cluster, user: mistake.user), to: ".kube/config")
        try Self.makePlugin(mistake.script, meshctl)
        var artefacts = Artefacts()
        for command in [["plan"], ["apply", "--yes"]] {
            let result = await meshctl.run(command + ["--request-timeout", "1s"])
            #expect(result.code != 0)
            #expect(!result.errors.isEmpty)
            artefacts.add(result, of: command)
            HarmlessOutput.expectText(result.errors, mistake.name)
        }
        try artefacts.addFiles(of: meshctl.folder, except: Self.ownFiles)
        artefacts.expectNone(of: [Self.canary])
    }

    @Test("what a plugin says on the way is shown, and harmless")
    func pluginWords() async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        try meshctl.write(ExamplePlan.text("home-cluster"), to: "plans/plan.yaml")
        try meshctl.write(
            WrongInputTests.kubeconfig("server: https://127.0.0.1:1", user: Self.exec("args: []")),
            to: ".kube/config")
        try Self.makePlugin(
            """
            printf 'open https://login.example.com/device?state=%s\\n' \
            aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd0123456789 >&2
            printf '::error::FORGED\\n\\033]0;FORGED\\007 and without an end' >&2
            exit 1
            """, meshctl)
        let result = await meshctl("plan")
        #expect(
            result.errors.contains(
                "open https://login.example.com/device?state=aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd0123456789\n"
            ), "\(result.errors)")
        #expect(result.errors.contains(" and without an end\n"), "\(result.errors)")
        HarmlessOutput.expect(result.errors, "errors")
    }

    // MARK: - On the way

    @Test(
        "go to no server over plain HTTP, and no plugin is run for one",
        arguments: ["token: \(canary)", "username: me, password: \(canary)", exec("args: []")])
    func plainHTTP(user: String) async throws {
        try await LiveSandbox.with("home-cluster") { meshctl, sandbox in
            let front = try SaltingServer(to: sandbox.session.port)
            defer { front.stop() }
            try Self.makePlugin("touch \(meshctl.path("ran")); exit 1", meshctl)
            try meshctl.write(
                WrongInputTests.kubeconfig("server: http://127.0.0.1:\(front.port)", user: user),
                to: ".kube/config")
            for command in [
                ["plan"], ["apply", "--stage", "enroll", "--yes"], ["rollback", "--yes"],
            ] {
                let result = await meshctl.run(command)
                #expect(result.code == 0, "\(result.errors)")
            }
            #expect(front.requests.count > 20)
            #expect(!front.requests.contains { $0.path.contains("/secrets") })
            let heads = front.requests.map { $0.head.lowercased() }
            #expect(heads.allSatisfy { $0.contains("\r\nuser-agent:") })
            #expect(
                !heads.contains {
                    $0.contains("\r\nauthorization:") || $0.contains(Self.canary.lowercased())
                })
            #expect(!meshctl.exists("ran"))
        }
    }
}
