import JSON

extension SandboxCluster {
    /// The faults that are on, oldest first.
    package var presentFaults: [Fault] { faults.present }

    /// Switches a fault on. Throws where it would meet nothing.
    package mutating func switchOn(_ fault: Fault) throws(FaultError) {
        try check(fault)
        settleTraffic()
        faults.add(fault, at: now)
        traffic?.forgetPresent()
        followFaults()
    }

    /// Switches faults off: all, or one.
    ///
    /// - Parameter fault: without arguments it stands for all of its kind.
    /// - Returns: how many were on.
    @discardableResult
    package mutating func switchOff(_ fault: Fault?) -> Int {
        settleTraffic()
        let count = faults.clear(fault, at: now)
        traffic?.forgetPresent()
        followFaults()
        return count
    }

    private func check(_ fault: Fault) throws(FaultError) {
        switch fault.kind {
        case .ztunnelNotReady, .xdsErrors, .certificateErrors:
            let nodes = list("nodes").map(\.name)
            guard fault.arguments.allSatisfy(nodes.contains) else {
                throw FaultError(why: "the nodes are \(nodes.joined(separator: ", "))")
            }
        case .resets, .resetsUnderStrict:
            let flows = traffic?.ledger.flows ?? []
            guard flows.contains(where: fault.isAbout) else {
                let known = flows.map { "\($0.client.text) \($0.target.text)" }
                throw FaultError(
                    why: "there is no such traffic; there is "
                        + (known.isEmpty ? "none" : known.joined(separator: ", ")))
            }
        default: break
        }
    }

    /// Running pods lose their readiness, or get it back.
    private mutating func followFaults() {
        for pod in list("pods") where pod.podPhase == "Running" && !pod.isTerminating {
            let isKept = faults.keepsUnready(pod)
            if isKept, pod.isReadyPod {
                makePodUnready(pod)
            } else if !isKept, !pod.isReadyPod, pod.annotations[Self.neverReady] != "true" {
                schedule(
                    .podReady, after: Delays.ready, pod.namespaceName, pod.name, uid: pod.uid)
            }
        }
    }
}
