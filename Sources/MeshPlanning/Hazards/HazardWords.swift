import MeshModel

/// How hazards name many things in one line.
enum HazardWords {
    /// `a, b, c and 4 more`; in the order given.
    static func list(_ names: [String], atMost limit: Int = 5) -> String {
        guard names.count > limit else { return names.joined(separator: ", ") }
        return names.prefix(limit).joined(separator: ", ") + " and \(names.count - limit) more"
    }

    /// `1 pod`, `3 pods`.
    static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    /// The names of the controllers of these pods, or of the pods where they have none; sorted.
    static func workloads(of pods: [Pod], in index: FlowIndex) -> [String] {
        Set(pods.map(index.workloads.text)).sorted()
    }

    /// The entry to add under the namespace's `exceptions`.
    static func exception(
        _ name: String, for pod: Pod, ports: [Int], mode: MTLSMode = .permissive, reason: String
    ) -> String {
        let modes = ports.map { "\($0): \(mode.rawValue)" }.joined(separator: ", ")
        return """
            exceptions:   # of namespace \(pod.meta.namespace)
              - name: \(YAMLText.scalar(name))
                selector: \(YAMLText.flow(selector(of: pod)))
                ports: {\(modes)}
                reason: \(YAMLText.quoted(reason))
            """
    }

    /// The labels that tell a workload's pods from others: the usual ones, else all that no controller wrote.
    private static func selector(of pod: Pod) -> [String: String] {
        let labels = pod.meta.labels
        for key in ["app.kubernetes.io/component", "app.kubernetes.io/name", "app", "k8s-app"] {
            if let value = labels[key] { return [key: value] }
        }
        return labels.filter {
            !$0.key.contains("hash") && !$0.key.contains("istio.io/")
                && !$0.key.contains("kubernetes.io/")
        }
    }
}
