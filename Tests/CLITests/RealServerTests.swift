import Foundation
import JSON
import SandboxServer
import Testing

/// A server as real ones are: behind TLS, asking who one is, and not calling itself a sandbox.
@Suite("Behind TLS", .enabled(if: TLSFront.isPossible, "nginx and openssl are needed"))
struct RealServerTests {
    private static func with(
        _ directives: String = "", plan: String? = nil,
        _ body: (inout TestCommand, LiveSandbox, TLSFront) async throws -> Void
    ) async throws {
        try await LiveSandbox.with("home-cluster", plan: plan) { meshctl, sandbox in
            let folder = meshctl.folder.appendingPathComponent("front")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let front = try TLSFront(before: sandbox.session.port, in: folder, directives)
            defer { front.stop() }
            try await body(&meshctl, sandbox, front)
        }
    }

    @Test(
        "the whole job, with a token, a token file, and a client certificate",
        arguments: ["token", "tokenFile", "certificate"])
    func wholeJob(kind: String) async throws {
        // With a certificate, nginx lets nobody else in, and the sandbox sees no token.
        let directives =
            kind == "certificate"
            ? "ssl_client_certificate $FOLDER/ca.crt; ssl_verify_client on;" : ""
        try await Self.with(directives) { meshctl, sandbox, front in
            try meshctl.write("sandbox\n", to: "front/token")
            let users = [
                "token": "token: sandbox", "tokenFile": "tokenFile: \(front.path("token"))",
                "certificate":
                    "client-certificate: \(front.path("client.crt")), client-key: \(front.path("client.key"))",
            ]
            try meshctl.write(
                front.kubeconfig(user: try #require(users[kind])), to: ".kube/config")

            let before = try sandbox.promised()
            let named: Set = ["default", "media", "monitoring", "ingress", "istio-system"]
            let others = try sandbox.others(than: named)
            let first = await meshctl("plan", "-o", "json")
            #expect(first.code == 0, "\(first.errors)")
            let apply = await meshctl("apply", "--stage", "strict", "--yes")
            #expect(apply.code == 0, "\(apply.errors)")
            let empty = await meshctl("plan", "--detailed-exitcode")
            #expect(empty.code == 0, "\(empty.output)")
            let rollback = await meshctl("rollback", "--yes")
            #expect(rollback.code == 0, "\(rollback.errors)")
            #expect(await meshctl("plan", "-o", "json").output == first.output)
            #expect(try sandbox.promised() == before)
            #expect(try sandbox.others(than: named) == others)
            let state = try meshctl.bytes("state/meshctl.db")
            #expect(state.range(of: Data("Bearer".utf8)) == nil)
        }
    }

    @Test(
        "a wrong or expired token is 401: exit 77, and how to look",
        arguments: ["s3cret", "eyJ.x.y"])
    func unauthorized(token: String) async throws {
        try await Self.with { meshctl, sandbox, front in
            try meshctl.write(front.kubeconfig(user: "token: \(token)"), to: ".kube/config")
            let before = try sandbox.objects()
            for command in [["plan"], ["apply", "--yes"], ["rollback", "--yes"], ["status"]] {
                let result = await meshctl.run(command)
                #expect(result.code == 77, "\(command): \(result.errors)")
                #expect(result.errors.contains("401 Unauthorized"))
                #expect(result.errors.contains("https://127.0.0.1:\(front.port)"))
                #expect(result.errors.contains("kubectl auth whoami"))
                #expect(!result.errors.contains(token))
            }
            #expect(try sandbox.objects() == before)
        }
    }

    @Test("what is forbidden is 403: exit 77, naming verb and resource")
    func forbidden() async throws {
        try await Self.with { meshctl, sandbox, front in
            try meshctl.write(front.kubeconfig(user: "token: restricted"), to: ".kube/config")
            let before = try sandbox.objects()
            for command in [["plan"], ["apply", "--yes"], ["rollback", "--yes"], ["status"]] {
                let result = await meshctl.run(command)
                #expect(result.code == 77, "\(command): \(result.errors)")
                #expect(result.errors.contains("403 Forbidden"))
                let verb = command[0] == "plan" || command[0] == "status" ? "list" : "get"
                #expect(result.errors.contains("not permitted: \(verb) namespaces"))
                #expect(result.errors.contains("kubectl auth can-i \(verb) namespaces"))
            }
            #expect(try sandbox.objects() == before)
        }
    }

    @Test("the right to write is missed before anything is written: exit 77, naming what and where")
    func forbiddenWrite() async throws {
        let directives = """
            location ~ ^/apis/security { if ($request_method = PATCH) { return 418; }
              error_page 418 = @forbidden;
              proxy_pass http://127.0.0.1:$TARGET; proxy_http_version 1.1; }
            location @forbidden { default_type application/json; return 403
              '{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"peerauthentications.security.istio.io is forbidden: User \\"ci\\" cannot patch"}'; }
            """
        let plan = SilentPlans.policy()
        try await Self.with(directives, plan: plan) { meshctl, sandbox, front in
            try meshctl.write(front.kubeconfig(user: "token: sandbox"), to: ".kube/config")
            let before = try sandbox.objects()
            let result = await meshctl("apply", "--yes")
            #expect(result.code == 77, "\(result.errors)")
            #expect(result.errors.contains("PeerAuthentication default/default"))
            #expect(result.errors.contains("403 Forbidden"), "\(result.errors)")
            #expect(result.errors.contains("patch"))
            #expect(result.errors.contains("nothing was changed"))
            #expect(try sandbox.objects() == before)
            let nothing = await meshctl("rollback", "--yes")
            #expect(nothing.output.contains("Nothing to roll back"), "\(nothing.output)")
        }
    }

    @Test("a certificate of an unknown authority is refused, and so is one that a client lacks")
    func untrusted() async throws {
        try await Self.with { meshctl, sandbox, front in
            let before = try sandbox.objects()
            for config in [
                front.kubeconfig(authority: "other.crt", user: "token: sandbox"),
                WrongInputTests.kubeconfig(
                    "server: https://127.0.0.1:\(front.port)", user: "token: sandbox"),
            ] {
                try meshctl.write(config, to: ".kube/config")
                for command in [["plan"], ["apply", "--yes"]] {
                    let result = await meshctl.run(command)
                    #expect(result.code == 1, "\(result.errors)")
                    #expect(result.errors.contains("https://127.0.0.1:\(front.port)"))
                    #expect(result.errors.contains("certificate-authority"))
                }
            }
            #expect(try sandbox.objects() == before)
        }
    }
}
