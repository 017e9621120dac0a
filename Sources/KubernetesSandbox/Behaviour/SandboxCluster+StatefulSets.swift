import JSON

/// The StatefulSet controller: pods by ordinal, replaced from the highest down
/// (kubernetes `pkg/controller/statefulset`).
extension SandboxCluster {
    private static let revisionLabel = "controller-revision-hash"
    private static let resource = SandboxResource.named("statefulsets.apps")

    mutating func reconcileStatefulSet(_ namespace: String, _ name: String) {
        guard let set = object("statefulsets.apps", namespace, name), !set.isTerminating else {
            return
        }
        let template = set["spec"]?["template"] ?? [:]
        let update = "\(name)-\(DeterministicNames.templateHash(template.canonicalText))"
        let current = set["status"]?["currentRevision"]?.string ?? update
        keepRevision(of: set, template, update)
        let wanted = min(max(set["spec"]?["replicas"].int(1) ?? 1, 0), 1000)
        let strategy = set["spec"]?["updateStrategy"]
        let partition = strategy?["rollingUpdate"]?["partition"].int(0) ?? 0
        let pods = pods(controlledBy: set)
        if let ordinal = (0..<wanted).first(where: { ordinal in
            !pods.contains { $0.name == "\(name)-\(ordinal)" && $0.isReadyPod }
        }) {
            // In order: the first one that is missing is made, one that is coming is waited for.
            // One that is coming with an old template gives way at once.
            let present = pods.first { $0.name == "\(name)-\(ordinal)" }
            if present == nil {
                makeOrdinal(ordinal, of: set, revision: ordinal < partition ? current : update)
            } else if set["spec"]?["podManagementPolicy"] == "Parallel" {
                for other in ordinal..<wanted
                where !pods.contains(where: { $0.name == "\(name)-\(other)" }) {
                    makeOrdinal(other, of: set, revision: other < partition ? current : update)
                }
            }
        } else if let surplus = pods.filter({ ordinal($0, of: name) >= wanted })
            .max(by: { ordinal($0, of: name) < ordinal($1, of: name) })
        {
            erase(surplus, .named("pods"))
        } else if strategy?["type"]?.string != "OnDelete",
            let stale = pods.filter({
                ordinal($0, of: name) >= partition && $0.labels[Self.revisionLabel] != update
            }).max(by: { ordinal($0, of: name) < ordinal($1, of: name) })
        {
            erase(stale, .named("pods"))
        }
        updateStatus(of: set, update: update, current: current, wanted: wanted)
    }

    private func ordinal(_ pod: JSONValue, of name: String) -> Int {
        Int(pod.name.dropFirst(name.count + 1)) ?? 0
    }

    private mutating func keepRevision(of set: JSONValue, _ template: JSONValue, _ name: String) {
        guard object("controllerrevisions.apps", set.namespaceName, name) == nil else { return }
        let kept = list("controllerrevisions.apps", in: set.namespaceName).count {
            $0.controllerReference?["uid"]?.string == set.uid
        }
        make(
            .named("controllerrevisions.apps"),
            [
                "metadata": [
                    "name": .string(name), "labels": JSONValue(template.labels),
                    "ownerReferences": [ownerReference(set)],
                ],
                "revision": JSONValue(kept + 1), "data": ["spec": ["template": template]],
            ], in: set.namespaceName)
    }

    private mutating func makeOrdinal(_ ordinal: Int, of set: JSONValue, revision: String) {
        let kept = object("controllerrevisions.apps", set.namespaceName, revision)?["data"]
        let template = kept?["spec"]?["template"] ?? set["spec"]?["template"] ?? [:]
        let name = "\(set.name)-\(ordinal)"
        let labels = [
            Self.revisionLabel: revision, "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": String(ordinal),
        ]
        if makePod(from: template, of: set, name: name, labels: labels) == nil {
            schedule(.statefulSet, after: retryDelay, set.namespaceName, set.name)
        }
    }

    private mutating func updateStatus(
        of set: JSONValue, update: String, current: String, wanted: Int
    ) {
        let pods = pods(controlledBy: set).filter(\.isActivePod)
        let updated = pods.count { $0.labels[Self.revisionLabel] == update }
        let ready = pods.count(where: \.isReadyPod)
        let isDone = updated == wanted && ready == wanted && pods.count == wanted
        let settled = isDone ? update : current
        let still = pods.count { $0.labels[Self.revisionLabel] == settled }
        modify(Self.resource, set.namespaceName, set.name, by: "kube-controller-manager") { set in
            set["status"] = [
                "observedGeneration": .integer(set.generation), "replicas": JSONValue(pods.count),
                "readyReplicas": JSONValue(ready), "availableReplicas": JSONValue(ready),
                "currentReplicas": JSONValue(still), "updatedReplicas": JSONValue(updated),
                "currentRevision": .string(settled), "updateRevision": .string(update),
                "collisionCount": 0,
            ]
        }
    }
}
