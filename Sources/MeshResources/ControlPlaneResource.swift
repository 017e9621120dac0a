import JSON
package import MeshModel

/// A Deployment of istiod (istio `manifests/charts/istio-control/istio-discovery/templates/deployment.yaml`).
package struct ControlPlaneResource: Decodable {
    private enum Keys: String, CodingKey { case metadata, spec, status }

    private struct Spec: Decodable {
        struct Variable: Decodable {
            var name: String?
            var value: String?
        }
        struct Container: Decodable {
            var name: String?
            var image: String?
            var env: [Variable]?
        }
        struct PodSpec: Decodable { var containers: [Container]? }
        struct Template: Decodable {
            var metadata: MetadataResource?
            var spec: PodSpec?
        }

        var replicas: Int?
        var template: Template?
    }

    private struct Status: Decodable { var availableReplicas: Int? }

    /// nil for a Deployment that is not istiod.
    package let controlPlane: ControlPlane?

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let metadata = try container.decode(MetadataResource.self, forKey: .metadata)
        let spec = try container.decodeIfPresent(Spec.self, forKey: .spec)
        let status = try container.decodeIfPresent(Status.self, forKey: .status)
        let labels = (spec?.template?.metadata?.labels?.values ?? [:])
            .merging(metadata.labels?.values ?? [:]) { _, own in own }
        guard labels["app"] == "istiod" else {
            controlPlane = nil
            return
        }
        let containers = spec?.template?.spec?.containers ?? []
        let discovery = containers.first { $0.name == "discovery" } ?? containers.first
        func variable(_ name: String) -> String? {
            discovery?.env?.first { $0.name == name }?.value
        }
        controlPlane = ControlPlane(
            meta: metadata.meta(defaultNamespace: "default"),
            revision: labels["istio.io/rev"] ?? "default",
            version: MeshModel.Container.tag(ofImage: discovery?.image ?? ""),
            nativeSidecars: variable("ENABLE_NATIVE_SIDECARS"),
            enablesAmbient: variable("PILOT_ENABLE_AMBIENT").map { $0 == "true" },
            isAvailable: status.map { ($0.availableReplicas ?? 0) > 0 } ?? (spec?.replicas != 0))
    }
}
