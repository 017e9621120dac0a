import Diagnostics
import JSON
import YAML

/// The mesh configuration: the key `mesh` of the ConfigMap `istio`, itself YAML.
enum MeshConfiguration {
    /// nil where it says nothing, or cannot be read.
    static func rootNamespace(of configMap: JSONValue?) -> String? {
        guard let text = configMap?[path: "data", "mesh"]?.string,
            let document = try? YAMLReader.documents(
                in: SourceText(name: "ConfigMap istio, key mesh", text: text)
            ).first
        else { return nil }
        let name = document.json()["rootNamespace"]?.string
        return name?.isEmpty == false ? name : nil
    }
}
