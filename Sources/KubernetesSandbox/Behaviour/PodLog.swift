import JSON

/// What a pod of the sandbox has logged: that it started, in the words of its program.
enum PodLog {
    static func lines(of pod: JSONValue) -> [String] {
        guard let started = pod["status"]?["startTime"]?.string else { return [] }
        let time = started.replacing("Z", with: ".000000Z")
        if Istio.isZtunnel(pod) {
            return [
                "\(time)\tinfo\tztunnel\tversion: istio ztunnel",
                "\(time)\tinfo\txds::client:xds{id=1}\tStream established",
                "\(time)\tinfo\treadiness\tTask 'state manager' complete, marking server ready",
            ]
        }
        return ["\(time) \(pod.name) started"]
    }
}
