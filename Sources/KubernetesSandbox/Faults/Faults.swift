import HTTPTypes
import JSON
import Timing

/// The faults of a sandbox: those that are on, and for a day those that were, since logs tell of them.
struct Faults: Sendable, Codable, Equatable {
    private(set) var all: [Fault] = []

    var present: [Fault] { all.filter { $0.until == nil } }

    /// Switches one on, unless the same one is.
    mutating func add(_ fault: Fault, at now: Timestamp) {
        guard !present.contains(where: { $0.text == fault.text }) else { return }
        var fault = fault
        fault.since = now.milliseconds
        all.append(fault)
    }

    /// Switches off what is on: everything, or one fault with these arguments, or with any where none are given.
    ///
    /// - Returns: how many there were.
    mutating func clear(_ fault: Fault?, at now: Timestamp) -> Int {
        var count = 0
        for (number, present) in all.enumerated() where present.until == nil {
            if let fault {
                guard fault.kind == present.kind,
                    fault.arguments.isEmpty || fault.arguments == present.arguments
                else { continue }
            }
            all[number].until = now.milliseconds
            count += 1
        }
        all.removeAll { $0.until.map { $0 < now.milliseconds - TrafficLedger.logReach } == true }
        return count
    }

    /// The first API fault that this request meets, which counts it.
    mutating func meet(_ request: SandboxRequest) -> Fault? {
        for (number, fault) in all.enumerated() where fault.until == nil {
            guard Self.apiFaults.contains(fault.kind), let requests = fault.requests,
                requests.count.map({ fault.met < $0 }) ?? true,
                requests.methods.isEmpty || requests.methods.contains(request.method.rawValue),
                request.path.hasPrefix(requests.prefix)
            else { continue }
            all[number].met += 1
            return fault
        }
        return nil
    }

    private static let apiFaults: Set<Fault.Kind> = [
        .apiStatus, .apiReset, .apiSlow, .lostResponses,
    ]

    /// - Parameter kind: one of the two that refuse traffic.
    func refuse(_ flow: TrafficFlow, _ kind: Fault.Kind) -> Bool {
        present.contains { $0.kind == kind && $0.isAbout(flow) }
    }

    /// Whether a pod that would be ready is kept from it.
    func keepsUnready(_ pod: JSONValue) -> Bool {
        present.contains { fault in
            switch fault.kind {
            case .ztunnelNotReady:
                Istio.isZtunnel(pod) && pod["spec"]?["nodeName"]?.string == fault.arguments.first
            case .dnsDown: pod.labels["k8s-app"] == "kube-dns"
            case .podsNeverReady:
                "\(pod.namespaceName)/\(pod.workloadName)" == fault.arguments.first
                    && (pod.createdAt.map { $0.milliseconds >= fault.since / 1000 * 1000 } ?? false)
            default: false
            }
        }
    }
}

extension Fault {
    /// `resets FROM TO`: the client's workload, and the Service or pod with or without its port.
    func isAbout(_ flow: TrafficFlow) -> Bool {
        guard arguments.count == 2, arguments[0] == flow.client.text else { return false }
        let target = flow.target.text
        return arguments[1] == target || arguments[1] == "\(target):\(flow.target.port)"
    }

    /// Whether it concerns what runs on this node.
    func isOn(node: String) -> Bool { arguments.isEmpty || arguments.first == node }
}

extension JSONValue {
    /// The workload that a pod belongs to: the Deployment of its ReplicaSet, else its controller, else itself.
    var workloadName: String {
        guard let owner = controllerReference, let name = owner["name"]?.string else {
            return self.name
        }
        if owner["kind"] == "ReplicaSet", let hash = labels["pod-template-hash"],
            name.hasSuffix("-" + hash)
        {
            return String(name.dropLast(hash.count + 1))
        }
        return name
    }
}
