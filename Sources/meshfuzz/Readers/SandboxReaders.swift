import Diagnostics
import HTTPTypes
import KubernetesSandbox
import Timing

extension FuzzReader {
    /// A scenario file, and the cluster that comes of it.
    static let scenario = FuzzReader("scenario", .yaml, seconds: 10) { bytes in
        guard let text = String(validating: bytes, as: UTF8.self) else { return "no UTF-8" }
        return try outcome {
            let scenario = try Scenario(SourceText(name: "x.yaml", text: text))
            var cluster = try SandboxCluster(scenario, seed: 1)
            cluster.advance(to: cluster.now + .seconds(600))
            return "\(cluster.resourceVersion) \(cluster.allObjects.count)"
        }
    }

    /// A request to the sandbox's API: `METHOD TARGET`, the body's media type, and the body.
    static let sandboxRequest = FuzzReader("sandbox-request", .lines, seconds: 4) { bytes in
        let lines = bytes.split(
            separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false
        ).map { String(decoding: $0, as: UTF8.self) }
        let words = lines[0].split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, let method = HTTPRequest.Method(words[0]), var cluster = home else {
            return "no request"
        }
        var fields = HTTPFields()
        if lines.count > 1 { fields[.contentType] = lines[1] }
        let body = lines.count > 2 ? Array(lines[2].utf8) : []
        let answer = cluster.handle(SandboxRequest(method, words[1], fields: fields, body: body))
        cluster.advance(to: cluster.now + .seconds(120))
        let end = " \(cluster.resourceVersion) \(cluster.allObjects.count)"
        switch answer {
        case .response(let response), .slow(let response, _):
            return "\(response.status) " + String(decoding: response.body, as: UTF8.self) + end
        case .watch: return "watch" + end
        case .lost: return "lost" + end
        }
    }

    private static let home: SandboxCluster? = {
        guard let scenario = try? Scenario.embedded("home-cluster") else { return nil }
        return try? SandboxCluster(scenario, seed: 1)
    }()
}
