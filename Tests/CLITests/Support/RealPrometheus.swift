import Foundation
import JSON
import ProcessSupport
import Testing

/// The program `prometheus`, which scrapes proxies of a sandbox every second.
///
/// Their addresses are the sandbox's own and lead nowhere: it scrapes through the sandbox's API, and gets the
/// labels that Kubernetes' service discovery and Istio's relabelling would give.
final class RealPrometheus: Sendable {
    struct Failure: Error { var text: String }

    static let isInstalled = Command.find("prometheus") != nil

    private let port: Int
    private let process: ChildProcess

    /// - Parameter proxies: pods with port 15020.
    init(scraping proxies: [JSONValue], at target: Int, in folder: URL) throws {
        guard let program = Command.find("prometheus") else {
            throw Failure(text: "there is no prometheus on PATH")
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let configuration = folder.appendingPathComponent("prometheus.yml")
        try Data(Self.configuration(proxies, target).utf8).write(to: configuration)
        for _ in 0..<5 {
            let port = try TLSFront.freePort()
            let process = try ChildProcess(
                program,
                [
                    "--config.file=\(configuration.path)",
                    "--storage.tsdb.path=\(folder.path)/data",
                    "--web.listen-address=127.0.0.1:\(port)",
                ], folder: folder.path)
            if TLSFront.answers(process, port) {
                self.port = port
                self.process = process
                return
            }
            process.kill()
        }
        throw Failure(text: "prometheus did not start")
    }

    func stop() { process.kill() }

    /// For nginx: what the API server does for the Service that stands before it.
    func directives(namespace: String, service: String) -> String {
        """
        location ^~ /api/v1/namespaces/\(namespace)/services/\(service):9090/proxy/ {
          proxy_pass http://127.0.0.1:\(port)/; proxy_http_version 1.1; }
        """
    }

    /// Waits until a query has a value that is large enough.
    func reaches(_ least: Double, _ query: String) async throws {
        let http = BlockingHTTP(port: port)
        for _ in 0..<400 {
            let answer = try? http.send("GET", "/api/v1/query?query=\(query)")
            let value = answer?.body["data"]?["result"]?.array?.first?["value"]?.array?.last
            if let text = value?.string, let number = Double(text), number >= least { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Failure(text: "\(query) did not reach \(least)")
    }

    private static func configuration(_ proxies: [JSONValue], _ target: Int) -> String {
        let targets = proxies.map { pod -> String in
            let namespace = pod[path: "metadata", "namespace"]?.string ?? ""
            let name = pod[path: "metadata", "name"]?.string ?? ""
            let address = pod[path: "status", "podIP"]?.string ?? ""
            return """
                      - targets: ["127.0.0.1:\(target)"]
                        labels:
                          __metrics_path__: /api/v1/namespaces/\(namespace)/pods/\(name):15020/proxy/stats/prometheus
                          instance: "\(address):15020"
                          namespace: \(namespace)
                          pod: \(name)
                """
        }
        return """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: kubernetes-pods
                static_configs:
            \(targets.joined(separator: "\n"))

            """
    }
}
