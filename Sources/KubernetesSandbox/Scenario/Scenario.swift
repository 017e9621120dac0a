package import Diagnostics
import JSON
package import Timing
import YAML

/// A small cluster written down by hand: what a sandbox starts from.
package struct Scenario: Sendable {
    package let name: String
    package let summary: String
    /// The sandbox's time when it is first opened.
    package let start: Timestamp
    let document: JSONValue

    /// Reads a scenario file. Throws `ScenarioError` for anything else.
    package init(_ source: SourceText) throws(ScenarioError) {
        let nodes: [YAMLNode]
        do throws(YAMLError) {
            nodes = try YAMLReader.documents(in: source)
        } catch {
            throw ScenarioError(scenario: source.name, why: error.diagnostics.first?.message ?? "")
        }
        guard nodes.count == 1, let document = nodes.first?.json(),
            document["kind"] == "SandboxScenario", let name = document["name"]?.string,
            let start = document["start"]?.string.flatMap(Timestamp.init(rfc3339:))
        else {
            throw ScenarioError(
                scenario: source.name,
                why: "it is no document of kind SandboxScenario with a name and a start time")
        }
        self.name = name
        self.start = start
        summary = document["summary"]?.string ?? ""
        self.document = document
    }
}

/// A scenario that cannot be read, or whose objects the sandbox's own API refuses.
package struct ScenarioError: Error, Sendable, Equatable {
    package var scenario: String
    package var why: String
}

extension Scenario {
    /// The scenarios in the binary, by name.
    package static let names = ["cloudflare-actuator", "home-cluster", "resilient-platform"]

    /// The embedded scenario of this name; nil when there is none.
    package static func embedded(_ name: String) throws(ScenarioError) -> Scenario? {
        let bytes: [UInt8]
        switch name {
        case "cloudflare-actuator": bytes = PackageResources.cloudflare_actuator_yaml
        case "home-cluster": bytes = PackageResources.home_cluster_yaml
        case "resilient-platform": bytes = PackageResources.resilient_platform_yaml
        default: return nil
        }
        return try Scenario(
            SourceText(name: "\(name).yaml", text: String(decoding: bytes, as: UTF8.self)))
    }
}
