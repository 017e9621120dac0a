import Foundation
import ProcessSupport
import Glibc
import Testing

/// Certificates of two authorities, made with the `openssl` command in a folder of their own.
final class Certificates: Sendable {
    struct Failure: Error { var output: String }

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for authority in ["ca", "other"] {
            try openssl(
                """
                req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2
                -subj /CN=\(authority) -keyout \(authority).key -out \(authority).crt
                """)
        }
        try issue("server", "subjectAltName=DNS:api.test,IP:127.0.0.1")
        try issue("elsewhere", "subjectAltName=DNS:elsewhere.test")
        try issue("client", "extendedKeyUsage=clientAuth")
        try openssl("ec -in client.key -aes256 -passout pass:x -out encrypted.key")
    }

    func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    private func issue(_ name: String, _ extensions: String) throws {
        try folder.write("\(name).ext", extensions)
        try openssl(
            """
            req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(name)
            -keyout \(name).key -out \(name).csr
            """)
        try openssl(
            """
            x509 -req -in \(name).csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2
            -extfile \(name).ext -out \(name).crt
            """)
    }

    /// Words that name files are paths inside the folder.
    private func openssl(_ line: String) throws {
        let words = line.split(whereSeparator: \.isWhitespace).map { word in
            let text = String(word)
            let isFile =
                text.hasSuffix(".key") || text.hasSuffix(".crt")
                || text.hasSuffix(".csr") || text.hasSuffix(".ext")
            return isFile ? path(text) : text
        }
        let (status, output) = try Command.run(try #require(Command.find("openssl")), words)
        guard status == 0 else { throw Failure(output: output) }
    }
}

/// `openssl s_server` on a port of the system's choice. It answers any GET with a page.
final class OpenSSLServer: Sendable {
    static let isInstalled = Command.find("openssl") != nil

    let port: Int
    private let process: ChildProcess

    init(_ certificates: Certificates, certificate: String, _ arguments: [String] = []) throws {
        let output = try OutputPipe()
        process = try ChildProcess(
            try #require(Command.find("openssl")),
            [
                "s_server", "-accept", "127.0.0.1:0", "-www",
                "-cert", certificates.path("\(certificate).crt"),
                "-key", certificates.path("\(certificate).key"),
            ] + arguments, output: output.writing)
        output.closeWriting()
        var text = ""
        var found: Int?
        while found == nil {
            let piece = output.piece()
            try #require(!piece.isEmpty, "openssl s_server did not start: \(text)")
            text += String(decoding: piece, as: UTF8.self)
            found = text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1)
                .first { $0.hasPrefix("ACCEPT ") }?
                .split(separator: ":").last.flatMap { Int($0) }
        }
        port = try #require(found)
    }

    deinit { process.kill() }
}

/// nginx with TLS and HTTP/2, which says in its answers how it was reached.
final class NginxServer: Sendable {
    static let isInstalled = Command.find("nginx") != nil && OpenSSLServer.isInstalled

    let port: Int
    private let process: ChildProcess
    private let folder: TemporaryFolder

    init(_ certificates: Certificates, _ directives: String = "") throws {
        let folder = try TemporaryFolder()
        // nginx cannot choose a port itself, and the one that was just free may be taken by now.
        for _ in 0..<5 {
            let port = try LoopbackServer.closedPort()
            let process = try Self.start(folder, port, certificates, directives)
            if Self.answers(process, port) {
                self.port = port
                self.process = process
                self.folder = folder
                return
            }
            process.kill()
        }
        throw LoopbackServer.StartFailure()
    }

    deinit { process.kill() }

    private static func start(
        _ folder: TemporaryFolder, _ port: Int, _ certificates: Certificates,
        _ directives: String
    ) throws -> ChildProcess {
        let config = try folder.write(
            "nginx.conf",
            """
            daemon off; master_process off; pid \(folder.path)/pid; error_log stderr;
            events {}
            http {
              access_log off; client_body_temp_path \(folder.path)/body;
              proxy_temp_path \(folder.path)/p; fastcgi_temp_path \(folder.path)/f;
              uwsgi_temp_path \(folder.path)/u; scgi_temp_path \(folder.path)/s;
              server {
                listen 127.0.0.1:\(port) ssl http2;
                ssl_certificate \(certificates.path("server.crt"));
                ssl_certificate_key \(certificates.path("server.key"));
                \(directives)
                location / {
                  return 200 "$server_protocol $connection $ssl_client_s_dn $host $request_method";
                }
              }
            }
            """)
        return try ChildProcess(
            try #require(Command.find("nginx")),
            ["-c", config, "-p", folder.path, "-e", "stderr"])
    }

    private static func answers(_ process: ChildProcess, _ port: Int) -> Bool {
        for _ in 0..<400 where process.isRunning {
            if LoopbackServer.canConnect(port) { return process.isRunning }
            usleep(5000)
        }
        return false
    }
}
