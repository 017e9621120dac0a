import Foundation
import JSON
import MeshModel
import MeshPlanning
import MeshResources
import Timing

/// The pod of a probe: what is asked of the API server, and what it then says of it.
struct ProbePod {
    static let container = "probe"
    static let namePrefix = "meshctl-probe-"
    static let labels = [LabelKeys.managedBy: LabelKeys.managedByMeshctl, LabelKeys.probe: "true"]
    static let selector = labels.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ",")

    var name: String
    var created: Timestamp?
    /// For how long it may run.
    var lifeSeconds: Int64
    private var object: JSONValue

    init?(_ object: JSONValue) {
        guard let name = object[path: "metadata", "name"]?.string, !name.isEmpty else { return nil }
        self.name = name
        self.object = object
        created = object[path: "metadata", "creationTimestamp"]?.string
            .flatMap { Timestamp(rfc3339: $0) }
        lifeSeconds = object[path: "spec", "activeDeadlineSeconds"]?.integer ?? 0
    }

    /// What is waited for besides the request: scheduling, the image, a sidecar.
    static let start = Duration.seconds(60)

    /// What curl may write of a body, in bytes. Before curl 8.4 this holds only where the server says the size.
    static let bodyBytes = 65_536

    /// Pod Security's level `restricted` lets it in (kubernetes.io, "Pod Security Standards"). The user's number
    /// is there since kubelet cannot tell whether an image's user by name is root.
    static func manifest(of probe: ProbeRequest) -> JSONValue {
        let life =
            probe.timeoutMilliseconds.addingClamped(999) / 1000 + 2 * start.components.seconds
        let resources: JSONValue = ["cpu": "100m", "memory": "64Mi"]
        return [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "generateName": .string(namePrefix), "namespace": .string(probe.namespace),
                "labels": JSONValue(labels),
                // Without it, curl starts before a sidecar that is no init container can carry it.
                "annotations": [
                    "proxy.istio.io/config": #"{"holdApplicationUntilProxyStarts": true}"#
                ],
            ],
            "spec": [
                "restartPolicy": "Never", "activeDeadlineSeconds": .integer(life),
                "terminationGracePeriodSeconds": 1, "automountServiceAccountToken": false,
                "enableServiceLinks": false,
                "serviceAccountName": .string(probe.serviceAccount),
                "securityContext": [
                    "runAsNonRoot": true, "runAsUser": 65534, "runAsGroup": 65534,
                    "seccompProfile": ["type": "RuntimeDefault"],
                ],
                "containers": [
                    [
                        "name": .string(container), "image": .string(probe.image),
                        "command": .array(command(of: probe).map(JSONValue.string)),
                        "resources": ["requests": resources, "limits": resources],
                        "securityContext": [
                            "allowPrivilegeEscalation": false, "privileged": false,
                            "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]],
                        ],
                    ]
                ],
            ],
        ]
    }

    /// curl without the image's settings and proxies. The body is kept only where it can tell who refused.
    private static func command(of probe: ProbeRequest) -> [String] {
        let milliseconds = max(1, probe.timeoutMilliseconds)
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        let output =
            probe.expects == .refused
            ? ["--output", "-", "--max-filesize", String(bodyBytes)] : ["--output", "/dev/null"]
        let arguments =
            [
                "curl", "--disable", "--silent", "--show-error", "--globoff", "--noproxy", "*",
                "--max-time", "\(milliseconds / 1000).\(fraction)",
            ] + output + ["--write-out", ProbeOutcome.writeOut, "--url", probe.url]
        // Kubernetes puts variables for `$(NAME)`, and takes `$$` for a dollar.
        return arguments.map {
            $0.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
        }
    }

    /// curl's exit code, as soon as its container has ended: a sidecar may never end.
    var exitCode: Int? {
        let statuses = object[path: "status", "containerStatuses"]?.array ?? []
        return statuses.first { $0["name"]?.string == Self.container }?[
            path: "state", "terminated", "exitCode"]?.integer.flatMap { Int(exactly: $0) }
    }

    /// Whether it has ended, as by eviction, and does not say how curl did.
    var hasEndedOtherwise: Bool {
        let phase = object[path: "status", "phase"]?.string
        return exitCode == nil && (phase == "Succeeded" || phase == "Failed")
    }

    /// What it waits for, or why it failed: `ImagePullBackOff: Back-off pulling image`.
    var standing: String {
        let statuses = ["initContainerStatuses", "containerStatuses"].flatMap {
            object[path: "status", $0]?.array ?? []
        }
        let conditions = object[path: "status", "conditions"]?.array ?? []
        let places =
            [object["status"]].filter { $0?["reason"]?.string != nil }
            + statuses.map { $0[path: "state", "waiting"] }.filter {
                $0?["reason"]?.string != "PodInitializing"
            } + conditions.filter { $0["status"]?.string == "False" }
        for case let place? in places {
            let words = ["reason", "message"].compactMap { place[$0]?.string }
            if !words.isEmpty { return words.joined(separator: ": ") }
        }
        return "phase \(object[path: "status", "phase"]?.string ?? "unknown")"
    }

    /// As the model has it.
    var pod: Pod? {
        try? JSONDecoder().decode(PodResource.self, from: Data(object.canonicalBytes)).pod
    }

    /// Whether it is one that a process left when it ended: its time was over before another began. Both
    /// times are the API server's.
    func isLeft(before other: ProbePod) -> Bool {
        guard name != other.name, let created, let start = other.created else { return false }
        return created + .seconds(lifeSeconds) + Self.start < start
    }
}
