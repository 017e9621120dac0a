package import Diagnostics
import MeshModel

/// Annotations of pods that look like Istio's and are read by nobody, such as
/// `traffic.istio.io/excludeInboundPorts`.
package enum MisspeltAnnotations: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        var servers: [String: [String]] = [:]
        for server in context.servers.all {
            let keys = Set(server.pods.flatMap(\.meta.annotations.keys))
            for key in keys where meant(by: key) != nil {
                servers[key, default: []].append(server.text)
            }
        }
        return servers.sorted { $0.key < $1.key }.compactMap { key, texts in
            meant(by: key).map { meant in
                Diagnostic(
                    .misspeltAnnotation, .warning,
                    "annotation \(key) of \(texts.shortList) does nothing: Istio reads \(meant)",
                    detail:
                        "Nobody says that an annotation is unknown. Whoever wrote it believes that "
                        + "it works; correct it in the pod template and restart, or remove it.",
                    remedy: "\(meant): \"…\"")
            }
        }
    }

    /// The key that Istio reads, where this one is near it; nil where it is right, or something else.
    package static func meant(by key: String) -> String? {
        let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, isNearIstio(parts[0]), !known.contains(key) else { return nil }
        let local = parts[1].lowercased()
        if let same = byLocalName[local] { return same }
        return Suggestion.nearest(to: local, among: byLocalName.keys.sorted())
            .flatMap { byLocalName[$0] }
    }

    private static func isNearIstio(_ domain: String) -> Bool {
        let domain = domain.lowercased()
        guard domain.hasSuffix("istio.io") else { return false }
        return domain.hasPrefix("traffic.") || domain.hasPrefix("sidecar.")
            || domain.hasSuffix(".sidecar.istio.io")
    }

    /// istio/api `annotation/annotations.gen.go`: those of pods that concern the sidecar.
    private static let known: Set<String> = Set(
        [
            "excludeInboundPorts", "excludeInterfaces", "excludeOutboundIPRanges",
            "excludeOutboundPorts", "includeInboundPorts", "includeOutboundIPRanges",
            "includeOutboundPorts", "kubevirtInterfaces",
        ].map { "traffic.sidecar.istio.io/" + $0 }
            + [
                "agentLogLevel", "bootstrapOverride", "componentLogLevel",
                "controlPlaneAuthPolicy", "discoveryAddress", "enableCoreDump", "extraStatTags",
                "inject", "interceptionMode", "logLevel", "nativeSidecar", "proxyCPU",
                "proxyCPULimit", "proxyImage", "proxyImageType", "proxyMemory",
                "proxyMemoryLimit", "rewriteAppHTTPProbers", "statsCompression",
                "statsHistogramBuckets", "statsInclusionPrefixes", "statsInclusionRegexps",
                "statsInclusionSuffixes", "status", "userVolume", "userVolumeMount",
            ].map { "sidecar.istio.io/" + $0 }
            + ["applicationPorts", "failureThreshold", "initialDelaySeconds", "periodSeconds"]
            .map { "readiness.status.sidecar.istio.io/" + $0 }
            + ["status.sidecar.istio.io/port", "traffic.istio.io/nodeSelector"])

    private static let byLocalName: [String: String] = Dictionary(
        known.filter { !$0.hasPrefix("traffic.istio.io/") }.sorted().compactMap { key in
            key.split(separator: "/").last.map { ($0.lowercased(), key) }
        }, uniquingKeysWith: { first, _ in first })
}
