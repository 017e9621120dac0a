import JSON

extension SandboxCluster {
    /// The pods that an object controls.
    func pods(controlledBy owner: JSONValue) -> [JSONValue] {
        list("pods", in: owner.namespaceName).filter {
            $0.controllerReference?["uid"]?.string == owner.uid
        }
    }

    func ownerReference(_ owner: JSONValue) -> JSONValue {
        [
            "apiVersion": owner["apiVersion"] ?? "", "kind": owner["kind"] ?? "",
            "name": .string(owner.name), "uid": .string(owner.uid), "controller": true,
            "blockOwnerDeletion": true,
        ]
    }

    /// A pod from a controller's template; nil when admission refuses it.
    @discardableResult
    mutating func makePod(
        from template: JSONValue, of owner: JSONValue, name: String? = nil,
        labels: [String: String] = [:], node: String? = nil
    ) -> JSONValue? {
        var pod: JSONValue = ["metadata": template.metadata, "spec": template["spec"] ?? [:]]
        if let name {
            pod.set(["metadata", "name"], .string(name))
        } else {
            pod.set(["metadata", "generateName"], .string(owner.name + "-"))
        }
        pod.set(["metadata", "ownerReferences"], [ownerReference(owner)])
        for (key, value) in labels { pod.setLabel(key, value) }
        if let node { pod.set(["spec", "nodeName"], .string(node)) }
        return make(.named("pods"), pod, in: owner.namespaceName)
    }

    mutating func reconcileReplicaSet(_ namespace: String, _ name: String) {
        guard let set = object("replicasets.apps", namespace, name), !set.isTerminating else {
            return
        }
        let active = pods(controlledBy: set).filter(\.isActivePod)
        let wanted = set["spec"]?["replicas"].int(1) ?? 1
        if active.count < wanted {
            // Bounded steps, as the real controller's slow start: admission may refuse every pod.
            for _ in 0..<min(wanted - active.count, 100) {
                guard makePod(from: set["spec"]?["template"] ?? [:], of: set) != nil else {
                    schedule(.replicaSet, after: retryDelay, namespace, name)
                    break
                }
            }
        } else if active.count > wanted {
            // Those that are not ready go first, then the youngest.
            let order = active.sorted { a, b in
                if a.isReadyPod != b.isReadyPod { return !a.isReadyPod }
                return (a.metadata["creationTimestamp"]?.string ?? "", a.name)
                    > (b.metadata["creationTimestamp"]?.string ?? "", b.name)
            }
            for pod in order.prefix(active.count - wanted) { erase(pod, .named("pods")) }
        }
        let present = pods(controlledBy: set).filter(\.isActivePod)
        let ready = present.count(where: \.isReadyPod)
        modify(.named("replicasets.apps"), namespace, name, by: "kube-controller-manager") { set in
            set.set(["status", "replicas"], JSONValue(present.count))
            set.set(["status", "readyReplicas"], JSONValue(ready).omitted(if: ready == 0))
            set.set(["status", "availableReplicas"], JSONValue(ready).omitted(if: ready == 0))
            set.set(["status", "observedGeneration"], .integer(set.generation))
        }
    }
}
