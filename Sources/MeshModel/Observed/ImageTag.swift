extension Container {
    /// The tag of its image, such as `1.27.1-distroless`; empty where the image has none.
    package var imageTag: String { Self.tag(ofImage: image) }

    /// `registry:5000/istio/pilot:1.27.1@sha256:…` has the tag `1.27.1`.
    package static func tag(ofImage image: String) -> String {
        let name = image.split(separator: "/").last?.split(separator: "@").first ?? ""
        let parts = name.split(separator: ":", maxSplits: 1)
        return parts.count == 2 ? String(parts[1]) : ""
    }
}
