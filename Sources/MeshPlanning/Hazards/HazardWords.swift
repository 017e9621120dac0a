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
        Set(
            pods.map {
                index.workloads.controller(of: $0)?.text
                    ?? "\($0.meta.namespace)/Pod/\($0.meta.name)"
            }
        )
        .sorted()
    }

    /// The entry to add under the namespace's `exceptions`.
    static func exception(
        _ name: String, for pod: Pod, ports: [Int], mode: MTLSMode = .permissive, reason: String
    ) -> String {
        let selector = Self.selector(of: pod).sorted { $0.key < $1.key }
            .map { "\($0.key): \(yaml($0.value))" }.joined(separator: ", ")
        let modes = ports.map { "\($0): \(mode.rawValue)" }.joined(separator: ", ")
        return """
            exceptions:   # of namespace \(pod.meta.namespace)
              - name: \(name)
                selector: {\(selector)}
                ports: {\(modes)}
                reason: \(quoted(reason))
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

    /// Text that may hold anything that a cluster's names hold.
    private static func quoted(_ text: String) -> String {
        let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }
        return "\"" + escaped.joined() + "\""
    }

    /// A value of a label; numbers and words such as `true` need quotes.
    private static func yaml(_ value: String) -> String {
        let isPlain =
            value.first?.isLetter == true
            && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(
                value.lowercased())
        return isPlain ? value : "\"\(value)\""
    }
}
