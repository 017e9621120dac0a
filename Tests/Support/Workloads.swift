package import MeshModel

/// A Deployment with its ReplicaSet and its running pods.
package func deployment(
    _ path: String, labels: [String: String] = [:], annotations: [String: String] = [:],
    plane: PodDataplane = .none, replicas: Int = 2, podsAtOnce: Int = 1, isPaused: Bool = false,
    updateStrategy: String = "RollingUpdate"
) -> MeshPart {
    let (namespace, name) = split(path)
    var part = workload(
        .deployment, path, labels: labels, annotations: annotations, replicas: replicas,
        podsAtOnce: podsAtOnce, isPaused: isPaused, updateStrategy: updateStrategy)
    let replicaSet = workload(
        .replicaSet, "\(namespace)/\(name)-rs", labels: labels, annotations: annotations,
        replicas: replicas, owner: OwnerReference(kind: "Deployment", name: name))
    part.workloads += replicaSet.workloads
    part.pods = pods(
        replicas, of: OwnerReference(kind: "ReplicaSet", name: "\(name)-rs"), in: namespace,
        named: name, labels: labels, annotations: annotations, plane: plane)
    return part
}

/// A StatefulSet, DaemonSet, Job or CronJob that owns its pods itself.
package func controller(
    _ kind: WorkloadKind, _ path: String, labels: [String: String] = [:],
    plane: PodDataplane = .none, replicas: Int = 2, updateStrategy: String = "RollingUpdate",
    partition: Int = 0, owner: OwnerReference? = nil
) -> MeshPart {
    let (namespace, name) = split(path)
    var part = workload(
        kind, path, labels: labels, replicas: replicas, updateStrategy: updateStrategy,
        partition: partition, owner: owner)
    part.pods = pods(
        replicas, of: OwnerReference(kind: kind.rawValue, name: name), in: namespace, named: name,
        labels: labels, plane: plane)
    return part
}

/// A pod that no controller made, unless `owner` says otherwise.
package func pod(
    _ path: String, labels: [String: String] = [:], annotations: [String: String] = [:],
    plane: PodDataplane = .none, owner: OwnerReference? = nil, phase: String = "Running",
    nodeName: String = "node-1", hostNetwork: Bool = false, isTerminating: Bool = false
) -> MeshPart {
    let (namespace, name) = split(path)
    var annotations = annotations
    if plane == .ambient { annotations[LabelKeys.ambientRedirection] = "enabled" }
    var labels = labels
    if plane == .sidecar {
        annotations[LabelKeys.sidecarStatus] = "{}"
        labels[LabelKeys.tlsMode] = "istio"
    }
    var containers = [Container(name: "app")]
    if plane == .sidecar { containers.append(Container(name: "istio-proxy")) }
    var part = MeshPart()
    part.pods = [
        Pod(
            meta: ObjectMeta(
                name: name, namespace: namespace, uid: "pod-\(path)", labels: labels,
                annotations: annotations, isTerminating: isTerminating),
            owner: owner, hostNetwork: hostNetwork, nodeName: nodeName, phase: phase,
            containers: containers)
    ]
    return part
}

private func pods(
    _ count: Int, of owner: OwnerReference, in namespace: String, named name: String,
    labels: [String: String], annotations: [String: String] = [:], plane: PodDataplane
) -> [Pod] {
    (0..<count).flatMap {
        pod(
            "\(namespace)/\(name)-\($0)", labels: labels, annotations: annotations, plane: plane,
            owner: owner
        ).pods
    }
}

private func workload(
    _ kind: WorkloadKind, _ path: String, labels: [String: String],
    annotations: [String: String] = [:], replicas: Int, podsAtOnce: Int = 1,
    isPaused: Bool = false, updateStrategy: String = "", partition: Int = 0,
    owner: OwnerReference? = nil
) -> MeshPart {
    let (namespace, name) = split(path)
    var part = MeshPart()
    part.workloads = [
        Workload(
            kind: kind,
            meta: ObjectMeta(
                name: name, namespace: namespace, uid: "\(kind.rawValue)-\(path)",
                resourceVersion: "1"),
            template: PodTemplate(labels: labels, annotations: annotations), owner: owner,
            isPaused: isPaused, updateStrategy: updateStrategy, partition: partition,
            replicas: replicas, podsAtOnce: podsAtOnce)
    ]
    return part
}
