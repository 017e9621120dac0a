import Diagnostics
import JSON
package import MeshModel
import YAML

/// The ConfigMap `istio-cni-config`
/// (istio `manifests/charts/istio-cni/templates/configmap-cni.yaml`).
package struct CNISettingsResource: Decodable {
    private enum Keys: String, CodingKey { case data }

    package static let name = "istio-cni-config"

    package let settings: CNISettings

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let data = try container.decodeIfPresent(JSONMap<String>.self, forKey: .data)?.values
        let list = data?["EXCLUDE_NAMESPACES"]
        settings = CNISettings(
            excludeNamespaces: list.map { text in
                Set(text.split { $0 == "," || $0.isWhitespace }.map(String.init))
            },
            enablementSelectors: data?["AMBIENT_ENABLEMENT_SELECTOR"].flatMap(Self.selectors),
            usesNFTables: data?["NATIVE_NFTABLES"] == "true")
    }

    private struct Selector: Decodable {
        var podSelector: SelectorResource?
        var namespaceSelector: SelectorResource?
    }

    /// The value is YAML. nil where it is none, or none of selectors.
    private static func selectors(_ text: String) -> [EnablementSelector]? {
        let source = SourceText(name: "ConfigMap \(name)", text: text)
        guard let list = try? YAMLReader.documents(in: source).first?.json(),
            let read = try? list.decoded(as: [Selector].self)
        else { return nil }
        return read.map {
            EnablementSelector(
                pods: $0.podSelector?.selector ?? PodSelector(),
                namespaces: $0.namespaceSelector?.selector ?? PodSelector())
        }
    }
}
