import MeshModel

/// The ConfigMap `istio-cni-config`
/// (istio `manifests/charts/istio-cni/templates/configmap-cni.yaml`).
struct CNISettingsResource: Decodable {
    private enum Keys: String, CodingKey { case data }

    static let name = "istio-cni-config"

    let settings: CNISettings

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let data = try container.decodeIfPresent([String: String].self, forKey: .data)
        let list = data?["EXCLUDE_NAMESPACES"]
        settings = CNISettings(
            excludeNamespaces: list.map { text in
                Set(text.split { $0 == "," || $0.isWhitespace }.map(String.init))
            })
    }
}
