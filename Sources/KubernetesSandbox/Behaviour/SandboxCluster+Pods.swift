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
            // It is tried again when a node changes (`react`), not every few seconds for days.
            guard !nodes.isEmpty else { return }
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
        let delay = Istio.hasSidecar(pod) ? Delays.readyWithSidecar : Delays.ready
        if CurlCommand(of: pod) != nil {
            // By then it is captured, or its sidecar is ready.
            schedule(.podRequest, after: delay, namespace, name, uid: uid)
        } else if Self.isMeantToEnd(pod) {
            schedule(.podFinish, after: Delays.job, namespace, name, uid: uid)
        }
        guard pod.annotations[Self.neverReady] != "true" else { return }
        schedule(.podReady, after: delay, namespace, name, uid: uid)
    }

    mutating func makePodReady(_ namespace: String, _ name: String, _ uid: String) {
        guard let pod = pod(namespace, name, uid), !pod.isTerminating, pod.podPhase == "Running",
            !faults.keepsUnready(pod), !pod.hasEndedContainer
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
        for container in pod["spec"]?["containers"]?.array ?? [] {
            endContainer(container["name"]?.string ?? "", of: pod, exitCode: 0)
        }
    }

    /// A container's process ends and is not started again; with the last of them the pod ends.
    mutating func endContainer(_ name: String, of pod: JSONValue, exitCode: Int) {
        let time = now.rfc3339
        modifyPod(pod, by: "kubelet") { pod in
            pod.end(name, exitCode, at: time)
            let codes = pod.exitCodes
            let reason: String
            if codes.contains(nil) {
                reason = "ContainersNotReady"
            } else {
                let hasFailed = codes.contains { $0 != 0 }
                pod.set(["status", "phase"], hasFailed ? "Failed" : "Succeeded")
                reason = hasFailed ? "PodFailed" : "PodCompleted"
            }
            pod.setCondition("Ready", "False", at: time, reason: reason)
            pod.setCondition("ContainersReady", "False", at: time, reason: reason)
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

    /// Processes run since the pod was started, whatever becomes of their readiness, until they end; those of
    /// init containers that are no sidecars have ended by then.
    fileprivate mutating func setContainerStatuses(ready: Bool) {
        let since = self["status"]?["startTime"] ?? .null
        func status(_ container: JSONValue, _ ready: Bool, isOver: Bool) -> JSONValue {
            let ended: JSONValue = [
                "exitCode": 0, "reason": "Completed", "startedAt": since, "finishedAt": since,
            ]
            return [
                "name": container["name"] ?? "", "image": container["image"] ?? "",
                "imageID": "", "restartCount": 0, "ready": .bool(ready),
                "started": .bool(ready && !isOver),
                "state": isOver ? ["terminated": ended] : ["running": ["startedAt": since]],
            ]
        }
        let main = self["spec"]?["containers"]?.array ?? []
        set(
            ["status", "containerStatuses"],
            .array(main.map { status($0, ready, isOver: false) }))
        let initial = self["spec"]?["initContainers"]?.array ?? []
        if !initial.isEmpty {
            set(
                ["status", "initContainerStatuses"],
                .array(
                    initial.map {
                        let isOver = $0["restartPolicy"] == nil
                        return status($0, ready || isOver, isOver: isOver)
                    }))
        }
    }

    fileprivate mutating func end(_ container: String, _ exitCode: Int, at time: String) {
        let statuses = self["status"]?["containerStatuses"]?.array ?? []
        let changed = statuses.map { status -> JSONValue in
            guard status["name"]?.string == container else { return status }
            var status = status
            status["state"] = [
                "terminated": [
                    "exitCode": JSONValue(exitCode),
                    "reason": exitCode == 0 ? "Completed" : "Error",
                    "startedAt": status[path: "state", "running", "startedAt"] ?? .null,
                    "finishedAt": .string(time),
                ]
            ]
            (status["ready"], status["started"]) = (false, false)
            return status
        }
        set(["status", "containerStatuses"], .array(changed))
    }

    /// Of its containers, without the initial ones; nil for one that runs.
    fileprivate var exitCodes: [Int?] {
        (self["status"]?["containerStatuses"]?.array ?? []).map {
            $0[path: "state", "terminated", "exitCode"].map { $0.int(0) }
        }
    }

    fileprivate var hasEndedContainer: Bool { exitCodes.contains { $0 != nil } }
}
