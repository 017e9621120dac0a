package import MeshModel

/// `meshctl explain NAMESPACE/KIND/NAME[:PORT]`: what handles a workload's traffic, which policies decide, and
/// what each kind of client meets there.
package struct WorkloadExplanationReport: Report {
    package let formatVersion = "1.0"
    package let kind = "WorkloadExplanation"
    /// As asked.
    package var workload: String
    /// The enforced mode of the ports that are told; `NONE` where nothing enforces, `mixed` where they differ.
    package var mode: String
    /// Pods that are alike in all that is told stand together.
    package var pods: [PodGroupEntry]
    /// Why a Service has no pods; absent where there are any.
    package var reason: String?
    /// The plan that `stages` are of; absent without a plan file.
    package var plan: String?
    /// What becomes of it after each stage; absent without a plan file.
    package var stages: [WorkloadStageEntry]?
    package var assumptions: [String]

    /// Of a pod, or of a controller's pods.
    ///
    /// - Parameter port: a container port; nil for all that are known.
    package init(workload: String, pods: [Pod], port: Int?, index: FlowIndex) {
        self.init(
            workload: workload, pods, index: index,
            wanted: port.map { .container($0) } ?? .known)
    }

    /// Of the pods behind a Service's ports.
    package init(
        workload: String, service: Service, ports: [ServicePort], index: FlowIndex
    ) {
        let endpoints = ports.flatMap { index.endpoints(of: service, port: $0) }
        var found: [String: Pod] = [:]
        for pod in endpoints.compactMap(\.pod) { found[pod.text] = pod }
        let pods = found.values.sorted { $0.text < $1.text }
        self.init(
            workload: workload, pods, index: index, wanted: .service(service, ports))
        if pods.isEmpty {
            // Addresses that are no pod's have no data plane.
            let why: FlowReason =
                service.isExternalName
                ? .externalName : endpoints.isEmpty ? .noEndpoints : .noEnforcement
            reason = why.rawValue
        }
        assumptions += FlowAssumptions.ofService(
            service, isAwaiting: pods.contains(where: \.isTemplate), index)
        assumptions.sort()
    }

    private init(
        workload: String, _ pods: [Pod], index: FlowIndex, wanted: PodGrouping.Wanted
    ) {
        self.workload = workload
        self.pods = PodGrouping(pods, index: index, wanted: wanted).entries
        let modes = Set(self.pods.flatMap(\.ports).map(\.mode))
        mode =
            modes.count > 1
            ? FlowExplanationReport.mixed : modes.first ?? EnforcedMode.none
        assumptions = FlowAssumptions.ofServers(pods, index)
    }
}
