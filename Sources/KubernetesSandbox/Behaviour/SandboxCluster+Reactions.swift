import JSON
import Timing

/// How long the cluster's parts take, in its own time.
enum Delays {
    static let controller = Duration.milliseconds(50)
    static let scheduling = Duration.milliseconds(100)
    static let start = Duration.seconds(1)
    static let ready = Duration.seconds(2)
    /// An injected proxy has to fetch its configuration first.
    static let readyWithSidecar = Duration.seconds(3)
    static let termination = Duration.seconds(1)
    static let job = Duration.seconds(5)
    static let capture = Duration.milliseconds(500)
    /// From a write until every proxy acts on it.
    static let propagation = Duration.seconds(2)
    static let namespaceCleanUp = Duration.seconds(2)
    static let retry = Duration.seconds(5)
    /// Where the sandbox is full: as long as a controller's back-off gets (client-go `DefaultControllerRateLimiter`).
    static let retryWhenFull = Duration.seconds(1000)
}

extension SandboxCluster {
    mutating func schedule(
        _ action: PendingEvent.Action, after delay: Duration, _ namespace: String, _ name: String,
        uid: String = ""
    ) {
        pending.add(action, at: now + delay, namespace, name, uid: uid)
    }

    /// What a write sets off.
    mutating func react(to change: SandboxChange) {
        let key = change.key
        guard let object = change.new ?? change.old else { return }
        if change.new == nil {
            schedule(.collectGarbage, after: Delays.controller, "", "", uid: object.uid)
        }
        switch key.resource {
        case "deployments.apps": wake(.deployment, key)
        case "statefulsets.apps": wake(.statefulSet, key)
        case "daemonsets.apps": wake(.daemonSet, key)
        case "jobs.batch": wake(.job, key)
        case "services": wake(.endpoints, key)
        case "replicasets.apps":
            wake(.replicaSet, key)
            wakeController(of: object)
        case "pods": react(toPod: object, change)
        case "namespaces": react(toNamespace: object, change)
        case "nodes":
            for set in list("daemonsets.apps") {
                schedule(.daemonSet, after: Delays.controller, set.namespaceName, set.name)
            }
            for pod in list("pods") where pod["spec"]?["nodeName"] == nil {
                schedule(
                    .podSchedule, after: Delays.scheduling, pod.namespaceName, pod.name,
                    uid: pod.uid)
            }
        default: break
        }
    }

    private mutating func wake(_ action: PendingEvent.Action, _ key: ObjectKey) {
        schedule(action, after: Delays.controller, key.namespace, key.name)
    }

    private mutating func wakeController(of object: JSONValue) {
        guard let owner = object.controllerReference, let name = owner["name"]?.string else {
            return
        }
        let action: PendingEvent.Action? =
            switch owner["kind"]?.string {
            case "Deployment": .deployment
            case "ReplicaSet": .replicaSet
            case "StatefulSet": .statefulSet
            case "DaemonSet": .daemonSet
            case "Job": .job
            default: nil
            }
        if let action { schedule(action, after: Delays.controller, object.namespaceName, name) }
    }

    private mutating func react(toPod pod: JSONValue, _ change: SandboxChange) {
        wakeController(of: pod)
        if change.new == nil, let set = pod.controllerReference?["name"]?.string,
            let owner = object("replicasets.apps", pod.namespaceName, set)
        {
            // A Deployment that recreates waits for the last pod to be gone.
            wakeController(of: owner)
        }
        if change.old == nil {
            schedule(
                .podSchedule, after: Delays.scheduling, pod.namespaceName, pod.name, uid: pod.uid)
        }
        if let new = change.new, new.isTerminating, change.old?.isTerminating != true {
            schedule(
                .podRemove, after: Delays.termination, new.namespaceName, new.name, uid: new.uid)
        }
        let served = LabelsAndReadiness(change.old) != LabelsAndReadiness(change.new)
        if served {
            for service in list("services", in: pod.namespaceName) {
                schedule(.endpoints, after: Delays.controller, service.namespaceName, service.name)
            }
        }
        if served, change.new != nil {
            schedule(.ambient, after: Delays.capture, pod.namespaceName, pod.name)
            // A ztunnel that comes or goes is a matter for every pod of its node.
            if Istio.isZtunnel(pod) {
                schedule(.ambient, after: Delays.capture, "", "")
            }
        }
    }

    private mutating func react(toNamespace namespace: JSONValue, _ change: SandboxChange) {
        guard let new = change.new else { return }
        if change.old?.labels != new.labels {
            schedule(.ambient, after: Delays.capture, new.name, "")
        }
        if change.old == nil { schedule(.namespace, after: Delays.controller, "", new.name) }
        if new.isTerminating {
            schedule(.namespaceCleanUp, after: Delays.namespaceCleanUp, "", new.name)
        }
    }

    mutating func perform(_ event: PendingEvent) {
        let (namespace, name) = (event.namespace, event.name)
        switch event.action {
        case .deployment: reconcileDeployment(namespace, name)
        case .replicaSet: reconcileReplicaSet(namespace, name)
        case .statefulSet: reconcileStatefulSet(namespace, name)
        case .daemonSet: reconcileDaemonSet(namespace, name)
        case .job: reconcileJob(namespace, name)
        case .endpoints: reconcileEndpoints(namespace, name)
        case .ambient: reconcileAmbient(namespace, name)
        case .namespace: makeDefaults(in: name)
        case .namespaceCleanUp: emptyNamespace(name)
        case .podSchedule: schedulePod(namespace, name, event.uid)
        case .podStart: startPod(namespace, name, event.uid)
        case .podReady: makePodReady(namespace, name, event.uid)
        case .podRequest: makeRequest(namespace, name, event.uid)
        case .podTimeout: endRequest(namespace, name, event.uid)
        case .podFinish: finishPod(namespace, name, event.uid)
        case .podRemove: removePod(namespace, name, event.uid)
        case .collectGarbage: collectGarbage(ownedBy: event.uid)
        }
    }

    private mutating func collectGarbage(ownedBy uid: String) {
        for (resource, object) in dependents(of: uid) { erase(object, resource) }
    }
}

/// The part of a pod that Services and istio-cni look at.
private struct LabelsAndReadiness: Equatable {
    let labels: [String: String]
    let isReady: Bool
    let phase: String
    let isTerminating: Bool

    init?(_ pod: JSONValue?) {
        guard let pod else { return nil }
        labels = pod.labels
        isReady = pod.isReadyPod
        phase = pod.podPhase
        isTerminating = pod.isTerminating
    }
}
