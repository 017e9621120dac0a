package import Diagnostics
import MeshModel

/// istio-cni takes running pods into the ambient mesh, and out of it, without a restart; their open TCP
/// connections break at that moment (istio#48876, #59729).
package enum CaptureCutsConnections: Hazard {
    /// It names the step.
    package static let isAboutOrder = true

    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        var restarted: Set<WorkloadID> = []
        var labelled: [String: StepID] = [:]
        for step in context.rollout.steps {
            switch step.change {
            case .restart(let restart): restarted.insert(restart.workload)
            case .labels(let change) where change.after.keys.contains(LabelKeys.dataplaneMode):
                labelled[change.namespace] = step.id
            case .labels, .policy, .traffic: break
            }
        }
        var entering: [String: [Pod]] = [:]
        var leaving: [String: [Pod]] = [:]
        for (old, new) in zip(context.observed.pods, context.reached.pods)
        where old.isLive && labelled[old.meta.namespace] != nil {
            let controller = context.now.workloads.controller(of: old)
            if let controller, restarted.contains(controller) { continue }
            switch (old.dataplane, new.dataplane) {
            case (.none, .ambient): entering[old.meta.namespace, default: []].append(old)
            case (.ambient, .none): leaving[old.meta.namespace, default: []].append(old)
            default: break
            }
        }
        return labelled.sorted { $0.value < $1.value }.flatMap { namespace, step in
            [(entering, "entering"), (leaving, "leaving")].compactMap { pods, verb in
                pods[namespace].map { diagnostic(namespace, step, verb, $0, context) }
            }
        }
    }

    private static func diagnostic(
        _ namespace: String, _ step: StepID, _ verb: String, _ pods: [Pod],
        _ context: HazardContext
    ) -> Diagnostic {
        let names = HazardWords.workloads(of: pods, in: context.now)
        return Diagnostic(
            .captureCutsConnections, .note,
            "step \(step.number) cuts the open TCP connections of \(HazardWords.count(pods.count, "pod")) "
                + "\(verb) the ambient mesh in \(namespace)",
            detail:
                "They are of \(HazardWords.list(names)). Clients that keep connections open, such as "
                + "database pools, have to connect again; those that do not by themselves need a restart."
        )
    }
}
