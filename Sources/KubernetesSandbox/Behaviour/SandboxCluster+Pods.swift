import JSON
import Timing

/// The life of a pod: scheduled, started, ready, and in the end gone.
extension SandboxCluster {
    private static let pods = SandboxResource.named("pods")

    /// Pods with this annotation set to `true` start and never become ready, as one whose probe fails.
    static let neverReady = "sandbox.meshctl.dev/never-ready"

    private func pod(_ namespace: String, _ name: String, _ uid: String) -> JSONValue? {
        guard let pod = object("pods", namespace, name), pod.uid == uid else { return nil }
        return pod
    }

    private mutating func modifyPod(
        _ pod: JSONValue, by manager: String, _ change: (inout JSONValue) -> Void
    ) {
        modify(Self.pods, pod.namespaceName, pod.name, by: manager, change)
    }

    mutating func schedulePod(_ namespace: String, _ name: String, _ uid: String) {
        guard let pod = pod(namespace, name, uid), !pod.isTerminating else { return }
        let time = now.rfc3339
        if pod["spec"]?["nodeName"] == nil {
            let nodes = list("nodes").filter { $0["spec"]?["unschedulable"] != true }.map(\.name)
            guard !nodes.isEmpty else {
                schedule(.podSchedule, after: Delays.retry, namespace, name, uid: uid)
                return
            }
            let node = nodes[addresses.placement(among: nodes.count)]
            // Binding is a subresource of its own: it is no update that anybody owns.
            var bound = pod
            bound.set(["spec", "nodeName"], .string(node))
            bound.setCondition("PodScheduled", "True", at: time)
            put(bound, Self.pods)
        } else {
            modifyPod(pod, by: "kubelet") { $0.setCondition("PodScheduled", "True", at: time) }
        }
        schedule(.podStart, after: Delays.start, namespace, name, uid: uid)
    }

    mutating func startPod(_ namespace: String, _ name: String, _ uid: String) {
        guard let pod = pod(namespace, name, uid), !pod.isTerminating, pod.podPhase == "Pending"
        else { return }
        let time = now.rfc3339
        let node = pod["spec"]?["nodeName"]?.string ?? ""
        let host = object("nodes", "", node)?.nodeAddress ?? "192.168.1.1"
        let address = pod.isHostNetwork ? host : addresses.podAddress()
        modifyPod(pod, by: "kubelet") { pod in
            pod.set(["status", "phase"], "Running")
            pod.set(["status", "hostIP"], .string(host))
            pod.set(["status", "podIP"], .string(address))
            pod.set(["status", "podIPs"], [["ip": .string(address)]])
            pod.set(["status", "startTime"], .string(time))
            pod.setCondition("Initialized", "True", at: time)
            pod.setCondition("Ready", "False", at: time, reason: "ContainersNotReady")
            pod.setCondition("ContainersReady", "False", at: time, reason: "ContainersNotReady")
            pod.setContainerStatuses(ready: false)
        }
        if Self.isMeantToEnd(pod) {
            schedule(.podFinish, after: Delays.job, namespace, name, uid: uid)
        }
        guard pod.annotations[Self.neverReady] != "true" else { return }
        let delay = Istio.hasSidecar(pod) ? Delays.readyWithSidecar : Delays.ready
        schedule(.podReady, after: delay, namespace, name, uid: uid)
    }

    mutating func makePodReady(_ namespace: String, _ name: String, _ uid: String) {
        guard let pod = pod(namespace, name, uid), !pod.isTerminating, pod.podPhase == "Running",
            !faults.keepsUnready(pod)
        else { return }
        let time = now.rfc3339
        modifyPod(pod, by: "kubelet") { pod in
            pod.setCondition("Ready", "True", at: time)
            pod.setCondition("ContainersReady", "True", at: time)
            pod.setContainerStatuses(ready: true)
        }
    }

    /// Its readiness probe fails from now on.
    mutating func makePodUnready(_ pod: JSONValue) {
        let time = now.rfc3339
        modifyPod(pod, by: "kubelet") { pod in
            pod.setCondition("Ready", "False", at: time, reason: "ContainersNotReady")
            pod.setCondition("ContainersReady", "False", at: time, reason: "ContainersNotReady")
            pod.setContainerStatuses(ready: false)
        }
    }

    /// A job's pod ends when its work is done, unless an ordinary (not native) sidecar runs on.
    mutating func finishPod(_ namespace: String, _ name: String, _ uid: String) {
        guard let pod = pod(namespace, name, uid), !pod.isTerminating, pod.podPhase == "Running",
            !Istio.hasOrdinarySidecar(pod)
        else { return }
        let time = now.rfc3339
        modifyPod(pod, by: "kubelet") { pod in
            pod.set(["status", "phase"], "Succeeded")
            pod.setCondition("Ready", "False", at: time, reason: "PodCompleted")
            pod.setCondition("ContainersReady", "False", at: time, reason: "PodCompleted")
            pod.setContainerStatuses(ready: false)
        }
    }

    mutating func removePod(_ namespace: String, _ name: String, _ uid: String) {
        guard let pod = pod(namespace, name, uid), pod.isTerminating,
            pod.metadata["finalizers"]?.array?.isEmpty ?? true
        else { return }
        remove(pod, Self.pods)
    }

    private static func isMeantToEnd(_ pod: JSONValue) -> Bool {
        let policy = pod["spec"]?["restartPolicy"]?.string
        return policy == "Never" || policy == "OnFailure"
    }
}

extension JSONValue {
    /// `InternalIP` of a node.
    fileprivate var nodeAddress: String? {
        self["status"]?["addresses"]?.array?.first { $0["type"] == "InternalIP" }?["address"]?
            .string
    }

    /// Processes run since the pod was started, whatever becomes of their readiness.
    fileprivate mutating func setContainerStatuses(ready: Bool) {
        let since = self["status"]?["startTime"] ?? .null
        func status(_ container: JSONValue, ready: Bool) -> JSONValue {
            [
                "name": container["name"] ?? "", "image": container["image"] ?? "",
                "imageID": "", "restartCount": 0, "ready": .bool(ready), "started": .bool(ready),
                "state": ["running": ["startedAt": since]],
            ]
        }
        let main = self["spec"]?["containers"]?.array ?? []
        set(["status", "containerStatuses"], .array(main.map { status($0, ready: ready) }))
        let initial = self["spec"]?["initContainers"]?.array ?? []
        if !initial.isEmpty {
            set(
                ["status", "initContainerStatuses"],
                .array(initial.map { status($0, ready: ready || $0["restartPolicy"] == nil) }))
        }
    }
}
