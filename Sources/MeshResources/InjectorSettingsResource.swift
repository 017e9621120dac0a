import Diagnostics
import JSON
package import MeshModel
import YAML

/// The ConfigMap `istio-sidecar-injector`, or that of a revision: its keys `config`, YAML, and `values`, JSON
/// (istio `manifests/charts/istio-control/istio-discovery/templates/istiod-injector-configmap.yaml`).
package struct InjectorSettingsResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, data }

    package static let name = "istio-sidecar-injector"

    /// nil for a ConfigMap of another name.
    package let revision: String?
    package let settings: InjectorSettings

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let data =
            try container.decodeIfPresent(JSONMap<String>.self, forKey: .data)?.values ?? [:]
        revision = IstioNames.revision(of: metadata.name ?? "", base: Self.name)
        let config = Self.document(data["config"])
        let values = Self.document(data["values"])
        let policy = config?["policy"]?.string ?? "enabled"
        var settings = InjectorSettings(
            policyEnabled: policy == "enabled",
            enableNamespacesByDefault:
                values?[path: "sidecarInjectorWebhook", "enableNamespacesByDefault"]?.bool ?? false,
            neverInjectSelector: Self.selectors(config?["neverInjectSelector"]),
            alwaysInjectSelector: Self.selectors(config?["alwaysInjectSelector"]))
        settings.hasKnownPolicy = ["enabled", "disabled"].contains(policy)
        self.settings = settings
    }

    /// The templates in it are text to YAML. nil where it is no YAML.
    private static func document(_ text: String?) -> JSONValue? {
        guard let text else { return nil }
        return try? YAMLReader.documents(
            in: SourceText(name: "ConfigMap \(name)", text: text), limits: .manifests
        ).first?.json()
    }

    private static func selectors(_ value: JSONValue?) -> [InjectionSelector] {
        (value?.array ?? []).compactMap { try? $0.decoded(as: SelectorResource.self).selector }
            .map {
                InjectionSelector(
                    matchLabels: $0.matchLabels, matchExpressions: $0.matchExpressions)
            }
    }
}
