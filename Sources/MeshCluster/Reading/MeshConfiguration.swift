import Diagnostics
import JSON
import MeshModel
import YAML

/// The mesh configuration: the key `mesh` of the ConfigMap `istio`, itself YAML.
enum MeshConfiguration {
    /// nil where it says nothing, or cannot be read.
    static func rootNamespace(of configMap: JSONValue?) -> String? {
        let name = document(of: configMap)?["rootNamespace"]?.string
        return name?.isEmpty == false ? name : nil
    }

    /// Istio's defaults where there is none.
    ///
    /// - Parameter istiod: its Deployment, for `PILOT_ENABLE_AMBIENT`.
    static func settings(of configMap: JSONValue?, istiod: JSONValue?) -> MeshSettings {
        var settings = MeshSettings()
        if let document = document(of: configMap) {
            settings.wasRead = true
            settings.autoMTLS = document["enableAutoMtls"]?.bool ?? true
            settings.registryOnly =
                document[path: "outboundTrafficPolicy", "mode"]?.string == "REGISTRY_ONLY"
            let metadata = document[path: "defaultConfig", "proxyMetadata"]
            settings.injectsHBONE = metadata?["ISTIO_META_ENABLE_HBONE"]?.string == "true"
        }
        let containers = istiod?[path: "spec", "template", "spec", "containers"]?.array ?? []
        let ambient = containers.flatMap { $0["env"]?.array ?? [] }
            .first { $0["name"] == "PILOT_ENABLE_AMBIENT" }
        if let value = ambient?["value"]?.string { settings.supportsAmbient = value == "true" }
        return settings
    }

    private static func document(of configMap: JSONValue?) -> JSONValue? {
        guard let text = configMap?[path: "data", "mesh"]?.string else { return nil }
        return try? YAMLReader.documents(
            in: SourceText(name: "ConfigMap istio, key mesh", text: text)
        ).first?.json()
    }
}
