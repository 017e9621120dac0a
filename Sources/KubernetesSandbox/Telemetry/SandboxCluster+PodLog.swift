import HTTPTypes
import JSON
import Timing

/// `pods/NAME/log`: what a container would have written, computed from what happened.
extension SandboxCluster {
    mutating func podLog(_ scope: RequestScope) throws(APIStatus) -> SandboxResponse {
        guard let pod = object("pods", scope.namespace, scope.name) else {
            throw .notFound(scope.resource, scope.name)
        }
        let options = try PodLogOptions(scope.request, now: now)
        let container = try Self.container(options.container, of: pod)
        guard pod["spec"]?["nodeName"] != nil else {
            return SandboxResponse(status: 204, contentType: "text/plain", body: [])
        }
        if options.previous {
            throw .badRequest(
                "previous terminated container \"\(container)\" in pod \"\(pod.name)\" not found")
        }
        guard let started = pod["status"]?["startTime"]?.string.flatMap(Timestamp.init(rfc3339:))
        else {
            throw .badRequest(
                "container \"\(container)\" in pod \"\(pod.name)\" is waiting to start: "
                    + "ContainerCreating")
        }
        settleTraffic()
        let log = ContainerLog(
            pod: pod, container: container, started: started.milliseconds,
            now: now.milliseconds, version: istioVersion, faults: faults,
            since: max(options.start, now.milliseconds - TrafficLedger.logReach))
        return SandboxResponse(
            contentType: "text/plain", body: options.body(log.lines(traffic?.ledger)))
    }

    /// The container that is meant (kubernetes `pkg/registry/core/pod/strategy.go:LogLocation`).
    private static func container(_ wanted: String?, of pod: JSONValue) throws(APIStatus) -> String
    {
        func names(_ list: String) -> [String] {
            (pod["spec"]?[list]?.array ?? []).compactMap { $0["name"]?.string }
        }
        let (main, initial) = (names("containers"), names("initContainers"))
        if let wanted {
            guard (main + initial).contains(wanted) else {
                throw .badRequest("container \(wanted) is not valid for pod \(pod.name)")
            }
            return wanted
        }
        guard main.count == 1, let only = main.first else {
            let others =
                initial.isEmpty
                ? ""
                : " or one of the init containers: [\(initial.joined(separator: " "))]"
            throw .badRequest(
                "a container name must be specified for pod \(pod.name), choose one of: "
                    + "[\(main.joined(separator: " "))]\(others)")
        }
        return only
    }
}
