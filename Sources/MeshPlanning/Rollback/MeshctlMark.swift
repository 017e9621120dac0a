import MeshModel

/// What the cluster itself shows of who made something: the labels of what meshctl creates, and the field
/// manager `meshctl/PLAN` of each of its writes. Neither needs a journal or a plan file.
enum MeshctlMark {
    /// The plan that a policy's modes come from; nil where they are somebody else's.
    ///
    /// An adopted policy is its owner's, but a mode that meshctl was the last to write is meshctl's.
    static func plan(of policy: PeerAuthentication) -> String? {
        if isMade(policy.meta) { return policy.meta.labels[LabelKeys.plan] ?? "" }
        return plan(
            settingAny: [["spec", "mtls", "mode"], ["spec", "portLevelMtls"]], in: policy.meta)
    }

    /// Whether meshctl created the object, rather than adopted it.
    static func isMade(_ meta: ObjectMeta) -> Bool {
        meta.labels[LabelKeys.managedBy] == LabelKeys.managedByMeshctl
    }

    /// The plan by which meshctl set one of these labels of a namespace.
    static func plan(settingLabels keys: [String], of meta: ObjectMeta) -> String? {
        plan(
            settingAny: keys.filter { meta.labels[$0] != nil }.map { ["metadata", "labels", $0] },
            in: meta)
    }

    /// Whether nobody but the plan's own server-side apply owns the spec: a change by the same way then meets
    /// no conflict, and leaves the fields with the plan.
    static func isAppliedByPlanAlone(_ meta: ObjectMeta) -> Bool {
        let manager = prefix + (meta.labels[LabelKeys.plan] ?? "")
        return isMade(meta)
            && meta.managedFields.filter { $0.owns(["spec"]) }
                .allSatisfy { $0.manager == manager && $0.operation == .apply }
    }

    private static func plan(settingAny paths: [[String]], in meta: ObjectMeta) -> String? {
        meta.managedFields.first { entry in
            entry.manager.hasPrefix(prefix) && paths.contains(where: entry.owns)
        }.map { String($0.manager.dropFirst(prefix.count)) }
    }

    private static let prefix = "meshctl/"
}
