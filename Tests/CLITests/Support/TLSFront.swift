import Foundation
import ProcessSupport
import Testing

/// nginx with TLS before a served sandbox, as before any API server: it passes `Authorization` on and can
/// ask for a client certificate.
final class TLSFront: Sendable {
    struct Failure: Error { var text: String }

    static let isPossible = find("nginx") != nil && find("openssl") != nil

    let port: Int
    private let folder: URL
    private let process: ChildProcess

    /// - Parameter directives: more of nginx's, for the server; `$FOLDER` is where the certificates are,
    ///   `$TARGET` the sandbox's port.
    init(before port: Int, in folder: URL, _ directives: String = "") throws {
        self.folder = folder
        try Self.makeCertificates(in: folder)
        for _ in 0..<5 {
            let own = try Self.freePort()
            let process = try Self.start(folder, own, before: port, directives)
            if Self.answers(process, own) {
                self.port = own
                self.process = process
                return
            }
            process.kill()
        }
        throw Failure(text: "nginx did not start")
    }

    func stop() { process.kill() }

    /// A kubeconfig for this front.
    func kubeconfig(authority: String = "ca.crt", user: String) -> String {
        WrongInputTests.kubeconfig(
            "server: https://127.0.0.1:\(port), certificate-authority: \(path(authority))",
            user: user)
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    // MARK: - Certificates

    private static func makeCertificates(in folder: URL) throws {
        for authority in ["ca", "other"] {
            try openssl(
                folder,
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                    + "-subj /CN=\(authority) -keyout \(authority).key -out \(authority).crt")
        }
        for (name, extensions) in [
            ("server", "subjectAltName=IP:127.0.0.1"), ("client", "extendedKeyUsage=clientAuth"),
        ] {
            try Data(extensions.utf8).write(to: folder.appendingPathComponent("\(name).ext"))
            try openssl(
                folder,
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(name) "
                    + "-keyout \(name).key -out \(name).csr")
            try openssl(
                folder,
                "x509 -req -in \(name).csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 "
                    + "-extfile \(name).ext -out \(name).crt")
        }
    }

    private static func openssl(_ folder: URL, _ line: String) throws {
        let process = try run("openssl", line.split(separator: " ").map(String.init), folder)
        guard process.wait() == 0 else { throw Failure(text: "openssl \(line)") }
    }

    // MARK: - The process

    private static func start(
        _ folder: URL, _ port: Int, before target: Int, _ directives: String
    ) throws -> ChildProcess {
        let path = folder.path
        let text = """
            daemon off; master_process off; pid \(path)/pid; error_log stderr;
            events {}
            http {
              access_log off; client_body_temp_path \(path)/body; proxy_temp_path \(path)/p;
              fastcgi_temp_path \(path)/f; uwsgi_temp_path \(path)/u; scgi_temp_path \(path)/s;
              server {
                listen 127.0.0.1:\(port) ssl http2;
                ssl_certificate \(path)/server.crt;
                ssl_certificate_key \(path)/server.key;
                client_max_body_size 10m;
                \(directives.replacing("$FOLDER", with: path).replacing("$TARGET", with: "\(target)"))
                location / { proxy_pass http://127.0.0.1:\(target); proxy_http_version 1.1; }
              }
            }
            """
        try Data(text.utf8).write(to: folder.appendingPathComponent("nginx.conf"))
        return try run("nginx", ["-c", path + "/nginx.conf", "-p", path, "-e", "stderr"], folder)
    }

    private static func run(_ name: String, _ arguments: [String], _ folder: URL) throws
        -> ChildProcess
    {
        guard let tool = find(name) else { throw Failure(text: "there is no \(name)") }
        return try ChildProcess(tool.path, arguments, folder: folder.path)
    }

    private static func find(_ name: String) -> URL? {
        ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/opt/homebrew/bin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
            .map { URL(fileURLWithPath: $0) }
    }

    /// Whether something listens there before the process ends, or three seconds are over.
    static func answers(_ process: ChildProcess, _ port: Int) -> Bool {
        for _ in 0..<600 where process.isRunning {
            if let socket = try? BlockingHTTP.connect(port) {
                close(socket)
                return process.isRunning
            }
            usleep(5000)
        }
        return false
    }

    /// A port that nobody had a moment ago.
    static func freePort() throws -> Int {
        let relay = try RelayServer(to: 1)
        defer { relay.stop() }
        return relay.port
    }
}
