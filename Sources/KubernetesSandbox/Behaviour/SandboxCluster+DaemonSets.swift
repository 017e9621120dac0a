import JSON

/// The DaemonSet controller: one pod on every node, replaced one at a time
/// (kubernetes `pkg/controller/daemon`).
extension SandboxCluster {
    private static let revisionLabel = "controller-revision-hash"

    mutating func reconcileDaemonSet(_ namespace: String, _ name: String) {
        guard let set = object("daemonsets.apps", namespace, name), !set.isTerminating else {
            return
        }
        let template = set["spec"]?["template"] ?? [:]
        let hash = DeterministicNames.templateHash(template.canonicalText)
        let selector = template["spec"]?["nodeSelector"]?.stringMap ?? [:]
        let nodes = list("nodes").filter { node in
            selector.allSatisfy { node.labels[$0.key] == $0.value }
        }.map(\.name)
        let pods = pods(controlledBy: set)
        let labels = [
            Self.revisionLabel: hash, "pod-template-generation": String(set.generation),
        ]
        for node in nodes where !pods.contains(where: { nodeName($0) == node }) {
            guard makePod(from: template, of: set, labels: labels, node: node) != nil else {
                schedule(.daemonSet, after: retryDelay, namespace, name)
                break
            }
        }
        for pod in pods where !nodes.contains(nodeName(pod)) { erase(pod, .named("pods")) }
        replaceStale(set, hash: hash, nodes: nodes.count)
        updateStatus(of: set, hash: hash, nodes: nodes.count)
    }

    private func nodeName(_ pod: JSONValue) -> String { pod["spec"]?["nodeName"]?.string ?? "" }

    private mutating func replaceStale(_ set: JSONValue, hash: String, nodes: Int) {
        let strategy = set["spec"]?["updateStrategy"]
        guard strategy?["type"]?.string != "OnDelete" else { return }
        let limit = max(
            1,
            RollingLimits.pods(
                strategy?["rollingUpdate"]?["maxUnavailable"] ?? 1, of: nodes, roundsUp: true))
        let pods = pods(controlledBy: set)
        var down = nodes - pods.count(where: \.isReadyPod)
        let stale = pods.filter { !$0.isTerminating && $0.labels[Self.revisionLabel] != hash }
        for pod in stale where !pod.isReadyPod || down < limit {
            if pod.isReadyPod { down += 1 }
            erase(pod, .named("pods"))
        }
    }

    private mutating func updateStatus(of set: JSONValue, hash: String, nodes: Int) {
        let pods = pods(controlledBy: set).filter(\.isActivePod)
        let ready = pods.count(where: \.isReadyPod)
        let updated = pods.count { $0.labels[Self.revisionLabel] == hash }
        modify(
            .named("daemonsets.apps"), set.namespaceName, set.name, by: "kube-controller-manager"
        ) { set in
            set["status"] = [
                "observedGeneration": .integer(set.generation),
                "desiredNumberScheduled": JSONValue(nodes),
                "currentNumberScheduled": JSONValue(pods.count), "numberMisscheduled": 0,
                "numberReady": JSONValue(ready), "numberAvailable": JSONValue(ready),
                "numberUnavailable": JSONValue(max(0, nodes - ready)),
                "updatedNumberScheduled": JSONValue(updated),
            ]
        }
    }
}
