import Diagnostics
package import JSON
package import MeshModel
import YAML

/// The mesh configuration: the key `mesh` of the ConfigMap `istio`, itself YAML.
package enum MeshConfiguration {
    /// nil where it says nothing, or cannot be read.
    package static func rootNamespace(of configMap: JSONValue?) -> String? {
        let name = document(of: configMap)?["rootNamespace"]?.string
        return name?.isEmpty == false ? name : nil
    }

    /// Istio's defaults where there is none.
    ///
    /// - Parameter istiod: its Deployment, for its version and the variables that change what it tells proxies.
    package static func settings(of configMap: JSONValue?, istiod: JSONValue?) -> MeshSettings {
        var settings = MeshSettings()
        if let document = document(of: configMap) {
            settings.wasRead = true
            settings.autoMTLS = document["enableAutoMtls"]?.bool ?? true
            settings.mergesMetrics = document["enablePrometheusMerge"]?.bool ?? true
            settings.registryOnly =
                document[path: "outboundTrafficPolicy", "mode"]?.string == "REGISTRY_ONLY"
            let metadata = document[path: "defaultConfig", "proxyMetadata"]
            settings.injectsHBONE = metadata?["ISTIO_META_ENABLE_HBONE"]?.string == "true"
        }
        let containers = istiod?[path: "spec", "template", "spec", "containers"]?.array ?? []
        if let discovery = containers.first(where: { $0["name"] == "discovery" })
            ?? containers.first
        {
            settings.apply(istiod: discovery)
        }
        return settings
    }

    /// Whether a ConfigMap holds a mesh configuration, and of which revision: `istio`, or `istio-REVISION`
    /// (istio `manifests/charts/istio-control/istio-discovery/templates/configmap.yaml`).
    package static func revision(of configMap: JSONValue) -> String? {
        guard configMap[path: "data", "mesh"]?.string != nil else { return nil }
        return IstioNames.revision(
            of: configMap[path: "metadata", "name"]?.string ?? "", base: "istio")
    }

    private static func document(of configMap: JSONValue?) -> JSONValue? {
        guard let text = configMap?[path: "data", "mesh"]?.string else { return nil }
        return try? YAMLReader.documents(
            in: SourceText(name: "ConfigMap istio, key mesh", text: text)
        ).first?.json()
    }
}

/// What Istio's charts call the objects of a revision.
package enum IstioNames {
    package static let defaultRevision = "default"

    /// `default` for the base name, `canary` for `base-canary`; nil for another name.
    package static func revision(of name: String, base: String) -> String? {
        if name == base { return defaultRevision }
        guard name.hasPrefix(base + "-"), name.count > base.count + 1 else { return nil }
        return String(name.dropFirst(base.count + 1))
    }
}

extension MeshSettings {
    /// What the container of istiod says of itself (istio `pilot/pkg/features/ambient.go`, `xds.go`).
    fileprivate mutating func apply(istiod container: JSONValue) {
        let image = container["image"]?.string ?? ""
        let name = image.split(separator: "/").last?.split(separator: "@").first ?? ""
        let tag = name.split(separator: ":", maxSplits: 1)
        if tag.count == 2 { version = IstioVersion(String(tag[1])) }
        guard let variables = container["env"]?.array else { return }
        func isOn(_ name: String) -> Bool? {
            variables.first { $0["name"]?.string == name }?["value"]?.string
                .map { ["1", "t", "T", "TRUE", "true", "True"].contains($0) }
        }
        // Only charts with an ambient profile set it, and without it istiod sends no HBONE.
        let enablesAmbient = isOn("PILOT_ENABLE_AMBIENT") ?? false
        supportsAmbient = enablesAmbient && isOn("PILOT_ENABLE_SENDING_HBONE") ?? true
        prefersHBONE = enablesAmbient && isOn("PILOT_PREFER_SENDING_HBONE") ?? false
        headlessByEndpoint = isOn("PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES") ?? false
    }
}
