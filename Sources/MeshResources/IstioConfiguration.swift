package import JSON
package import MeshModel

/// How Istio is set up, revision by revision, while its objects are read: mesh configurations, injectors, and
/// the Deployments of istiod.
package struct IstioConfiguration {
    private var meshes: [String: JSONValue] = [:]
    private var istiods: [String: JSONValue] = [:]
    private var injectors = InjectorConfiguration()

    package init() {}

    package mutating func add(configMap: JSONValue) throws {
        if let revision = MeshConfiguration.revision(of: configMap) {
            meshes[revision] = configMap
        } else if configMap[path: "metadata", "name"]?.string?
            .hasPrefix(InjectorSettingsResource.name) == true
        {
            let resource = try configMap.decoded(as: InjectorSettingsResource.self)
            if let revision = resource.revision { injectors.settings[revision] = resource.settings }
        }
    }

    /// Passes over Deployments that are not istiod's.
    package mutating func add(deployment: JSONValue) {
        let labels = deployment[path: "metadata", "labels"]
        guard labels?["app"] == "istiod" else { return }
        let name = deployment[path: "metadata", "name"]?.string ?? ""
        let revision =
            labels?["istio.io/rev"]?.string ?? IstioNames.revision(of: name, base: "istiod")
            ?? IstioNames.defaultRevision
        istiods[revision] = deployment
    }

    package mutating func add(_ webhooks: InjectorWebhooks?) {
        if let webhooks { injectors.webhooks.append(webhooks) }
    }

    /// That of the unrevisioned install, or else of the first revision that says one.
    package var rootNamespace: String? {
        revisions.compactMap { MeshConfiguration.rootNamespace(of: meshes[$0]) }.first
    }

    package func configure(_ state: inout MeshState) {
        let settings = Dictionary(
            uniqueKeysWithValues: revisions.map { ($0, self.settings(of: $0)) })
        state.flows.settings =
            revisions.first.flatMap { settings[$0] }
            ?? MeshConfiguration.settings(of: nil, istiod: nil)
        // One revision alone is everybody's.
        state.flows.revisedSettings = settings.count > 1 ? settings : [:]
        state.injectors = injectors
        state.injectors.webhooks.sort { $0.name < $1.name }
    }

    /// The unrevisioned install first.
    private var revisions: [String] {
        Set(meshes.keys).union(istiods.keys)
            .sorted {
                ($0 == IstioNames.defaultRevision ? 0 : 1, $0)
                    < ($1 == IstioNames.defaultRevision ? 0 : 1, $1)
            }
    }

    /// Charts and hand-written manifests may give only one of the two a revision: one that is alone then
    /// belongs to the other.
    private func settings(of revision: String) -> MeshSettings {
        MeshConfiguration.settings(
            of: meshes[revision] ?? (meshes.count == 1 ? meshes.values.first : nil),
            istiod: istiods[revision] ?? (istiods.count == 1 ? istiods.values.first : nil))
    }
}
